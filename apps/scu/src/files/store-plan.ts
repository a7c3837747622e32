// The plan of a transfer: reads the headers of the files and finds those that cannot be sent.

import { UsageError } from '@x/cli/program';
import { DataSetError, type HeldFile, type HeldFiles } from '@x/dimse';
import { explainError } from '../peer/explain-error.ts';
import { type InstanceFile, instanceFiles } from './instance-files.ts';

/** A file that can be sent. */
export interface PlannedInstance {
  readonly path: string;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  /** Bytes of the data set. */
  readonly length: number;
  /** The open file, if it is held for its sender. */
  readonly held?: HeldFile;
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

/** The plan of all files. @throws the errors of `planFiles` */
export async function planStore(paths: readonly string[], signal: AbortSignal): Promise<StorePlan> {
  const instances: PlannedInstance[] = [];
  const unsendable: Unsendable[] = [];
  for await (const planned of planFiles(paths, signal))
    if ('result' in planned) unsendable.push(planned);
    else instances.push(planned);
  return { instances, unsendable };
}

/**
 * The plan of one file after the other.
 * @param files Holds those that can be sent, as far as it can
 * @throws UsageError at the end if there is nothing to send, with the error of the first path that was named
 */
export async function* planFiles(
  paths: readonly string[],
  signal: AbortSignal,
  files?: HeldFiles,
): AsyncGenerator<PlannedInstance | Unsendable, void, undefined> {
  let first: UsageError | undefined;
  let sendable = 0;
  let failed = 0;
  for await (const found of instanceFiles(paths)) {
    signal.throwIfAborted();
    const planned = await plannedFile(found, files);
    if (!('result' in planned)) sendable++;
    else if (planned.result === 'failed') failed++;
    const { path, file, skipped, error } = found;
    if (!file && paths.includes(path)) first ??= new UsageError(withPath(skipped ?? explainError(error).line, path));
    yield planned;
  }
  if (sendable === 0 && first) throw first;
  if (sendable === 0 && failed === 0) throw new UsageError(`no DICOM files found in ${paths.join(', ')}`);
}

async function plannedFile(
  { path, file, skipped, error }: InstanceFile,
  files: HeldFiles | undefined,
): Promise<PlannedInstance | Unsendable> {
  if (!file) {
    const line = skipped ?? explainError(error).line;
    return { path, result: error ? 'failed' : 'skipped', reason: withoutPath(line, path) };
  }
  const { sopClass, sopInstance, transferSyntax, dataSet } = file;
  try {
    await file.checkDataSet();
  } catch (fault) {
    const reason = fault instanceof DataSetError ? fault.message : withoutPath(explainError(fault).line, path);
    return { path, result: 'failed', reason: `not sent: ${reason}` };
  }
  if (sopClass === undefined || sopInstance === undefined)
    return { path, result: 'failed', reason: 'not sent: SOP Class UID or SOP Instance UID is missing' };
  const held = files?.hold(file);
  return { path, sopClass, sopInstance, transferSyntax, length: dataSet.length, ...(held && { held }) };
}

/** The explanation without the path, which is printed before it. */
function withoutPath(line: string, path: string): string {
  return line.startsWith(path) ? line.slice(path.length).replace(/^:? /, '') : line;
}

function withPath(line: string, path: string): string {
  return line.startsWith(path) ? line : `${path}: ${line}`;
}
