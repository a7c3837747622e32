// Instances that arrive in an archive are forwarded once: across restarts, indexes that are made again, removals and full queues.

import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '@x/cli/logger';
import { createScp, decodeDataSet, Status, serve, storage, type UntypedDataSet } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { type InstanceArchive, openInstanceArchive } from '../instances/instance-archive.ts';
import type { Options } from '../options.ts';
import { type Deliveries, openDeliveries } from './deliveries.ts';
import type { Destination, ForwardRules, Rule } from './forward-rules.ts';

let folder: string;
let archive: InstanceArchive | undefined;
let deliveries: Deliveries | undefined;
const closed: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forwarding-'));
});
afterEach(async () => {
  await stop();
  for (const close of closed.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

async function stop(): Promise<void> {
  await deliveries?.[Symbol.asyncDispose]();
  await archive?.[Symbol.asyncDispose]();
  deliveries = undefined;
  archive = undefined;
}

const lines: string[] = [];
const logger = createLogger({
  ...{ verbosity: 0, format: 'json' },
  stderr: new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
});

/** A peer that records what it keeps: once, as an archive does. */
async function peer(port = 0, reply: () => number = () => Status.Success) {
  const requests: string[] = [];
  const kept = new Map<string, UntypedDataSet>();
  const service = serve(
    storage,
    {
      async store({ sopInstance, data, transferSyntax }) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of data) chunks.push(Uint8Array.from(chunk));
        requests.push(sopInstance);
        const status = reply();
        if (status === Status.Success) kept.set(sopInstance, decodeDataSet(Buffer.concat(chunks), transferSyntax));
        return status;
      },
    },
    { otherSopClasses: () => true },
  );
  const scp = createScp({ aeTitle: 'PACS', services: [service] });
  const listener = await scp.listen({ port, host: '127.0.0.1' });
  let isClosed = false;
  const close = async () => {
    if (!isClosed) await scp.close();
    isClosed = true;
  };
  closed.push(close);
  return { requests, kept, port: listener.port, close };
}

const destination = (port: number, more: Partial<Destination> = {}): Destination => ({
  ...{ name: 'PACS', place: '', host: '127.0.0.1', port, aet: 'PACS', tls: false, priority: 'medium', attempts: 3 },
  ...{ queue: 1000, associations: 1, window: 1, decompress: false, edits: [], removesPrivate: false, existing: false },
  ...more,
});

const EVERYTHING: Rule = { name: 'all', match: {}, to: ['PACS'] };

async function start(
  destinations: readonly Destination[],
  rules: readonly Rule[] = [EVERYTHING],
  reindex = false,
): Promise<void> {
  archive = await openInstanceArchive(folder, { fsync: true, reindex });
  const forwardRules: ForwardRules = { destinations, rules };
  const options = { data: folder, aet: 'ARCHIVE', forwardRules } as Options;
  deliveries = await openDeliveries(options, archive, logger, { retry: { firstDelay: 5, longestDelay: 50 } });
  await archive.compare();
}

async function keep(number: number, sourceAeTitle = 'CT01', series = '1.2.1'): Promise<void> {
  const sopInstance = `1.2.1.${number}`;
  const data = syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, series, study: '1.2', pixelLength: 100 });
  const transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN;
  await archive?.keep({ sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax, sourceAeTitle }, arriving(data));
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const uids = (all: readonly number[]) => all.map((number) => `1.2.1.${number}`);
const isQuiet = () =>
  expect
    .poll(() => deliveries?.status.every(({ waiting, behind }) => waiting + behind === 0), { timeout: 20_000 })
    .toBe(true);
test('forwards instances that arrive after the first start, and instances that are held already not again', async () => {
  const pacs = await peer();
  archive = await openInstanceArchive(folder, { fsync: true, reindex: false });
  await keep(1);
  await stop();
  await start([destination(pacs.port)]);
  for (const number of [1, 2, 3, 2]) await keep(number);
  await expect.poll(() => [...pacs.requests].sort(), { timeout: 10_000 }).toEqual(uids([2, 3]));
  await isQuiet();
  await stop();
  await start([destination(pacs.port)]);
  await keep(3);
  await keep(4);
  await expect.poll(() => [...pacs.requests].sort(), { timeout: 10_000 }).toEqual(uids([2, 3, 4]));
});

test('forwards what the archive already has to a destination that asks for it', async () => {
  const pacs = await peer();
  archive = await openInstanceArchive(folder, { fsync: true, reindex: false });
  for (const number of numbers(3)) await keep(number);
  await stop();
  await start([destination(pacs.port, { existing: true })]);
  await expect.poll(() => [...pacs.requests].sort(), { timeout: 10_000 }).toEqual(uids([1, 2, 3]));
});

test.each([
  ['--reindex', true],
  ['a lost index', false],
])('after %s, forwards what waited and nothing again', async (_, reindex) => {
  const pacs = await peer();
  await start([destination(pacs.port)]);
  for (const number of numbers(5)) await keep(number);
  await expect.poll(() => pacs.requests.length, { timeout: 10_000 }).toBe(5);
  await isQuiet();
  await pacs.close();
  for (const number of [6, 7, 8]) await keep(number);
  await expect.poll(() => deliveries?.status[0]?.waiting, { timeout: 10_000 }).toBe(3);
  await stop();
  // Received before the crash, but not in the index.
  archive = await openInstanceArchive(folder, { fsync: true, reindex: false });
  await keep(9);
  await stop();
  if (!reindex) for (const name of readdirSync(folder)) if (name.startsWith('index.db')) rmSync(join(folder, name));
  const again = await peer(pacs.port);
  await start([destination(pacs.port)], [EVERYTHING], reindex);
  await isQuiet();
  await expect.poll(() => [...again.requests].sort(), { timeout: 10_000 }).toEqual(uids([6, 7, 8, 9]));
  await keep(10);
  await expect
    .poll(() => [...again.requests].sort(), { timeout: 10_000 })
    .toEqual([...uids([10]), ...uids([6, 7, 8, 9])]);
});

