// Instances that arrive in an archive are forwarded once: across restarts, indexes that are made again, removals and full queues.

import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createScp, decodeDataSet, Status, serve, storage, type UntypedDataSet } from '@x/dimse';
import { CT_IMAGE_STORAGE } from '@x/testing/data-sets';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DeliveringArchive, deliveringArchive } from '../../test/delivering-archive.ts';
import { isSharedWorld } from '../../test/world.ts';
import type { Destination, Rule } from './forward-rules.ts';

let archive: DeliveringArchive;
const closed: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  archive = deliveringArchive();
});
afterEach(async () => {
  await archive.stop();
  for (const close of closed.splice(0)) await close();
  await archive.remove();
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

const start = (destinations: readonly Destination[], rules: readonly Rule[] = [EVERYTHING], reindex = false) =>
  archive.start({ forwardRules: { destinations, rules } }, { reindex });

const keep = (number: number, sourceAeTitle = 'CT01', series = '1.2.1') =>
  archive.keep({ study: '1.2', series, sopInstance: `1.2.1.${number}`, sourceAeTitle });

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const uids = (all: readonly number[]) => all.map((number) => `1.2.1.${number}`);
const isQuiet = () =>
  expect
    .poll(() => archive.deliveries?.status.every(({ waiting, behind }) => waiting + behind === 0), { timeout: 20_000 })
    .toBe(true);
test('forwards instances that arrive after the first start, and instances that are held already not again', async () => {
  const pacs = await peer();
  await archive.start();
  await keep(1);
  await archive.stop();
  await start([destination(pacs.port)]);
  for (const number of [1, 2, 3, 2]) await keep(number);
  await expect.poll(() => [...pacs.requests].sort(), { timeout: 10_000 }).toEqual(uids([2, 3]));
  await isQuiet();
  await archive.stop();
  await start([destination(pacs.port)]);
  await keep(3);
  await keep(4);
  await expect.poll(() => [...pacs.requests].sort(), { timeout: 10_000 }).toEqual(uids([2, 3, 4]));
});

test('forwards what the archive already has to a destination that asks for it', async () => {
  const pacs = await peer();
  await archive.start();
  for (const number of numbers(3)) await keep(number);
  await archive.stop();
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
  await expect.poll(() => archive.deliveries?.status[0]?.waiting, { timeout: 10_000 }).toBe(3);
  await archive.stop();
  // Received before the crash, but not in the index.
  await archive.start();
  await keep(9);
  await archive.stop();
  if (!reindex)
    for (const name of readdirSync(archive.folder)) if (name.startsWith('index.db')) rmSync(join(archive.folder, name));
  const again = await peer(pacs.port);
  await start([destination(pacs.port)], [EVERYTHING], reindex);
  await isQuiet();
  await expect.poll(() => [...again.requests].sort(), { timeout: 10_000 }).toEqual(uids([6, 7, 8, 9]));
  await keep(10);
  await expect
    .poll(() => [...again.requests].sort(), { timeout: 10_000 })
    .toEqual([...uids([10]), ...uids([6, 7, 8, 9])]);
});

test.skipIf(isSharedWorld)('an index that is made again does not have old instances forwarded', async () => {
  const pacs = await peer();
  await start([destination(pacs.port)]);
  for (const number of numbers(3)) await keep(number);
  await expect.poll(() => pacs.requests.length, { timeout: 10_000 }).toBe(3);
  await isQuiet();
  await archive.stop();
  const series = join(archive.folder, 'instances', '1.2', '1.2.1');
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
    if (!isSharedWorld) rmSync(join(archive.folder, 'instances', '1.2', '1.2.1', `1.2.1.${number}.dcm`));
    await archive.instances?.index.remove({ study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` });
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
  await start([destination(pacs.port, { queue: 5 })]);
  for (const number of numbers(30)) await keep(number);
  await expect
    .poll(() => archive.deliveries?.status[0], { timeout: 10_000 })
    .toMatchObject({ waiting: 5, behind: 25, isFull: true });
  expect(archive.lines.filter((line) => line.includes('is full'))).toHaveLength(1);
  await archive.stop();
  const again = await peer(pacs.port);
  await start([destination(pacs.port, { queue: 5 })]);
  await expect.poll(() => again.kept.size, { timeout: 30_000 }).toBe(30);
  await isQuiet();
  expect(again.requests).toHaveLength(30);
  expect(archive.deliveries?.status[0]).toMatchObject({ waiting: 0, behind: 0, sent: 30 });
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
  await expect.poll(() => archive.deliveries?.status[0]?.waiting, { timeout: 10_000 }).toBe(1);
  await archive.stop();
  const [again, other] = [await peer(pacs.port), await peer()];
  await start([destination(other.port, { name: 'OTHER' })], [{ name: 'all', match: {}, to: ['OTHER'] }]);
  await keep(2);
  await expect.poll(() => other.requests, { timeout: 10_000 }).toEqual(['1.2.1.2']);
  expect(archive.deliveries?.status).toMatchObject([{ destination: 'OTHER' }, { destination: 'PACS', waiting: 1 }]);
  await expect(archive.instances?.delete({ study: '1.2' })).rejects.toThrow('is needed for forwarding');
  await archive.stop();
  await start([destination(pacs.port)]);
  await expect.poll(() => again.requests, { timeout: 10_000 }).toEqual(['1.2.1.1']);
});

test('an instance that is refused for good is kept as failed', async () => {
  const pacs = await peer(0, () => 0xc000);
  await start([destination(pacs.port)]);
  await keep(1);
  await expect.poll(() => archive.deliveries?.status[0], { timeout: 10_000 }).toMatchObject({ waiting: 0, failed: 1 });
  expect(pacs.requests).toHaveLength(3);
  expect(archive.deliveries?.status[0]?.reason).toContain('C000H');
});
