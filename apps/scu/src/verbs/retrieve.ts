// dimse-scu get and move: instances from a peer to a folder, or from one peer to another.

import { logMessages } from '@x/cli/conversation';
import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import {
  category,
  DimseError,
  describeStatus,
  get as getInstances,
  moveToSelf,
  patientRoot,
  type Retrieval,
  type RetrieveReport,
  type Session,
  studyRoot,
} from '@x/dimse';
import { identifierOf } from '../options/keys.ts';
import type { GetOptions, MoveOptions, RetrieveOptions } from '../options/options.ts';
import { type Connecting, connect, peerOptions } from '../peer/connect.ts';
import { hex, Output } from '../results/output.ts';
import { showCount } from '../results/progress.ts';
import { type ReceivedFile, ReceivedFiles } from '../results/received-files.ts';

type Retrieving<Options extends RetrieveOptions> = Connecting & { readonly options: Options };

export async function get(retrieving: Retrieving<GetOptions>): Promise<number> {
  const { options, signal } = retrieving;
  const { window } = options;
  const files = await ReceivedFiles.open(options.out, options.template);
  const retrieval = getInstances({
    ...peerOptions(retrieving),
    identifier: identifierFor(options),
    model: modelFor(options),
    // Ours is the role of the performer: of C-STORE.
    ...(window > 1 && { asynchronousOperations: { invoked: 1, performed: window } }),
    onSession: (session) => attend(session, retrieving),
    signal,
  });
  return keepAll(retrieving, retrieval, files);
}

export async function move(moving: Retrieving<MoveOptions>): Promise<number> {
  const { receive, out, dest } = moving.options;
  if ((receive === undefined) !== (out === undefined)) throw new UsageError('--receive and --out go together');
  if (receive !== undefined && out !== undefined) return moveHere(moving, receive, out);
  if (dest === undefined) throw new UsageError('--dest is needed: the AE title to move to, or --receive with --out');
  return moveThere(moving, dest);
}

async function moveHere(moving: Retrieving<MoveOptions>, port: number, folder: string): Promise<number> {
  const { options, logger, signal } = moving;
  const files = await ReceivedFiles.open(folder, options.template);
  const { maximumLength, onConnection } = peerOptions(moving);
  const { window } = options;
  const retrieval = moveToSelf({
    ...peerOptions(moving),
    identifier: identifierFor(options),
    model: modelFor(options),
    receiver: {
      port,
      aeTitle: options.dest ?? options.calling,
      maximumLength,
      onConnection,
      ...(window > 1 && { asynchronousOperations: { invoked: window, performed: window } }),
    },
    onListening: (address) => logger.debug(`waiting for instances at port ${address.port}`),
    onSession: (session: Session) => attend(session, moving),
    signal,
  });
  return keepAll(moving, retrieval, files);
}

/** A retrieval that is interrupted is cancelled, and awaits the peer's last word; but not for one who insists. */
function attend(session: Session, { logger, insistence }: Connecting): void {
  logMessages(session, logger);
  insistence.addEventListener('abort', () => session.abort(insistence.reason), { once: true });
}

async function moveThere(moving: Retrieving<MoveOptions>, destination: string): Promise<number> {
  const { options, signal } = moving;
  const model = modelFor(options) as typeof studyRoot;
  const session = await connect(moving, [model]);
  const output = new Output(options);
  const progress = showCount(!options.quiet && options.verbose === 0);
  const identifier = identifierFor(options);
  const responses = session.use(model).move({ destination, identifier }, { signal });
  try {
    for await (const { remaining, completed = 0, failed = 0, warning = 0 } of responses)
      progress.at(completed + failed + warning, remaining);
    const { status, identifier: failures, ...counts } = await responses.final;
    return tellMoved(output, { status, failures, ...counts });
  } catch (error) {
    if (!(error instanceof DimseError) || error.response?.completed === undefined) throw error;
    const { status, errorComment, response } = error;
    tellMoved(output, { status, errorComment, failures: response.identifier, ...response });
    throw error;
  } finally {
    progress.stop();
    await session.release().catch(() => session.abort());
  }
}

