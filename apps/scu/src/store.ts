// dimse-scu store: sends files over as few associations as their kinds need, or as many as were asked for.

import { ExitCode } from '@x/cli/program';
import {
  category,
  type DicomFile,
  DimseError,
  describeStatus,
  NoContextError,
  openDicomFile,
  RequestError,
  type Session,
  storage,
  storageContexts,
} from '@x/dimse';
import type { ProposedContext } from '@x/net';
import { type Connecting, connect } from './connect.ts';
import { explainError } from './explain-error.ts';
import type { StoreOptions } from './options.ts';
import { Output } from './output.ts';
import { type Progress, showProgress } from './progress.ts';
import { type PlannedInstance, planStore } from './store-plan.ts';
import { openReportFile, StoreReport } from './store-report.ts';

type Storing = Connecting & { readonly options: StoreOptions };

export async function store(storing: Storing, paths: readonly string[]): Promise<number> {
  const { options, signal } = storing;
  const plan = await planStore(paths, signal);
  const report = new StoreReport(
    new Output(options),
    options.report ? await openReportFile(options.report) : undefined,
  );
  for (const { path, ...rest } of plan.unsendable) report.add({ file: path, ...rest });
  const bytes = plan.instances.reduce((sum, { length }) => sum + length, 0);
  const progress = showProgress(bytes, plan.instances.length, !options.quiet && options.verbose === 0);
  const begun = performance.now();
  try {
    for (const contexts of storageContexts(plan.instances)) {
      const kinds = new Set(
        contexts.map(({ abstractSyntax, transferSyntaxes }) => `${abstractSyntax} ${transferSyntaxes[0]}`),
      );
      const group = plan.instances.filter(({ sopClass, transferSyntax }) => kinds.has(`${sopClass} ${transferSyntax}`));
      await storeGroup(storing, contexts, group, report, progress);
    }
  } finally {
    progress.stop();
    await report.close(performance.now() - begun);
  }
  return report.counts.failed > 0 ? ExitCode.Failure : ExitCode.Success;
}

/** What is left to do, shared by the associations that do it. */
interface Work {
  readonly queue: PlannedInstance[];
  readonly attempts: Map<PlannedInstance, number>;
}

async function storeGroup(
  storing: Storing,
  contexts: readonly ProposedContext[],
  instances: readonly PlannedInstance[],
  report: StoreReport,
  progress: Progress,
): Promise<void> {
  const work: Work = { queue: [...instances], attempts: new Map() };
  const workers = Math.min(storing.options.parallel, instances.length);
  try {
    await Promise.all(
      Array.from({ length: workers }, () => storeOnAssociations(storing, contexts, work, report, progress)),
    );
  } catch (error) {
    const { line } = explainError(error, storing.peer, storing.options.calling);
    for (const instance of work.queue.splice(0))
      report.add(resultOf(instance, 'failed', { reason: `not sent: ${line}` }));
    throw error;
  }
}

/** Works on one association, and on another one when that is lost, as long as something gets through. */
async function storeOnAssociations(
  storing: Storing,
  contexts: readonly ProposedContext[],
  work: Work,
  report: StoreReport,
  progress: Progress,
): Promise<void> {
  while (work.queue.length > 0) {
    const session = await connect(storing, [storage], contexts, storing.options.window);
    const before = report.counts.sent + report.counts.warning;
    const { invoked } = session.association.asynchronousOperations;
    const lanes = Math.min(storing.options.window, invoked === 0 ? storing.options.window : invoked);
    const outcomes = await Promise.allSettled(
      Array.from({ length: lanes }, () => storeOnLane(storing, session, work, report, progress)),
    );
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!lost) {
      await session.release();
      continue;
    }
    session.abort();
    storing.signal.throwIfAborted();
    // An association on which nothing got through promises nothing for the next.
    if (report.counts.sent + report.counts.warning === before) throw lost.reason;
  }
}

/** Files up to this length, in bytes, are read whole while others are sent. */
const READ_AHEAD = 1024 * 1024;
const FILES_AHEAD = 2;

