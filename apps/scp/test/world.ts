// The places of the archives of tests: each in its data folder, or, if ARCHIVE_TEST_WORLD is `shared`, in the
// database and the object store that several processes can share. Tests of files in the folder are skipped there.

import {
  type InstanceArchive,
  type InstanceArchiveOptions,
  openInstanceArchive,
} from '../src/instances/instance-archive.ts';

export const isShared: boolean = process.env.ARCHIVE_TEST_WORLD === 'shared';

/** The options of `dimse-scp` for an archive. The same folder gives the same archive. */
export function keptIn(folder: string): readonly string[] {
  return ['--data', folder];
}

/** Opens the archive of a folder in the process of the test. */
export function openArchive(folder: string, options: InstanceArchiveOptions): Promise<InstanceArchive> {
  return openInstanceArchive(folder, options);
}
