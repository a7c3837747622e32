// Starts an example as its README says: in its own folder, with its own dependencies.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeDataSet, type UntypedDataSet } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { type Outcome, type Running, run, start } from '@x/testing/processes';

/** The folder of an example. */
export function folderOf(example: string): string {
  return fileURLToPath(new URL(`../${example}`, import.meta.url));
}

const command = (file: string) => ['--import', 'tsx', file];

/** Starts an example that goes on until it is stopped. */
export function startExample(example: string, env: NodeJS.ProcessEnv, file = 'main.ts'): Running {
  return start(process.execPath, command(file), { cwd: folderOf(example), env: { PORT: '0', ...env } });
}

/** Runs an example to its end. */
export function runExample(example: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return run(process.execPath, command('main.ts'), { cwd: folderOf(example), env, timeout: 100_000 });
}

/** The port that it says it listens on. */
export async function portOf(running: Running): Promise<number> {
  return Number((await running.printed(/^listening on \S+?:(\d+)/m))[1]);
}

/** The number of lines that an example has. */
export function linesOf(example: string, file: string): number {
  return readFileSync(join(folderOf(example), file), 'utf8')
    .trimEnd()
    .split('\n').length;
}

/** Writes a synthetic series to a folder. The paths, and the UID of its study. */
export function writeSeries(folder: string, slices = 2): { readonly paths: string[]; readonly study: string } {
  const paths: string[] = [];
  let study = '';
  for (const { studyInstanceUid, sopInstanceUid, bytes } of computedTomographySeries({ slices, size: 64 })) {
    study = studyInstanceUid;
    const path = join(folder, `${sopInstanceUid}.dcm`);
    writeFileSync(path, bytes);
    paths.push(path);
  }
  return { paths, study };
}

/** Writes a DICOM file. */
export function writeFile(path: string, dataSet: UntypedDataSet): void {
  const transferSyntax = '1.2.840.10008.1.2.1';
  const [sopClass, sopInstance] = [String(dataSet.SOPClassUID), String(dataSet.SOPInstanceUID)];
  const meta = encodeFileMetaInformation({ transferSyntax, sopClass, sopInstance });
  writeFileSync(path, Buffer.concat([meta, encodeDataSet(dataSet as never, transferSyntax)]));
}
