// The files that a DICOMDIR references (PS3.3 §F.3.2.2, PS3.10 §8.2).

import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { DataSet, DicomFile } from '@x/dimse';
import { items, number, pathBytes, pathOfBytes, values } from '@x/dimse/data-set';

/** A file that a directory record names. */
export interface ReferencedFile {
  readonly path: string;
  /** Why it cannot be used. */
  readonly fault?: string;
}

/**
 * The files of the records that are in use, in their order. All of them lie inside the folder of the DICOMDIR, targets of
 * links included. Names that differ in letter case are found, because many systems copy CDs that way.
 * @throws DataSetError if the DICOMDIR cannot be decoded
 */
export async function* referencedFiles(file: DicomFile): AsyncGenerator<ReferencedFile, void, undefined> {
  const { DirectoryRecordSequence: records } = await file.decode({ maximumLength: MAXIMUM_DICOMDIR_LENGTH });
  const folder = dirname(file.path);
  const root = await realPath(folder);
  const names = new FolderNames();
  for (const record of items(records)) {
    const components = fileId(record);
    if (components.length > 0) yield await located(folder, components, root, names);
  }
}

/** The maximum length in bytes of a DICOMDIR, which is decoded in memory. */
const MAXIMUM_DICOMDIR_LENGTH = 64 * 1024 * 1024;

/** The components of Referenced File ID; none if the record is inactive or references no file. */
function fileId({ RecordInUseFlag: inUse, ReferencedFileID: id }: DataSet): readonly string[] {
  return number(inUse) === 0 ? [] : values(id).map((each) => String(each).trim());
}

async function located(
  folder: string,
  components: readonly string[],
  root: string,
  names: FolderNames,
): Promise<ReferencedFile> {
  if (!components.every(isName))
    return {
      path: `${folder}${sep}${components.join('\\')}`,
      fault: 'this is not a path inside the folder',
    };
  let path = folder;
  for (const component of components) path = join(path, await names.like(component, path));
  try {
    const target = await realPath(path);
    if (!target.startsWith(root.endsWith(sep) ? root : root + sep))
      return { path, fault: 'it lies outside the folder' };
    return (await stat(pathBytes(target))).isFile() ? { path } : { path, fault: 'it is not a regular file' };
  } catch {
    return { path, fault: 'it does not exist' };
  }
}

/** Whether a component is the name of something in its folder. Longer names than the 8 characters of the standard are in use. */
function isName(component: string): boolean {
  return !/^\.{0,2}$|[/\\\0]/.test(component);
}

async function realPath(path: string): Promise<string> {
  return pathOfBytes(await realpath(pathBytes(path), { encoding: 'buffer' }));
}

/** The names in folders, each of which is read once. */
class FolderNames {
  readonly #names = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** The name in the folder itself, or one that differs in letter case or in the version that ISO 9660 adds. */
  async like(name: string, folder: string): Promise<string> {
    const names = this.#names.get(folder) ?? namesIn(folder);
    this.#names.set(folder, names);
    return (await names).get(name) ?? (await names).get(plain(name)) ?? name;
  }
}

/** The names in a folder, by themselves and by their plain form. */
async function namesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const names = (await readdir(pathBytes(folder), { encoding: 'buffer' })).map(pathOfBytes);
    return new Map([
      ...names.map((name) => [plain(name), name] as const),
      ...names.map((name) => [name, name] as const),
    ]);
  } catch {
    return new Map();
  }
}

function plain(name: string): string {
  return name.replace(/\.?(?:;\d+)?$/, '').toLowerCase();
}
