// The matches of a query as DICOM files in a folder: 0001.dcm, 0002.dcm, …

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@x/cli/program';
import { type DataSet, encodeDataSet, makeUid, TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { explainError, systemErrorText } from '../peer/explain-error.ts';

export class MatchFiles {
  readonly #folder: string;
  readonly #sopClass: string;
  readonly #extension: string;
  #count = 0;

  private constructor(folder: string, sopClass: string, extension: string) {
    this.#folder = folder;
    this.#sopClass = sopClass;
    this.#extension = extension;
  }

  /** Creates the folder if it does not exist. @throws UsageError if that fails */
  static async open(folder: string, sopClass: string, extension: '.dcm' | '.wl'): Promise<MatchFiles> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw new UsageError(`the folder ${folder} cannot be created: ${systemErrorText(error as Error)}`);
    }
    return new MatchFiles(folder, sopClass, extension);
  }

  /** Writes a match. @throws UsageError if the file exists or cannot be written */
  async keep(match: DataSet): Promise<void> {
    const path = join(this.#folder, `${String(++this.#count).padStart(4, '0')}${this.#extension}`);
    const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
    const meta = encodeFileMetaInformation({ sopClass: this.#sopClass, sopInstance: makeUid(), transferSyntax });
    try {
      await writeFile(path, Buffer.concat([meta, encodeDataSet(match, transferSyntax)]), { flag: 'wx' });
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new UsageError(isThere ? `${path} already exists: use another folder` : explainError(error).line);
    }
  }
}
