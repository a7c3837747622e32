// dimse-scu store: sends files over the associations that their presentation contexts need, or over several at once.

import { logMessages } from '@x/cli/conversation';
import { integer, oneOf } from '@x/cli/option-values';
import { ExitCode, UsageError } from '@x/cli/program';
import {
  DimseError,
  describeStatus,
  HeldFiles,
  NotSentError,
  RequestError,
  type StoreOutcome,
  storage,
  storeInstances,
} from '@x/dimse';
import { GrowingPlan, PLANNED_FIRST } from '../files/growing-plan.ts';
import type { Unsendable } from '../files/store-plan.ts';
import { argument, flag, option, type ValuesOf } from '../options/parameters.ts';
import { furtherTransferSyntaxes } from '../options/uid-names.ts';
import { type Connecting, peerOptions } from '../peer/connect.ts';
import { explainError } from '../peer/explain-error.ts';
import { openReportFile, StoreReport, sentByReport } from '../results/store-report.ts';
import { peerVerb } from '../verb.ts';

const PARAMETERS = [
  argument('<path...>', 'files and folders'),
  option('--parallel <number>', 'number of concurrent associations', integer(1, 64), 1),
  option(
    '--window <number>',
    'number of concurrent operations on an association, if the peer agrees',
    integer(1, 1024),
    1,
  ),
  option('--priority <priority>', 'low, medium or high', oneOf('low', 'medium', 'high'), 'medium'),
  option('--repeat <number>', 'send everything this number of times', integer(1), 1),
  option(
    '--propose <uid>',
    'also propose this transfer syntax (UID or name) for each SOP class; may be given several times',
    furtherTransferSyntaxes,
  ),
  flag('--required', 'propose only the presentation contexts that carry the files as they are'),
  option(
    '--transfer-syntax <keep>',
    'keep: instances are sent as they are; a UID: as --propose',
    furtherTransferSyntaxes,
  ),
  flag('--decompress', 'decompress instances for a peer that does not take their transfer syntax'),
  option('--report <file>', 'write the result of each file, one JSON object per line'),
  flag('--resume', 'skip the files that the report lists as sent, and append to the report'),
] as const;

type Storing = Connecting<ValuesOf<typeof PARAMETERS>>;

export const store = peerVerb({
  name: 'store',
  description: 'sends files, and all DICOM files in folders',
  examples: [
    'ARCHIVE@10.0.0.5:104 study/ image.dcm',
    'ARCHIVE@10.0.0.5:104 study/ --parallel 4 --report sent.jsonl',
    'ARCHIVE@10.0.0.5:104 study/ --report sent.jsonl --resume',
  ],
  parameters: PARAMETERS,
  run: sendFiles,
});

async function sendFiles(storing: Storing): Promise<number> {
  const { options, output, logger, signal } = storing;
  const { path: paths, report: reportPath, resume, parallel, window, priority, repeat } = options;
  const { propose = [], transferSyntax = [], decompress, required } = options;
  if (required && (decompress || propose.length + transferSyntax.length > 0))
    throw new UsageError(`--required and ${decompress ? '--decompress' : '--propose'} contradict each other`);
  const skipped = await sentByReport(reportPath, resume);
  await using files = new HeldFiles();
  const plan = await GrowingPlan.begin(paths, signal, PLANNED_FIRST, files);
  const file = reportPath === undefined ? undefined : await openReportFile(reportPath, resume);
  const report = new StoreReport(output, file);
  const addUnsendable = ({ path, ...rest }: Unsendable) => report.add({ file: path, ...rest });
  plan.unsendable.forEach(addUnsendable);
  const bytes = plan.known.reduce((sum, { length }) => sum + length, 0);
  const progress = output.showBytes(bytes * repeat, plan.known.length * repeat);
  let isOver = false;
  const instances = plan.instances(repeat, (planned) => {
    if (isOver) return;
    if ('result' in planned) addUnsendable(planned);
    else progress.expect(planned.length * repeat, repeat);
  });
  const begun = performance.now();
  const transcoder = decompress ? (await import('@x/dimse/transcode')).createDecompressor() : undefined;
  const outcomes = storeInstances(instances, {
    ...peerOptions(storing, window),
    parallel,
    plannedFirst: PLANNED_FIRST,
    priority: PRIORITIES[priority],
    furtherTransferSyntaxes: [...propose, ...transferSyntax],
    isOnlyRequired: required,
    ...(transcoder && { transcoder }),
    skipped,
    onSession: (session) => logMessages(session, logger),
    signal,
  });
  let unreachable: unknown;
  let lost: RequestError | undefined;
  let hasAnswer = false;
  try {
    for await (const outcome of outcomes) {
      report.addOutcome(outcome, reasonOf(outcome, storing));
      progress.advance(outcome.length ?? 0);
      const { error, status } = outcome;
      if (error instanceof NotSentError) unreachable ??= error.cause;
      if (error instanceof RequestError) lost = error;
      if (status !== undefined) hasAnswer = true;
    }
  } finally {
    isOver = true;
    progress.stop();
    await transcoder?.[Symbol.asyncDispose]();
    await report.close(performance.now() - begun);
  }
  if (unreachable) throw unreachable;
  // Each association was lost, and nothing else happened.
  if (lost && !hasAnswer) throw lost;
  return report.counts.failed > 0 ? ExitCode.Failure : ExitCode.Success;
}

/** PS3.7 §9.1.1.1.6. */
const PRIORITIES = { medium: 0x0000, high: 0x0001, low: 0x0002 } as const;

function reasonOf({ error, reason }: StoreOutcome, { peer, options }: Storing): string | undefined {
  if (!error) return reason;
  if (error instanceof DimseError) {
    // The comment comes from the peer and is quoted, so that it cannot be taken for our own text.
    const comment = error.errorComment ? `: ${JSON.stringify(error.errorComment)}` : '';
    return `${describeStatus(error.status, storage.statuses)}${comment}`;
  }
  const [cause, prefix] = error instanceof NotSentError ? [error.cause, 'not sent: '] : [error, ''];
  return `${prefix}${explainError(cause, peer, options.calling).line}`;
}
