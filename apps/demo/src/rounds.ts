// Which files go to which archive: an archive keeps an instance once, so that its encodings need one each.

import { stat } from 'node:fs/promises';
import { findDicomFiles, NotDicomError } from '@x/dimse';

/** A file among those given. */
export interface InputFile {
  readonly path: string;
  readonly sopInstance?: string;
  /** Why it cannot be stored, if it is not DICOM at all. */
  readonly reason?: string;
}

/** Every file among the paths. @throws the system's error for a path that is not there. */
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

/** Groups the files so that no group has an instance twice. */
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
