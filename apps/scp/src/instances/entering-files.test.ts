import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
import { expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { INDEXED_ATTRIBUTES, tagsOf } from './archive-index/indexed-attributes.ts';
import { openSqlArchiveIndex } from './archive-index/sql-archive-index.ts';
import { type ArchiveParts, enter, enterFiles } from './entering-files.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';

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

test.each([
  ['is listed for removal', false],
  ['has been removed', true],
])('does not enter a file that %s while the others of its group are read', async (_, isRemoved) => {
  const folder = mkdtempSync(join(tmpdir(), 'entering-files-'));
  const index = await openSqlArchiveIndex(join(folder, 'index.db'), { fsync: false });
  try {
    const store = await openFolderInstanceStore(folder, { fsync: false });
    const { sopClass, sopInstance, transferSyntax } = instance;
    const uids = { SOPClassUID: sopClass, StudyInstanceUID: '1', SeriesInstanceUID: '1.1' };
    for (const uid of ['1.1.1', '1.1.2'])
      await store.keep(
        { sopClass, sopInstance: uid, transferSyntax, sourceAeTitle: 'SCU' },
        arriving(encodeDataSet({ ...uids, SOPInstanceUID: uid }, transferSyntax)),
      );
    const reading = {
      has: (key: typeof instance) => store.has(key),
      // While the second file is read, the first one arrives, and is deleted.
      async open(key: typeof instance) {
        const file = await store.open(key);
        if (key.sopInstance === sopInstance) return file;
        await new Promise(setImmediate);
        await index.add(instance, described.attributes);
        const files = await index.deletions.listForRemoval({ study: '1' }, 1, 1);
        if (isRemoved) {
          await store.remove(instance);
          await index.deletions.filesRemoved(files);
        }
        return file;
      },
    };
    const parts = { index, store: reading, tags: tagsOf(INDEXED_ATTRIBUTES), notice: () => {}, onEntered: () => {} };
    const keys = ['1.1.1', '1.1.2'].map((uid) => ({ study: '1', series: '1.1', sopInstance: uid }));
    await enterFiles(parts as unknown as ArchiveParts, keys, []);
    expect(await index.sopInstancesOf({ study: '1', series: '1.1' })).toEqual(new Set(['1.1.2']));
  } finally {
    await index[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
});
