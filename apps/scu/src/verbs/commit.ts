// dimse-scu commit: requests storage commitment for instances, and waits for the report.

import { integer, seconds } from '@x/cli/option-values';
import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { createScp, describeStatus, type Scp, type Session, type StatusTable, storageCommitment } from '@x/dimse';
import {
  type CommitmentReport,
  CommitmentTimeoutError,
  type ReferencedInstance,
  StorageCommitmentUser,
} from '@x/dimse/workflow';
import { type PlannedInstance, planStore } from '../files/store-plan.ts';
import { argument, option, type ValuesOf } from '../options/parameters.ts';
import { hex, type Output } from '../output/output.ts';
import { type Connecting, connect, peerOptions } from '../peer/connect.ts';
import { NoReportError } from '../peer/explain-error.ts';
import { peerVerb } from '../verb.ts';

const PARAMETERS = [
  argument('<path...>', 'files and folders'),
  option('--listen <port>', 'also accept the report at this port', integer(0, 65535)),
  option('--wait <seconds>', 'how long to wait for the report', seconds, 60_000, '60'),
] as const;

type Committing = Connecting<ValuesOf<typeof PARAMETERS>>;

export const commit = peerVerb({
  name: 'commit',
  description: 'asks the peer to commit to storing instances permanently',
  examples: ['ARCHIVE@10.0.0.5:104 study/ --listen 11113 --wait 120'],
  parameters: PARAMETERS,
  run: requestCommitment,
});

async function requestCommitment(committing: Committing): Promise<number> {
  const { options, output, signal } = committing;
  const { path: paths } = options;
  const { instances, unsendable } = await planStore(paths, signal);
  const results = new Results(output);
  for (const { path, result, reason } of unsendable) results.add({ file: path, result, reason });
  const byUid = new Map(instances.map((instance) => [instance.sopInstance, instance]));
  const user = new StorageCommitmentUser();
  const scp = options.listen === undefined ? undefined : await listen(committing, user, options.listen);
  try {
    const all = [...byUid.values()];
    for (let at = 0; at < all.length; at += INSTANCES_AT_ONCE) {
      const some = all.slice(at, at + INSTANCES_AT_ONCE);
      results.addReport(await request(committing, user, some), byUid);
    }
  } finally {
    await scp?.close();
  }
  results.sum();
  return results.counts.failed > 0 ? ExitCode.Failure : ExitCode.Success;
}

/** Instances per request: some providers accept no more. */
const INSTANCES_AT_ONCE = 10_000;

/** Accepts associations to our AE title, on which the peer may send the report. */
async function listen(committing: Committing, user: StorageCommitmentUser, port: number): Promise<Scp> {
  const { options, logger } = committing;
  const { onConnection, maximumLength } = peerOptions(committing);
  const scp = createScp({ aeTitle: options.calling, services: [user.service], maximumLength, onConnection });
  const address = await scp.listen({ port });
  logger.debug(`waiting for the report at port ${address.port}`);
  return scp;
}

async function request(
  committing: Committing,
  user: StorageCommitmentUser,
  instances: readonly ReferencedInstance[],
): Promise<CommitmentReport> {
  const { peer, options, signal } = committing;
  const { wait: reportTimeout, listen: port } = options;
  await using session = await connect(committing, [storageCommitment], undefined, 1, [], [user.service]);
  const ended = endOf(session);
  try {
    const signals = port === undefined ? [signal, ended] : [signal];
    return await user.requestCommitment(session, instances, { reportTimeout, signal: AbortSignal.any(signals) });
  } catch (error) {
    const isEnded = error === ended.reason;
    if (!isEnded && !(error instanceof CommitmentTimeoutError)) throw error;
    const what = isEnded
      ? 'ended the association before it reported'
      : `sent no report within ${reportTimeout / 1000} s`;
    const advice =
      port === undefined
        ? `It may report on a new association: accept that with --listen PORT, at the port where it expects ${options.calling}.`
        : `Check that it expects ${options.calling} on this host at port ${port}, or wait longer with --wait.`;
    throw new NoReportError(`${peerText(peer)} accepted the request, but ${what}. ${advice}`);
  }
}

/** Aborts when the association has ended. */
function endOf({ association }: Session): AbortSignal {
  const controller = new AbortController();
  void association.closed.then(() => controller.abort(new Error('the association has ended')));
  return controller.signal;
}

interface Result {
  readonly result: 'committed' | 'failed' | 'skipped';
  readonly file?: string;
  readonly sopInstance?: string;
  readonly sopClass?: string;
  /** Failure Reason, four hexadecimal digits. */
  readonly status?: string;
  readonly reason?: string;
}

/** Prints one line for each instance, and the totals. */
class Results {
  readonly counts = { committed: 0, failed: 0, skipped: 0 };
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  add(result: Result): void {
    this.counts[result.result]++;
    const { file, sopInstance, reason } = result;
    const line = `${result.result.padEnd(9)} ${file ?? sopInstance}${reason === undefined ? '' : `: ${reason}`}`;
    if (result.result === 'failed') this.#output.failure(line, result);
    else this.#output.result(line, result);
  }

  addReport(report: CommitmentReport, files: ReadonlyMap<string, PlannedInstance>): void {
    const told = ({ sopClass, sopInstance }: ReferencedInstance) => {
      const file = files.get(sopInstance)?.path;
      return { ...(file !== undefined && { file }), sopInstance, sopClass };
    };
    for (const instance of report.committed) this.add({ result: 'committed', ...told(instance) });
    for (const instance of report.failed) {
      const reason = describeStatus(instance.reason, FAILURE_REASONS);
      this.add({ result: 'failed', ...told(instance), status: hex(instance.reason), reason });
    }
    for (const instance of report.unreported)
      this.add({ result: 'failed', ...told(instance), reason: 'the report does not mention it' });
  }

  sum(): void {
    const { committed, failed, skipped } = this.counts;
    this.#output.result(`${committed} committed, ${failed} failed, ${skipped} skipped`, { summary: this.counts });
  }
}

// Failure Reason (PS3.3 §C.14.1.1): only the values whose meaning differs from PS3.7.
const FAILURE_REASONS: StatusTable = {
  0x0112: ['failure', 'no such object instance'],
  0x0122: ['failure', 'referenced SOP class not supported'],
  0x0119: ['failure', 'class / instance conflict'],
  0x0131: ['failure', 'duplicate transaction UID'],
};
