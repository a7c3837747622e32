// kill -9 while a full archive deletes old studies for new ones: each acknowledged instance is there, or its deletion is audited.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, storage } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInstanceArchive } from './instances/instance-archive.ts';

let folder: string;
let archive: RunningScp | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eviction-crash-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

const SENT = { sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
const BYTES = 4000;
const PER_STUDY = 5;
const STUDIES = 60;

async function startArchive(): Promise<void> {
  archive = await startScp([
    ...['--data', join(folder, 'data'), '--quota', `${STUDIES * PER_STUDY * (BYTES + 200)}B`, '--evict', 'oldest'],
    ...['--audit-log', join(folder, 'audit')],
  ]);
}

/** Stores studies until the archive refuses or is gone, or `until` is true; notes the acknowledged instances by their studies. */
async function store(first: number, until: () => boolean, acknowledged: Map<string, string>): Promise<void> {
  await using session = await openSession({
    ...{ host: '127.0.0.1', port: archive?.port ?? 0, callingAeTitle: 'CT', calledAeTitle: 'DIMSE' },
    ...{ services: [storage], sends: [SENT], asynchronousOperations: PER_STUDY },
  });
  for (let number = first; !until(); number++) {
    const study = `1.2.${number}`;
    await Promise.all(
      Array.from({ length: PER_STUDY }, async (_, index) => {
        const sopInstance = `${study}.1.${index}`;
        const data = syntheticDataSet({ ...SENT, sopInstance, study, series: `${study}.1`, pixelLength: BYTES });
        await session.use(storage).store({ ...SENT, sopInstance, data });
        acknowledged.set(sopInstance, study);
      }),
    );
  }
}

const audited = () =>
  new Set(
    readFileSync(join(folder, 'audit'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('DICOM Study Deleted'))
      .flatMap((line) => JSON.parse(line).ParticipantObjectIdentification)
      .map(({ ParticipantObjectID }) => ParticipantObjectID),
  );

test.each([1, 10, 40])(
  'kill -9 after %i evictions',
  async (evictions) => {
    const acknowledged = new Map<string, string>();
    await startArchive();
    await store(0, () => acknowledged.size >= (STUDIES - 2) * PER_STUDY, acknowledged);
    await archive?.stop();
    // Studies of an earlier run make room at once.
    await startArchive();
    const storing = store(1000, () => false, acknowledged).catch(() => {});
    await expect.poll(() => audited().size, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(evictions);
    archive?.child.kill('SIGKILL');
    await Promise.all([archive?.outcome, storing]);
    await startArchive();
    expect(await archive?.stop()).toMatchObject({ exitCode: 0 });
    archive = undefined;
    const deleted = audited();
    await using instances = await openInstanceArchive(join(folder, 'data'), { fsync: true, reindex: false });
    expect(await instances.compare()).toMatchObject({ added: 0, removed: 0, unreadable: [] });
    let [kept, evicted] = [0, 0];
    for (const [sopInstance, study] of acknowledged) {
      const located = await instances.index.locate(sopInstance);
      expect(located.length).toBe(deleted.has(study) ? 0 : 1);
      if (located.length === 1) kept++;
      else evicted++;
    }
    const files = readdirSync(join(folder, 'data/instances'), { recursive: true }).filter((name) =>
      /\.dcm$/.test(`${name}`),
    );
    expect(files.length).toBe((await instances.index.counts()).instances);
    process.stderr.write(
      `kill after ${deleted.size} evictions: ${acknowledged.size} acknowledged, ${kept} kept, ${evicted} evicted, 0 lost, 0 doubled\n`,
    );
  },
  120_000,
);