interface Moved {
  readonly status: number;
  readonly completed?: number | undefined;
  readonly failed?: number | undefined;
  readonly warning?: number | undefined;
  readonly errorComment?: string | undefined;
  readonly failures?: unknown;
}

function tellMoved(
  output: Output,
  { status, completed = 0, failed = 0, warning = 0, errorComment, failures }: Moved,
): number {
  const listed = (failures as { readonly FailedSOPInstanceUIDList?: unknown } | undefined)?.FailedSOPInstanceUIDList;
  const uids = (Array.isArray(listed) ? listed : [listed]).filter((uid) => typeof uid === 'string' && uid !== '');
  for (const sopInstance of uids) output.result(`failed  ${sopInstance}`, { result: 'failed', sopInstance });
  const summary = { completed, failed, warning };
  const comment = errorComment === undefined ? '' : `: ${JSON.stringify(errorComment)}`;
  const why = category(status) === 'success' ? '' : `: ${describeStatus(status, studyRoot.statuses)}${comment}`;
  output.result(`${completed + warning} moved, ${failed} failed${why}`, { status: hex(status), summary });
  return failed > 0 ? ExitCode.Failure : ExitCode.Success;
}

/** Keeps what arrives, a line for each. */
async function keepAll(
  { options, peer, logger }: Retrieving<RetrieveOptions>,
  retrieval: Retrieval,
  files: ReceivedFiles,
): Promise<number> {
  const output = new Output(options);
  const progress = showCount(!options.quiet && options.verbose === 0);
  const counts = { received: 0, present: 0, failed: 0 };
  let bytes = 0;
  const begun = performance.now();
  try {
    for await (const instance of retrieval) {
      const kept = await files.keep(instance);
      counts[kept.result]++;
      bytes += kept.length;
      output.result(lineOf(kept), kept);
      progress.at(counts.received + counts.present + counts.failed, retrieval.report.remaining);
    }
  } finally {
    progress.stop();
    const failed = tellMissing(output, retrieval.report, counts);
    const seconds = (performance.now() - begun) / 1000;
    const [megabytes, rate] = [bytes / 1e6, bytes / 1e6 / Math.max(seconds, 0.001)];
    const present = counts.present > 0 ? `, ${counts.present} of them present already` : '';
    output.result(
      `${counts.received + counts.present} received${present}, ${failed} failed: ${megabytes.toFixed(1)} MB in ${seconds.toFixed(2)} s, ${rate.toFixed(1)} MB/s`,
      { summary: { ...counts, failed }, bytes, milliseconds: Math.round(seconds * 1000) },
    );
  }
  const { status, errorComment, failed } = retrieval.report;
  if (failed === 0 && counts.failed === 0) return ExitCode.Success;
  const comment = errorComment === undefined ? '' : `: ${JSON.stringify(errorComment)}`;
  logger.warn(`${peerText(peer)} answered: ${describeStatus(status, studyRoot.statuses)}${comment}`);
  return ExitCode.Failure;
}

/** A line for each instance that the peer could not send. How many failed in all. */
function tellMissing(
  output: Output,
  { failed, failedSopInstances }: RetrieveReport,
  counts: { readonly failed: number },
): number {
  const missing = failed - counts.failed;
  if (missing > 0)
    for (const sopInstance of failedSopInstances.slice(0, missing))
      output.result(`failed   ${sopInstance}: the peer could not send it`, { result: 'failed', sopInstance });
  return Math.max(failed, counts.failed);
}

function lineOf({ result, file, sopInstance, reason }: ReceivedFile): string {
  return `${result.padEnd(8)} ${file ?? sopInstance}${reason === undefined ? '' : `: ${reason}`}`;
}

function identifierFor({ level, key }: RetrieveOptions) {
  return { QueryRetrieveLevel: level, ...identifierOf(key) };
}

function modelFor({ model }: RetrieveOptions): typeof studyRoot | typeof patientRoot {
  return model === 'patient' ? patientRoot : studyRoot;
}
