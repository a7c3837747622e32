// dimse-scp with 30 SCUs at once, which store, search and move.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, openSession, type Scp, Status, serve, storage, storeInstances, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, startScp } from './processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'crowd-'));
const KINDS = 10;
const EACH = 12;
const BEFORE = 20;
let archive: Running;
let destination: Scp;
const moved = new Map<string, number>();

const peer = (callingAeTitle: string) => ({
  host: '127.0.0.1',
  port: archive.port,
  callingAeTitle,
  calledAeTitle: 'ARCHIVE',
});

/** Instances of a study: `1.2.<study>.<number>`. */
function instancesOf(study: number, count: number) {
  return Array.from({ length: count }, (_, number) => {
    const uids = { sopInstance: `1.2.${study}.${number + 1}`, study: `1.2.${study}`, series: `1.2.${study}.0` };
    return {
      sopClass: CT_IMAGE_STORAGE,
      sopInstance: uids.sopInstance,
      transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
      data: () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, ...uids, pixelLength: 20_000 }),
    };
  });
}

async function store(title: string, study: number, count: number): Promise<void> {
  for await (const { result, reason } of storeInstances(instancesOf(study, count), peer(title)))
    expect([result, reason]).toEqual(['sent', undefined]);
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
          for await (const _ of data);
          expect(sopInstance).toMatch(/^1\.2\.1\./);
          moved.set(moveOriginatorAeTitle, (moved.get(moveOriginatorAeTitle) ?? 0) + 1);
          return Status.Success;
        },
      }),
    ],
  });
  const { port } = await destination.listen({ port: 0, host: '127.0.0.1' });
  archive = await startScp(join(folder, 'data'), '--aet', 'ARCHIVE', '--peer', `DEST=127.0.0.1:${port}`);
  await store('FIRST', 1, BEFORE);
});
afterAll(async () => {
  await destination?.close();
  await archive?.stop();
  rmSync(folder, { recursive: true });
});

test('all are served, and each gets what it asked for', async () => {
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
        await using session = await openSession({ ...peer(`MOVE-${number}`), services: [studyRoot] });
        const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.1' };
        const { final } = session.use(studyRoot).move({ destination: 'DEST', identifier });
        expect(await final).toMatchObject({ status: Status.Success, completed: BEFORE, failed: 0 });
      })(),
    );
  }
  expect(scus).toHaveLength(30);
  await Promise.all(scus);
  for (let number = 0; number < KINDS; number++) {
    expect(moved.get(`MOVE-${number}`)).toBe(BEFORE);
    expect(await imagesOf('LAST', 100 + number)).toBe(EACH);
  }
});
