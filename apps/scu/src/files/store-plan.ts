// The plan of a transfer: reads the headers of the files and finds those that cannot be sent, before connecting.

import { UsageError } from '@x/cli/program';
import { DataSetError } from '@x/dimse';
import { explainError } from '../peer/explain-error.ts';
import { instanceFiles } from './instance-files.ts';

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
  /** `skipped`: not an instance. `failed`: a DICOM file that cannot be sent, or a path that cannot be read. */
  readonly result: 'skipped' | 'failed';
  readonly reason: string;
}

export interface StorePlan {
  readonly instances: readonly PlannedInstance[];
  readonly unsendable: readonly Unsendable[];
}

/** @throws UsageError if there is nothing to send, with the error of the first path that was named */
export async function planStore(paths: readonly string[], signal: AbortSignal): Promise<StorePlan> {
  let first: UsageError | undefined;
  const instances: PlannedInstance[] = [];
  const unsendable: Unsendable[] = [];
  for await (const { path, file, skipped, error } of instanceFiles(paths)) {
    signal.throwIfAborted();
    if (!file) {
      const line = skipped ?? explainError(error).line;
      if (paths.includes(path)) first ??= new UsageError(withPath(line, path));
      unsendable.push({ path, result: error ? 'failed' : 'skipped', reason: withoutPath(line, path) });
      continue;
    }
    const { sopClass, sopInstance, transferSyntax, dataSet } = file;
    const fault = await file.checkDataSet().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    if (fault !== undefined) {
      const reason = fault instanceof DataSetError ? fault.message : withoutPath(explainError(fault).line, path);
      unsendable.push({ path, result: 'failed', reason: `not sent: ${reason}` });
    } else if (sopClass === undefined || sopInstance === undefined)
      unsendable.push({ path, result: 'failed', reason: 'not sent: SOP Class UID or SOP Instance UID is missing' });
    else instances.push({ path, sopClass, sopInstance, transferSyntax, length: dataSet.length });
  }
  if (instances.length === 0 && first) throw first;
  if (instances.length === 0 && !unsendable.some(({ result }) => result === 'failed'))
    throw new UsageError(`no DICOM files found in ${paths.join(', ')}`);
  return { instances, unsendable };
}

/** The explanation without the path, which is printed before it. */
function withoutPath(line: string, path: string): string {
  return line.startsWith(path) ? line.slice(path.length).replace(/^:? /, '') : line;
}

function withPath(line: string, path: string): string {
  return line.startsWith(path) ? line : `${path}: ${line}`;
}
