// Received instances as files: each is written to a temporary file, then renamed.

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '@x/cli/program';
import { DimseError, type ReceivedInstance, Status, writeInstance } from '@x/dimse';
import { decodeExtract, FileWriter } from '@x/dimse/data-set';
import type { PathTemplate } from '../options/path-template.ts';
import { systemErrorText } from '../peer/explain-error.ts';

/** The result for a received instance. */
export interface ReceivedFile {
  readonly result: 'received' | 'present' | 'failed';
  readonly file?: string;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  /** Bytes of the data set. */
  readonly length: number;
  readonly reason?: string;
}

export class ReceivedFiles {
  readonly #folder: string;
  readonly #template: PathTemplate;
  #number = 0;

  private constructor(folder: string, template: PathTemplate) {
    this.#folder = folder;
    this.#template = template;
  }

  /** @throws UsageError if the folder cannot be created */
  static async open(folder: string, template: PathTemplate): Promise<ReceivedFiles> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw new UsageError(`the folder ${folder} cannot be created: ${systemErrorText(error as Error)}`);
    }
    return new ReceivedFiles(folder, template);
  }

  /**
   * Writes an instance to a file and sets the status of the response. Existing files are not overwritten.
   * @throws the reason, if the association was lost
   */
  async keep(instance: ReceivedInstance): Promise<ReceivedFile> {
    const { sopClass, sopInstance, transferSyntax, data } = instance;
    const known = { sopClass, sopInstance, transferSyntax };
    const writer = new FileWriter(join(this.#folder, `.dimse-scu-${process.pid}-${++this.#number}.part`));
    try {
      if (!/^\d+(?:\.\d+)*$/.test(sopInstance) || sopInstance.length > 64)
        throw new DimseError(Status.InvalidSopInstance, { errorComment: 'the SOP Instance UID is not a UID' });
      const { length, extract } = await writeInstance(writer, known, data, { extracted: this.#template.tags });
      await writer.finish();
      const attributes = { ...decodeExtract(extract, transferSyntax), SOPInstanceUID: sopInstance };
      const file = join(this.#folder, this.#template.path(attributes));
      await mkdir(dirname(file), { recursive: true });
      return { result: writer.moveTo(file) ? 'received' : 'present', file, ...known, length };
    } catch (error) {
      await writer.discard();
      const status = statusOf(error);
      if (status === undefined) throw error;
      instance.status = status;
      return { result: 'failed', ...known, length: 0, reason: reasonOf(error) };
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof DimseError ? error.message : systemErrorText(error as Error);
}

/** The status for an error of this instance; undefined if the error affects more than this instance. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof DimseError) return error.status;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return Status.OutOfResources;
  // Errors of the file system, not of the connection.
  return syscall !== undefined && /^(?:open|write|writev|close|link|mkdir|fsync)$/.test(syscall)
    ? Status.ProcessingFailure
    : undefined;
}