/** Sends one instance after the other. */
async function storeOnLane(
  storing: Storing,
  session: Session,
  work: Work,
  report: StoreReport,
  progress: Progress,
): Promise<void> {
  const ahead = new ReadAhead(work);
  try {
    for (let current = ahead.take(); current; current = ahead.take()) {
      await storeOne(storing, session, current, work, report);
      progress.advance(current.instance.length);
    }
  } finally {
    await ahead.giveBack();
  }
}

/** An instance whose file is being opened. */
interface Opening {
  readonly instance: PlannedInstance;
  readonly opening: Promise<DicomFile>;
}

/** Opens the next few files while one is sent; each is read into a buffer that is used again. */
class ReadAhead {
  readonly #work: Work;
  readonly #opened: Opening[] = [];
  readonly #buffers = Array.from({ length: FILES_AHEAD + 1 }, () => Buffer.allocUnsafeSlow(READ_AHEAD));
  #round = 0;

  constructor(work: Work) {
    this.#work = work;
  }

  /** The next instance; what was taken before is done with. */
  take(): Opening | undefined {
    const { queue } = this.#work;
    const current = this.#opened.shift() ?? this.#open(queue.shift());
    while (this.#opened.length < FILES_AHEAD && queue.length > 0) {
      const next = this.#open(queue.shift());
      if (next) this.#opened.push(next);
    }
    return current;
  }

  /** The association was lost, or all is done: what was opened ahead is somebody else's. */
  async giveBack(): Promise<void> {
    this.#work.queue.unshift(...this.#opened.map(({ instance }) => instance));
    for (const { opening } of this.#opened.splice(0))
      await opening.then(
        (file) => file.close(),
        () => {},
      );
  }

  #open(instance: PlannedInstance | undefined): Opening | undefined {
    if (!instance) return undefined;
    const buffer = this.#buffers[this.#round++ % this.#buffers.length] as Buffer;
    const opening = openDicomFile(instance.path, { buffer });
    // It is awaited in its turn; until then a failure is nobody's unhandled one.
    opening.catch(() => {});
    return { instance, opening };
  }
}

/** @throws RequestError when the association was lost: others cannot be sent on it either. */
async function storeOne(
  { peer, options }: Storing,
  session: Session,
  { instance, opening }: Opening,
  work: Work,
  report: StoreReport,
): Promise<void> {
  const { sopClass, sopInstance, transferSyntax, length } = instance;
  let file: DicomFile | undefined;
  try {
    file = await opening;
    const request = { sopClass, sopInstance, transferSyntax, data: file.source };
    const { status } = await session.use(storage).store(request);
    const isWarning = category(status) === 'warning';
    const reason = isWarning ? { reason: describeStatus(status, storage.statuses) } : {};
    report.add(resultOf(instance, isWarning ? 'warning' : 'sent', { status: hex(status), ...reason }), length);
  } catch (error) {
    if (!(error instanceof RequestError)) report.add(resultOf(instance, 'failed', failureOf(error)));
    else {
      // Storing an instance twice does no harm: it is tried once more, on another association.
      const attempts = (work.attempts.get(instance) ?? 0) + 1;
      work.attempts.set(instance, attempts);
      if (attempts < 2) work.queue.unshift(instance);
      else report.add(resultOf(instance, 'failed', { reason: explainError(error, peer, options.calling).line }));
      throw error;
    }
  } finally {
    await file?.close();
  }
}

function failureOf(error: unknown): { readonly status?: string; readonly reason: string } {
  if (error instanceof DimseError) {
    const comment = error.errorComment ? `: ${JSON.stringify(error.errorComment)}` : '';
    return { status: hex(error.status), reason: `${describeStatus(error.status, storage.statuses)}${comment}` };
  }
  return { reason: error instanceof NoContextError ? error.message : explainError(error).line };
}

function resultOf(
  { path, sopClass, sopInstance }: PlannedInstance,
  result: 'sent' | 'warning' | 'failed',
  details: { readonly status?: string; readonly reason?: string },
) {
  return { file: path, result, sopClass, sopInstance, ...details };
}

function hex(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}
