import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SopClass, TransferSyntax } from '@x/dimse';
import { expect, test } from 'vitest';
import { openSqlArchiveIndex } from './archive-index/sql-archive-index.ts';
import { type ArchiveParts, enter } from './entering-files.ts';

const instance = {
  ...{ study: '1', series: '1.1', sopInstance: '1.1.1', length: 100 },
  ...{ sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.ExplicitVRLittleEndian },
};
const described = { instance, attributes: { PatientID: 'P' }, faults: [] };

test.each([
  ['keeps the entry of an instance that has arrived again', true, [instance]],
  ['removes the entry of an instance', false, []],
])('%s if the first file could not be synced', async (_, isAgain, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'entering-files-'));
  const index = await openSqlArchiveIndex(join(folder, 'index.db'), { fsync: true });
  try {
    const parts = { index, store: { has: () => isAgain }, notice: () => {}, onEntered: () => {} };
    // The folder could not be opened. The first file has been removed, while its entry is being synced.
    const first = enter(parts as unknown as ArchiveParts, described, true, Promise.reject(new Error('EMFILE')));
    const second = isAgain && enter(parts as unknown as ArchiveParts, described, true, Promise.resolve());
    await expect(first).rejects.toThrow('EMFILE');
    await second;
    expect(await index.locate('1.1.1')).toEqual(expected);
  } finally {
    await index[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
});
