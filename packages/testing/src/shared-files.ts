// Real DICOM files for tests. They are read from a folder beside the project, or from the folder DIMSE_TEST_DATA.

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../../../../shared/dicom', import.meta.url));

/** The folder; undefined if it does not exist, which is reported on stderr. */
export const sharedFolder: string | undefined = find();

/** The paths of the files with matching names; an empty list if the folder does not exist. */
export function sharedFiles(names: RegExp = /\.dcm$/): string[] {
  if (!sharedFolder) return [];
  const folder = sharedFolder;
  return readdirSync(folder)
    .filter((name) => names.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Matches the names of files that are not complete instances. */
export const NO_INSTANCE = /nested_priv_SQ|MR_truncated/;

function find(): string | undefined {
  const folder = process.env.DIMSE_TEST_DATA ? resolve(process.env.DIMSE_TEST_DATA) : beside;
  if (existsSync(folder)) return folder;
  process.stderr.write(`${folder} does not exist: tests with real files are skipped\n`);
  return undefined;
}
