// Compares the files of two archives by their data sets.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDicomFile } from '@x/dimse';
import { locateFileMetaInformation } from '@x/dimse/data-set';

/** Lists all files below a folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The data set of a file, as it would be sent. */
export async function dataSetOf(path: string): Promise<Buffer> {
  await using file = await openDicomFile(path);
  const buffer = Buffer.alloc(file.dataSet.length);
  for (let at = 0; at < buffer.length; ) at += await file.dataSet.readv([buffer.subarray(at)], at);
  return buffer;
}

/** The SOP Instance UID and transfer syntax in a file's meta information. */
export function identityOf(path: string): string {
  const meta = locateFileMetaInformation(readFileSync(path))?.meta;
  return `${meta?.sopInstance} ${meta?.transferSyntax}`;
}
