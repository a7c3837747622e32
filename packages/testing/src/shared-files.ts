// Real DICOM files that tests read where they are: beside the project, or where DIMSE_TEST_DATA says.

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../../../../shared/dicom', import.meta.url));

/** The folder; undefined where there is none, which is said aloud. */
export const sharedFolder: string | undefined = find();

/** The paths of the files whose names match; none where there is no folder. */
export function sharedFiles(names: RegExp = /\.dcm$/): string[] {
  if (!sharedFolder) return [];
  const folder = sharedFolder;
  return readdirSync(folder)
    .filter((name) => names.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Files that are no whole instance, by the end of their names. */
export const NO_INSTANCE = /nested_priv_SQ|MR_truncated/;

function find(): string | undefined {
  const folder = process.env.DIMSE_TEST_DATA ? resolve(process.env.DIMSE_TEST_DATA) : beside;
  if (existsSync(folder)) return folder;
  process.stderr.write(`${folder} is not there: tests with real files are left out\n`);
  return undefined;
}