test('an index that is made again does not have old instances forwarded', async () => {
  const pacs = await peer();
  await start([destination(pacs.port)]);
  for (const number of numbers(3)) await keep(number);
  await expect.poll(() => pacs.requests.length, { timeout: 10_000 }).toBe(3);
  await isQuiet();
  await stop();
  const series = join(folder, 'instances', '1.2', '1.2.1');
  // An hour before the last one, which was forwarded long ago.
  for (const number of [1, 2])
    utimesSync(join(series, `1.2.1.${number}.dcm`), new Date(), new Date(Date.now() - 3_600_000));
  await start([destination(pacs.port)], [EVERYTHING], true);
  await isQuiet();
  await keep(4);
  await expect.poll(() => pacs.requests.includes('1.2.1.4'), { timeout: 10_000 }).toBe(true);
  expect(pacs.requests.filter((uid) => uid === '1.2.1.1')).toHaveLength(1);
});

test('forwards an instance that arrives again after the latest ones were removed', async () => {
  const pacs = await peer();
  await start([destination(pacs.port)]);
  for (const number of numbers(3)) await keep(number);
  await isQuiet();
  await expect.poll(() => pacs.requests.length, { timeout: 10_000 }).toBe(3);
  for (const number of [2, 3]) {
    rmSync(join(folder, 'instances', '1.2', '1.2.1', `1.2.1.${number}.dcm`));
    await archive?.index.remove({ study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` });
  }
  await keep(3);
  await keep(5);
  await expect
    .poll(() => [...pacs.requests].sort(), { timeout: 10_000 })
    .toEqual(['1.2.1.1', '1.2.1.2', '1.2.1.3', '1.2.1.3', '1.2.1.5']);
});

test('a full queue leaves instances stored, says so, and takes them up later', async () => {
  const pacs = await peer();
  await pacs.close();
  lines.splice(0);
  await start([destination(pacs.port, { queue: 5 })]);
  for (const number of numbers(30)) await keep(number);
  await expect
    .poll(() => deliveries?.status[0], { timeout: 10_000 })
    .toMatchObject({ waiting: 5, behind: 25, isFull: true });
  expect(lines.filter((line) => line.includes('is full'))).toHaveLength(1);
  await stop();
  const again = await peer(pacs.port);
  await start([destination(pacs.port, { queue: 5 })]);
  await expect.poll(() => again.kept.size, { timeout: 30_000 }).toBe(30);
  await isQuiet();
  expect(again.requests).toHaveLength(30);
  expect(deliveries?.status[0]).toMatchObject({ waiting: 0, behind: 0, sent: 30 });
}, 60_000);

test('sends to each destination what its rules say, edited', async () => {
  const [pacs, research] = [await peer(), await peer()];
  const edits = [{ at: 'PatientName', value: 'Nobody' }, { at: 'StudyDescription' }];
  await start(
    [destination(pacs.port), destination(research.port, { name: 'RESEARCH', edits, removesPrivate: true })],
    [
      {
        name: 'scanner',
        calling: ['CT02'],
        match: { SeriesInstanceUID: ['9', '1.2.1'], SOPClassUID: [CT_IMAGE_STORAGE] },
        to: ['PACS', 'RESEARCH'],
      },
      { name: 'one', match: { SOPInstanceUID: ['1.2.1.1'] }, to: ['RESEARCH'] },
      { name: 'none', match: { Modality: ['US'] }, to: ['PACS'] },
    ],
  );
  await keep(1, 'CT01');
  await keep(2, 'CT02');
  await isQuiet();
  await expect
    .poll(() => [pacs.requests, [...research.requests].sort()], { timeout: 10_000 })
    .toEqual([['1.2.1.2'], ['1.2.1.1', '1.2.1.2']]);
  expect(research.kept.get('1.2.1.2')).toMatchObject({
    PatientName: { Alphabetic: 'Nobody' },
    SOPInstanceUID: '1.2.1.2',
  });
  expect(pacs.kept.get('1.2.1.2')?.PatientName).toBeUndefined();
});

test('instances for a destination that is not in the rules any more wait until it is again', async () => {
  const pacs = await peer();
  await pacs.close();
  await start([destination(pacs.port)]);
  await keep(1);
  await expect.poll(() => deliveries?.status[0]?.waiting, { timeout: 10_000 }).toBe(1);
  await stop();
  const [again, other] = [await peer(pacs.port), await peer()];
  await start([destination(other.port, { name: 'OTHER' })], [{ name: 'all', match: {}, to: ['OTHER'] }]);
  await keep(2);
  await expect.poll(() => other.requests, { timeout: 10_000 }).toEqual(['1.2.1.2']);
  expect(deliveries?.status).toMatchObject([{ destination: 'OTHER' }, { destination: 'PACS', waiting: 1 }]);
  await expect(archive?.delete({ study: '1.2' })).rejects.toThrow('is needed for forwarding');
  await stop();
  await start([destination(pacs.port)]);
  await expect.poll(() => again.requests, { timeout: 10_000 }).toEqual(['1.2.1.1']);
});

test('an instance that is refused for good is kept as failed', async () => {
  const pacs = await peer(0, () => 0xc000);
  await start([destination(pacs.port)]);
  await keep(1);
  await expect.poll(() => deliveries?.status[0], { timeout: 10_000 }).toMatchObject({ waiting: 0, failed: 1 });
  expect(pacs.requests).toHaveLength(3);
  expect(deliveries?.status[0]?.reason).toContain('C000H');
});
