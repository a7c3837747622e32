// What is to be sent: the files' heads are read, and what cannot be sent is known before anybody is called.

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

/** A file that is not sent, and why. */
export interface Unsendable {
  readonly path: string;
  /** `skipped`: it is no instance, and nobody named it. `failed`: it should have been sent. */
  readonly result: 'skipped' | 'failed';
  readonly reason: string;
}

export interface StorePlan {
  readonly instances: readonly PlannedInstance[];
  readonly unsendable: readonly Unsendable[];
}

/** @throws UsageError when a path is missing or a file that was named is not DICOM, or there is nothing to send. */
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
      unsendable.push({ path, result: 'failed', reason: 'not sent: it names no SOP class and instance' });
    else instances.push({ path, sopClass, sopInstance, transferSyntax, length: dataSet.length });
  }
  if (instances.length === 0 && !unsendable.some(({ result }) => result === 'failed'))
    throw new UsageError(`no DICOM files found in ${paths.join(', ')}`);
  return { instances, unsendable };
}

/** Without the path, which is told beside it. */
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
