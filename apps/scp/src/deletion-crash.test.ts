// kill -9 in the middle of a deletion, while other instances arrive.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, type Session, storage } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';
import { askArchive } from './data-folder/control-socket.ts';
import { openInstanceArchive } from './instances/instance-archive.ts';

let folder: string;
let archive: RunningScp | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deletion-crash-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

const SENT = { sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };

function calling(): Promise<Session> {
  const port = archive?.port ?? 0;
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'CT', calledAeTitle: 'DIMSE' };
  return openSession({ ...peer, services: [storage], sends: [SENT], asynchronousOperations: 16 });
}

async function store(session: Session, study: string, number: number): Promise<void> {
  const sopInstance = `${study}.1.${number}`;
  const data = syntheticDataSet({ ...SENT, sopInstance, study, series: `${study}.1`, pixelLength: 1000 });
  await session.use(storage).store({ ...SENT, sopInstance, data });
}

const COUNT = 300;
/** The fraction of files that are gone when the process is killed. */
test.each([0.01, 0.4, 0.9])(
  'kill -9 after %f of the files: all are deleted, and all that were acknowledged are there',
  async (part) => {
    archive = await startScp([...keptIn(folder)]);
    const session = await calling();
    await Promise.all(Array.from({ length: COUNT }, (_, number) => store(session, '1.1', number)));
    const acknowledged: number[] = [];
    const storing = (async () => {
      for (let number = 0; ; number++) {
        await store(session, '1.2', number);
        acknowledged.push(number);
      }
    })().catch(() => {});
    const deleting = askArchive(folder, { command: 'delete', study: '1.1' }).catch(() => {});
    const series = join(folder, 'instances/1.1/1.1.1');
    const left = () => (existsSync(series) ? readdirSync(series).length : 0);
    while (left() > COUNT * (1 - part)) await new Promise((resolve) => setImmediate(resolve));
    archive.child.kill('SIGKILL');
    await Promise.all([archive.outcome, storing, deleting]);
    archive = undefined;
    await using instances = await openInstanceArchive(folder, { fsync: true, reindex: false });
    expect(existsSync(join(folder, 'instances/1.1'))).toBe(false);
    expect(await instances.index.deletions.measure({ study: '1.1' })).toMatchObject({ instances: 0 });
    const kept = await instances.index.sopInstancesOf({ study: '1.2', series: '1.2.1' });
    for (const number of acknowledged) expect(kept).toContain(`1.2.1.${number}`);
  },
  60_000,
);
