// dimse-scu store: sends files over as few associations as their kinds need, or as many as were asked for.

import { logMessages } from '@x/cli/conversation';
import { ExitCode } from '@x/cli/program';
import { DimseError, describeStatus, NotSentError, type StoreOutcome, storage, storeInstances } from '@x/dimse';
import { planStore } from '../files/store-plan.ts';
import type { StoreOptions } from '../options/options.ts';
import { type Connecting, peerOptions } from '../peer/connect.ts';
import { explainError } from '../peer/explain-error.ts';
import { Output } from '../results/output.ts';
import { showProgress } from '../results/progress.ts';
import { openReportFile, StoreReport, sentByReport } from '../results/store-report.ts';

type Storing = Connecting & { readonly options: StoreOptions };

export async function store(storing: Storing, paths: readonly string[]): Promise<number> {
  const { options, logger, signal } = storing;
  const { report: reportPath, resume, parallel, window, quiet, verbose } = options;
  const skipped = await sentByReport(reportPath, resume);
  const plan = await planStore(paths, signal);
  const file = reportPath === undefined ? undefined : await openReportFile(reportPath, resume);
  const report = new StoreReport(new Output(options), file);
  for (const { path, ...rest } of plan.unsendable) report.add({ file: path, ...rest });
  const bytes = plan.instances.reduce((sum, { length }) => sum + length, 0);
  const progress = showProgress(bytes, plan.instances.length, !quiet && verbose === 0);
  const begun = performance.now();
  const outcomes = storeInstances(plan.instances, {
    ...peerOptions(storing, window),
    parallel: Math.min(parallel, Math.max(plan.instances.length, 1)),
    skipped,
    onSession: (session) => logMessages(session, logger),
    signal,
  });
  let unreachable: unknown;
  try {
    for await (const outcome of outcomes) {
      report.addOutcome(outcome, reasonOf(outcome, storing));
      progress.advance(outcome.length ?? 0);
      if (outcome.error instanceof NotSentError) unreachable ??= outcome.error.cause;
    }
  } finally {
    progress.stop();
    await report.close(performance.now() - begun);
  }
  if (unreachable) throw unreachable;
  return report.counts.failed > 0 ? ExitCode.Failure : ExitCode.Success;
}

function reasonOf({ error, reason }: StoreOutcome, { peer, options }: Storing): string | undefined {
  if (!error) return reason;
  if (error instanceof DimseError) {
    // Quoted: the peer's words must not look like ours.
    const comment = error.errorComment ? `: ${JSON.stringify(error.errorComment)}` : '';
    return `${describeStatus(error.status, storage.statuses)}${comment}`;
  }
  const [cause, prefix] = error instanceof NotSentError ? [error.cause, 'not sent: '] : [error, ''];
  return `${prefix}${explainError(cause, peer, options.calling).line}`;
}
