// Assigns files to archives. An archive keeps one encoding of an instance, so each further encoding needs another archive.

import { stat } from 'node:fs/promises';
import { findDicomFiles, NotDicomError } from '@x/dimse';

/** One of the given files. */
export interface InputFile {
  readonly path: string;
  readonly sopInstance?: string;
  /** The reason if it is not a DICOM file. */
  readonly reason?: string;
}

/** Lists the files at the paths. @throws the system's error if a path does not exist */
export async function listFiles(paths: readonly string[]): Promise<InputFile[]> {
  for (const path of paths) await stat(path);
  const files: InputFile[] = [];
  for await (const { path, file, error } of findDicomFiles(paths)) {
    if (file) files.push({ path, ...(file.sopInstance !== undefined && { sopInstance: file.sopInstance }) });
    else
      files.push({
        path,
        reason: error instanceof NotDicomError ? error.message.split(': ').slice(1).join(': ') : error.message,
      });
  }
  return files;
}

/** Groups the files: no group contains an instance twice. */
export function intoRounds(files: readonly InputFile[]): InputFile[][] {
  const rounds: { readonly files: InputFile[]; readonly instances: Set<string> }[] = [];
  for (const file of files) {
    if (file.reason !== undefined) continue;
    const { sopInstance } = file;
    let round = rounds.find(({ instances }) => sopInstance === undefined || !instances.has(sopInstance));
    if (!round) {
      round = { files: [], instances: new Set() };
      rounds.push(round);
    }
    round.files.push(file);
    if (sopInstance !== undefined) round.instances.add(sopInstance);
  }
  return rounds.map((round) => round.files);
}
