// The plan of a transfer: reads the headers of the files and finds those that cannot be sent, before connecting.

import { stat } from 'node:fs/promises';
import { UsageError } from '@x/cli/program';
import { DataSetError, findDicomFiles, NotDicomError } from '@x/dimse';
import { explainError } from '../peer/explain-error.ts';

/** A file that can be sent. */
export interface PlannedInstance {
  readonly path: string;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  /** Bytes of the data set. */
  readonly length: number;
}

/** A file that is not sent, and the reason. */
export interface Unsendable {
  readonly path: string;
  /** `skipped`: not a DICOM file, found in a folder. `failed`: a DICOM file that cannot be sent. */
  readonly result: 'skipped' | 'failed';
  readonly reason: string;
}

export interface StorePlan {
  readonly instances: readonly PlannedInstance[];
  readonly unsendable: readonly Unsendable[];
}

/** @throws UsageError if a path does not exist, a named file is not a DICOM file, or there is nothing to send */
export async function planStore(paths: readonly string[], signal: AbortSignal): Promise<StorePlan> {
  const named = await namedFiles(paths);
  const instances: PlannedInstance[] = [];
  const unsendable: Unsendable[] = [];
  for await (const { path, file, error } of findDicomFiles(paths)) {
    signal.throwIfAborted();
    if (error) {
      if (named.has(path)) throw new UsageError(explainError(error).line);
      const result = error instanceof NotDicomError ? 'skipped' : 'failed';
      unsendable.push({ path, result, reason: reasonOf(error, path) });
      continue;
    }
    const { sopClass, sopInstance, transferSyntax, dataSet } = file;
    const fault = await file.checkDataSet().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    if (fault !== undefined) {
      if (!(fault instanceof DataSetError)) throw fault;
      unsendable.push({ path, result: 'failed', reason: `not sent: ${fault.message}` });
    } else if (sopClass === undefined || sopInstance === undefined)
      unsendable.push({ path, result: 'failed', reason: 'not sent: SOP Class UID or SOP Instance UID is missing' });
    else instances.push({ path, sopClass, sopInstance, transferSyntax, length: dataSet.length });
  }
  if (instances.length === 0 && !unsendable.some(({ result }) => result === 'failed'))
    throw new UsageError(`no DICOM files found in ${paths.join(', ')}`);
  return { instances, unsendable };
}

/** The explanation without the path, which is printed before it. */
function reasonOf(error: Error, path: string): string {
  const { line } = explainError(error);
  return line.startsWith(path) ? line.slice(path.length).replace(/^:? /, '') : line;
}

async function namedFiles(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) named.add(path);
    } catch (error) {
      throw new UsageError(explainError(error).line);
    }
  }
  return named;
}
