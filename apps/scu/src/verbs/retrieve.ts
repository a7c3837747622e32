// dimse-scu get and move: retrieve instances to a folder, or have a peer send them to another application entity.

import { logMessages } from '@x/cli/conversation';
import { aeTitle, integer, listOf } from '@x/cli/option-values';
import { type PeerAddress, peerText } from '@x/cli/peer';

import { ExitCode } from '@x/cli/program';

import { sopClass, transferSyntax } from '@x/cli/uid-names';

import {
  category,
  type DataSet,
  DimseError,
  describeStatus,
  get as getInstances,
  moveToSelf,
  patientRoot,
  RETRIEVE_ASSOCIATIONS,
  type ReceivedInstance,
  type Retrieval,
  type RetrieveReport,
  type Session,
  studyRoot,
} from '@x/dimse';
import { texts } from '@x/dimse/data-set';
import { identifierOf } from '../options/keys.ts';
import { option, requiredOption, type ValuesOf } from '../options/parameters.ts';
import { RETRIEVE_OPTIONS } from '../options/shared-options.ts';
import { furtherTransferSyntaxes } from '../options/uid-names.ts';
import { hex, type Output } from '../output/output.ts';
import { abortOn, type Connecting, connect, peerOptions } from '../peer/connect.ts';
import { explainError } from '../peer/explain-error.ts';
import { type ReceivedFile, ReceivedFiles } from '../results/received-files.ts';
import { peerVerb } from '../verb.ts';

const GET_PARAMETERS = [
  ...RETRIEVE_OPTIONS,
  requiredOption('--out <folder>', 'folder for the instances'),
  option(
    '--sop-class <uid>',
    'also propose this SOP class (UID or name); may be given several times',
    listOf(sopClass),
  ),
  option('--only-sop-class <uid>', 'propose only this SOP class; may be given several times', listOf(sopClass)),
  option(
    '--transfer-syntax <uid>',
    'also propose this transfer syntax (UID or name); may be given several times',
    furtherTransferSyntaxes,
  ),
  option(
    '--only-transfer-syntax <uid>',
    'propose only this transfer syntax; may be given several times',
    listOf(transferSyntax),
  ),
  option(
    '--associations <number>',
    'number of associations to propose presentation contexts on',
    integer(1, 1024),
    RETRIEVE_ASSOCIATIONS,
  ),
] as const;
const MOVE_PARAMETERS = [
  ...RETRIEVE_OPTIONS,
  option('--dest <title>', 'AE title of the destination, which the peer must know (with --receive: ours)', aeTitle),
  option('--receive <port>', 'receive the instances ourselves, at this port', integer(0, 65535)),
  option('--out <folder>', 'folder for the instances that are received'),
] as const;

type Retrieving = Connecting<ValuesOf<typeof RETRIEVE_OPTIONS>>;
type Getting = Connecting<ValuesOf<typeof GET_PARAMETERS>>;
type Moving = Connecting<ValuesOf<typeof MOVE_PARAMETERS>>;

export const get = peerVerb({
  name: 'get',
  description: 'retrieves instances on the same association, to a folder',
  examples: ['ARCHIVE@10.0.0.5:104 --key StudyInstanceUID=1.2.3 --out study/'],
  parameters: GET_PARAMETERS,
  run: getFiles,
});

export const move = peerVerb({
  name: 'move',
  description: 'has the peer send instances to another application entity, or to this one',
  examples: [
    'ARCHIVE@10.0.0.5:104 --key StudyInstanceUID=1.2.3 --dest WORKSTATION',
    'ARCHIVE@10.0.0.5:104 --key StudyInstanceUID=1.2.3 --receive 11113 --out study/',
  ],
  parameters: MOVE_PARAMETERS,
  missing: missingDestination,
  run: moveFiles,
});

async function getFiles(retrieving: Getting): Promise<number> {
  const { options, signal } = retrieving;
  const { window } = options;
  const files = await ReceivedFiles.open(options.out, options.template);
  const retrieval = getInstances({
    ...peerOptions(retrieving),
    identifier: identifierFor(options),
    model: modelFor(options),
    associations: options.associations,
    ...(options.sopClass && { furtherSopClasses: options.sopClass }),
    ...(options.onlySopClass && { sopClasses: options.onlySopClass }),
    ...(options.transferSyntax && { furtherTransferSyntaxes: options.transferSyntax }),
    ...(options.onlyTransferSyntax && { transferSyntaxes: options.onlyTransferSyntax }),
    // In C-GET we perform the C-STORE operations.
    ...(window > 1 && { asynchronousOperations: { invoke: 1, perform: window } }),
    onSession: (session) => attend(session, retrieving),
    signal,
  });
  return keepAll(retrieving, retrieval, files);
}

async function moveFiles(moving: Moving): Promise<number> {
  const { receive, out, dest = '' } = moving.options;
  return receive !== undefined && out !== undefined ? moveHere(moving, receive, out) : moveThere(moving, dest);
}

function missingDestination({ receive, out, dest }: ValuesOf<typeof MOVE_PARAMETERS>): string[] {
  if ((receive === undefined) !== (out === undefined)) return ['--receive and --out go together'];
  if (receive !== undefined || dest !== undefined) return [];
  return ['--dest is needed: the AE title of the destination; or --receive with --out'];
}

async function moveHere(moving: Moving, port: number, folder: string): Promise<number> {
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
      ...(window > 1 && { asynchronousOperations: window }),
    },
    onListening: (address) => logger.debug(`waiting for instances at port ${address.port}`),
    onSession: (session: Session) => attend(session, moving),
    signal,
  });
  return keepAll(moving, retrieval, files);
}

