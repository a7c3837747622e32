// dimse-scp serves 30 SCUs at once, which store, search and move; it is killed while they do.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, get, openSession, type Scp, Status, serve, storage, storeInstances, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type Listening, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'crowd-'));
const KINDS = 10;
const EACH = 12;
const BEFORE = 20;
let archive: Listening;
let options: readonly string[];
let destination: Scp;
const moved = new Map<string, number>();

const peer = (callingAeTitle: string) => ({
  host: '127.0.0.1',
  port: archive.port,
  callingAeTitle,
  calledAeTitle: 'ARCHIVE',
});

/** The data set of instance `1.2.<study>.<number>`: no two have the same bytes. */
function dataOf(study: number, number: number): Uint8Array {
  const uids = { sopInstance: `1.2.${study}.${number}`, study: `1.2.${study}`, series: `1.2.${study}.0` };
  return syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, ...uids, pixelLength: 20_000 + 2 * number });
}

function instancesOf(study: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    sopClass: CT_IMAGE_STORAGE,
    sopInstance: `1.2.${study}.${index + 1}`,
    transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
    data: () => dataOf(study, index + 1),
  }));
}

/** Whether the bytes are the data set of an instance. */
async function isWhole(sopInstance: string, data: AsyncIterable<Uint8Array>): Promise<boolean> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of data) chunks.push(Buffer.from(chunk));
  const [, , study, number] = sopInstance.split('.').map(Number);
  return Buffer.concat(chunks).equals(dataOf(study as number, number as number));
}

async function store(title: string, study: number, count: number): Promise<void> {
  for await (const { result, reason } of storeInstances(instancesOf(study, count), peer(title)))
    expect([result, reason]).toEqual(['sent', undefined]);
}

/** The instances of a study that C-GET delivers complete. */
async function retrieved(title: string, study: number): Promise<string[]> {
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: `1.2.${study}` };
  const whole: string[] = [];
  for await (const { sopInstance, data } of get({ ...peer(title), identifier, sopClasses: [CT_IMAGE_STORAGE] }))
    if (await isWhole(sopInstance, data)) whole.push(sopInstance);
  return whole.sort();
}

async function imagesOf(title: string, study: number): Promise<number> {
  await using session = await openSession({ ...peer(title), services: [studyRoot] });
  const keys = { StudyInstanceUID: `1.2.${study}`, SeriesInstanceUID: `1.2.${study}.0`, SOPInstanceUID: '' };
  let count = 0;
  for await (const _ of session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'IMAGE', ...keys } })) count++;
  return count;
}

beforeAll(async () => {
  destination = createScp({
    aeTitle: 'DEST',
    services: [
      serve(storage, {
        async store({ sopInstance, data, moveOriginatorAeTitle = '' }) {
          if (!(await isWhole(sopInstance, data))) return Status.CannotUnderstand;
          moved.set(moveOriginatorAeTitle, (moved.get(moveOriginatorAeTitle) ?? 0) + 1);
          return Status.Success;
        },
      }),
    ],
  });
  const { port } = await destination.listen({ port: 0, host: '127.0.0.1' });
  options = ['--aet', 'ARCHIVE', '--peer', `DEST=127.0.0.1:${port}`];
  archive = await startScp(['--data', join(folder, 'data'), ...options]);
  await store('FIRST', 1, BEFORE);
});
afterAll(async () => {
  await destination?.close();
  await archive?.stop();
  rmSync(folder, { recursive: true });
});

function move(title: string) {
  return openSession({ ...peer(title), services: [studyRoot] }).then(async (session) => {
    await using _ = session;
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.1' };
    return session.use(studyRoot).move({ destination: 'DEST', identifier }).final;
  });
}

test('serves all clients, and each receives what it requested', async () => {
  const scus: Promise<void>[] = [];
  for (let number = 0; number < KINDS; number++) {
    scus.push(store(`STORE-${number}`, 100 + number, EACH));
    scus.push(
      (async () => {
        for (let round = 0; round < EACH; round++) expect(await imagesOf(`FIND-${number}`, 1)).toBe(BEFORE);
      })(),
    );
    scus.push(
      (async () => {
        const all = { status: Status.Success, completed: BEFORE, failed: 0, warning: 0 };
        expect(await move(`MOVE-${number}`)).toMatchObject(all);
      })(),
    );
  }
  expect(scus).toHaveLength(30);
  await Promise.all(scus);
  for (let number = 0; number < KINDS; number++) {
    expect(moved.get(`MOVE-${number}`)).toBe(BEFORE);
    expect(await retrieved('LAST', 100 + number)).toEqual(
      instancesOf(100 + number, EACH)
        .map(({ sopInstance }) => sopInstance)
        .sort(),
    );
  }
});

test('loses no acknowledged instance when killed, and every pending request settles', async () => {
  const acknowledged = new Map<number, string[]>();
  let [count, killed]: [number, Promise<unknown> | undefined] = [0, undefined];
  const scus: Promise<unknown>[] = [];
  for (let number = 0; number < KINDS; number++) {
    const study = 200 + number;
    const done: string[] = [];
    acknowledged.set(study, done);
    scus.push(
      (async () => {
        for await (const { result, sopInstance = '' } of storeInstances(instancesOf(study, 200), peer(`S-${number}`))) {
          if (result === 'sent') done.push(sopInstance);
          if (++count >= 300) killed ??= archive.stop('SIGKILL');
        }
      })(),
      (async () => {
        while (!killed) await imagesOf(`F-${number}`, 1);
      })(),
      (async () => {
        while (!killed) await move(`M-${number}`);
      })(),
    );
  }
  // Operations in progress fail with the archive; the test requires only that they settle.
  await Promise.allSettled(scus);
  await killed;
  archive = await startScp(['--data', join(folder, 'data'), ...options]);
  expect(readdirSync(join(folder, 'data/incoming'))).toEqual([]);
  for (const [study, expected] of acknowledged) {
    const whole = await retrieved('LAST', study);
    expect(expected.filter((uid) => !whole.includes(uid))).toEqual([]);
    expect(await imagesOf('LAST', study)).toBe(whole.length);
  }
  const total = [...acknowledged.values()].flat().length;
  process.stderr.write(`30 SCUs, killed: ${total} acknowledged, all of them there and whole\n`);
  expect(total).toBeGreaterThan(100);
}, 240_000);
