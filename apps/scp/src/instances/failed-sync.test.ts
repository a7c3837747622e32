// A disk that fails to sync: strace makes the system calls of a running archive fail.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DimseError, openSession, type Session, storage, storageCommitment } from '@x/dimse';
import { StorageCommitmentUser } from '@x/dimse/workflow';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { isInstalled, type RunningScp, start, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
let archive: RunningScp | undefined;
let session: Session | undefined;
const committing = new StorageCommitmentUser();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'failed-sync-'));
  await restart();
});
afterEach(async () => {
  session?.abort();
  await archive?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function restart(): Promise<void> {
  session?.abort();
  await archive?.stop('SIGKILL');
  archive = await startScp(['--data', folder]);
  session = await connect();
}

function connect(): Promise<Session> {
  return openSession({
    ...{ host: '127.0.0.1', port: archive?.port ?? 0, callingAeTitle: 'SCU', calledAeTitle: 'DIMSE' },
    services: [storage, storageCommitment],
    contexts: [CT_IMAGE_STORAGE, storageCommitment.sopClasses.PushModel.uid].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
    })),
    serves: [committing.service],
  });
}

/** Runs `work` while calls of the archive fail, after a delay in microseconds. */
async function failing<T>(calls: string, path: string | undefined, work: () => Promise<T>, delay = 0): Promise<T> {
  const where = path === undefined ? [] : ['-P', join(folder, path)];
  const fault = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO:delay_enter=${delay}`, ...where];
  const strace = start('strace', ['-f', '-p', `${archive?.child.pid}`, ...fault, '-o', '/dev/null']);
  await strace.printed(/attached/, 'stderr');
  try {
    return await work();
  } finally {
    await strace.stop('SIGINT');
  }
}

async function store(sopInstance: string): Promise<number | undefined> {
  const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance, study: '1.2', series: '1.2.1' };
  const request = { sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
  try {
    return (await session?.use(storage).store({ ...request, data: syntheticDataSet(uids) }))?.status;
  } catch (error) {
    if (error instanceof DimseError) return error.status;
    throw error;
  }
}

const isKept = (sopInstance: string) => existsSync(join(folder, 'instances/1.2/1.2.1', `${sopInstance}.dcm`));

describe.runIf(isInstalled('strace'))('if a sync fails', () => {
  test('of a file, that instance is refused and removed, and the next one is stored', async () => {
    expect(await failing('fdatasync', undefined, () => store('1.2.3'))).toBe(0xa700);
    expect(isKept('1.2.3')).toBe(false);
    expect(await store('1.2.3')).toBe(0);
    expect(isKept('1.2.3')).toBe(true);
  });

  test('of a folder, every instance is refused until a restart, because a second sync may succeed without it', async () => {
    expect(await store('1.2.3')).toBe(0);
    expect(await failing('fsync', 'instances/1.2/1.2.1', () => store('1.2.4'))).toBe(0xa700);
    expect(isKept('1.2.4')).toBe(false);
    expect(await store('1.2.4')).toBe(0xa700);
    expect(await store('1.2.3')).toBe(0xa700);
    await restart();
    expect(await store('1.2.4')).toBe(0);
  });

  test('of a folder, the archive has not committed to the instance meanwhile', async () => {
    expect(await store('1.2.3')).toBe(0);
    const instance = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.4' };
    const work = async () => {
      await using other = await connect();
      let status: number | undefined;
      const storing = store('1.2.4').then((answered) => {
        status = answered;
      });
      await expect.poll(() => status ?? isKept('1.2.4')).toBeTruthy();
      const { committed } = await committing.requestCommitment(other, [instance]);
      await storing;
      return { committed, status };
    };
    expect(await failing('fsync', 'instances/1.2/1.2.1', work, 1_000_000)).toEqual({ committed: [], status: 0xa700 });
  });

  test('of the index, every instance is refused until a restart, which enters the files', async () => {
    expect(await store('1.2.3')).toBe(0);
    expect(await failing('fdatasync', 'index.db-wal', () => store('1.2.4'))).toBe(0xa700);
    expect(await store('1.2.4')).toBe(0xa700);
    expect(await store('1.2.5')).toBe(0xa700);
    await restart();
    for (const sopInstance of ['1.2.3', '1.2.4', '1.2.5']) expect(await store(sopInstance)).toBe(0);
  });

  test('or a write to the index, the instance is refused, and stored when the disk works again', async () => {
    expect(await store('1.2.3')).toBe(0);
    expect(await failing('pwrite64', 'index.db-wal', () => store('1.2.4'))).toBe(0xa700);
    expect(await store('1.2.4')).toBe(0);
    expect(await store('1.2.5')).toBe(0);
  });
});