/** The first Ctrl-C cancels the retrieval, which waits for the final response; the second aborts the association. */
function attend(session: Session, { logger, insistence }: Connecting): void {
  logMessages(session, logger);
  abortOn(insistence, session);
}

async function moveThere(moving: Moving, destination: string): Promise<number> {
  const { options, output, signal } = moving;
  const model = modelFor(options) as typeof studyRoot;
  const session = await connect(moving, [model]);
  const progress = output.showCount();
  const identifier = identifierFor(options);
  const responses = session.use(model).move({ destination, identifier }, { signal });
  try {
    for await (const { remaining, completed = 0, failed = 0, warning = 0 } of responses)
      progress.at(completed + failed + warning, remaining);
    const { status, identifier: failures, ...counts } = await responses.final;
    const { completed = 0, failed = 0, warning = 0 } = counts;
    if (completed + failed + warning === 0) moving.logger.warn(nothingMatches(moving.peer));
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
  const uids = texts((failures as DataSet | undefined)?.FailedSOPInstanceUIDList);
  for (const sopInstance of uids) output.failure(`failed  ${sopInstance}`, { result: 'failed', sopInstance });
  const summary = { completed, failed, warning };
  const comment = errorComment === undefined ? '' : `: ${JSON.stringify(errorComment)}`;
  const why = category(status) === 'success' ? '' : `: ${describeStatus(status, studyRoot.statuses)}${comment}`;
  const line = `${completed + warning} moved, ${failed} failed${why}`;
  const value = { status: hex(status), summary };
  if (failed > 0) output.failedResult(line, value);
  else output.result(line, value);
  return failed > 0 ? ExitCode.Failure : ExitCode.Success;
}

/** Writes each instance that arrives to a file, and prints a line for it. */
async function keepAll(
  { output, peer, logger }: Retrieving,
  retrieval: Retrieval,
  files: ReceivedFiles,
): Promise<number> {
  const progress = output.showCount();
  const counts = { received: 0, present: 0, failed: 0 };
  let bytes = 0;
  const begun = performance.now();
  try {
    for await (const instance of retrieval) {
      const kept = await keepUnlessLost(files, instance);
      if (!kept) continue;
      counts[kept.result]++;
      bytes += kept.length;
      if (kept.result === 'failed') output.failure(lineOf(kept), kept);
      else output.result(lineOf(kept), kept);
      progress.at(counts.received + counts.present + counts.failed, retrieval.report.remaining);
    }
  } finally {
    progress.stop();
    const failed = tellMissing(output, retrieval.report, counts);
    const seconds = (performance.now() - begun) / 1000;
    const [megabytes, rate] = [bytes / 1e6, bytes / 1e6 / Math.max(seconds, 0.001)];
    const present = counts.present > 0 ? `, ${counts.present} of them present already` : '';
    const print = failed > 0 ? output.failedResult.bind(output) : output.result.bind(output);
    print(
      `${counts.received + counts.present} received${present}, ${failed} failed: ${megabytes.toFixed(1)} MB in ${seconds.toFixed(2)} s, ${rate.toFixed(1)} MB/s`,
      { summary: { ...counts, failed }, bytes, milliseconds: Math.round(seconds * 1000) },
    );
  }
  const { status, errorComment, failed, failures, unproposed } = retrieval.report;
  if (failed === 0 && counts.failed === 0) {
    if (counts.received + counts.present === 0) logger.warn(nothingMatches(peer));
    return ExitCode.Success;
  }
  const comment = errorComment === undefined ? '' : `: ${JSON.stringify(errorComment)}`;
  logger.warn(`${peerText(peer)} answered: ${describeStatus(status, studyRoot.statuses)}${comment}`);
  if (unproposed > 0)
    logger.warn(
      `${unproposed} presentation contexts were not proposed: our limit of associations; use --associations, --only-sop-class or --only-transfer-syntax`,
    );
  if ([...failures.values()].some(({ by }) => by === 'requestor'))
    logger.warn(
      'propose more with --sop-class and --transfer-syntax, or without --only-sop-class and --only-transfer-syntax',
    );
  return ExitCode.Failure;
}

function nothingMatches(peer: PeerAddress): string {
  return `${peerText(peer)}: nothing matches these keys`;
}

/** Undefined if the association was lost: the retrieval continues, or ends with the reason. */
async function keepUnlessLost(files: ReceivedFiles, instance: ReceivedInstance): Promise<ReceivedFile | undefined> {
  try {
    return await files.keep(instance);
  } catch (error) {
    if (explainError(error).exitCode !== ExitCode.NoAssociation) throw error;
    return undefined;
  }
}

/** Prints a line for each instance that the peer could not send. Returns the number of all failures. */
function tellMissing(
  output: Output,
  { failed, failedSopInstances, failures }: RetrieveReport,
  counts: { readonly failed: number },
): number {
  const missing = failed - counts.failed;
  if (missing > 0)
    for (const sopInstance of failedSopInstances.slice(0, missing)) {
      const { by, reason } = failures.get(sopInstance) ?? { by: 'provider', reason: 'the peer could not send it' };
      output.failure(`failed   ${sopInstance}: ${reason}`, { result: 'failed', sopInstance, by, reason });
    }
  return Math.max(failed, counts.failed);
}

function lineOf({ result, file, sopInstance, reason }: ReceivedFile): string {
  return `${result.padEnd(8)} ${file ?? sopInstance}${reason === undefined ? '' : `: ${reason}`}`;
}

function identifierFor({ level, key }: Retrieving['options']) {
  return { QueryRetrieveLevel: level, ...identifierOf(key) };
}

function modelFor({ model }: Retrieving['options']): typeof studyRoot | typeof patientRoot {
  return model === 'patient' ? patientRoot : studyRoot;
}
