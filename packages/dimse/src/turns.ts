// Long computations in steps of bounded size, with a turn of the event loop after each step.
//
// A computation is written once, as a generator that yields when it has done the work of one step. `atOnce` runs it as an
// ordinary function. `inTurns` lets timers, sockets and other computations run between two steps. All computations that
// wait for their turn wait in one queue, and one step is done in each turn: the event loop is never busy for longer than
// the longest step, however many peers keep it busy.

/** A computation in steps. It yields the work of each step except the last, in units, and returns its result. */
export type Steps<T> = Generator<number, T, undefined>;

/**
 * The work of one step in units. A unit is an element, an item, a value, 16 characters that are converted by code, or 64
 * bytes that are copied: some microseconds at most.
 */
export const UNITS_PER_STEP = 4096;

/** Counts the work of the present step. Call `end` and yield its result if `work` has reached `UNITS_PER_STEP`. */
export class Step {
  /** Units of work in this step. */
  work = 0;

  /** Adds work. Returns whether the step should end. */
  add(units: number): boolean {
    this.work += units;
    return this.isOver;
  }

  /** Whether the step should end. */
  get isOver(): boolean {
    return this.work >= UNITS_PER_STEP;
  }

  /** Begins the next step. Returns the work of the one that ended. */
  end(): number {
    const { work } = this;
    this.work = 0;
    return work;
  }
}

/** The result of a computation that took less than one step, for which a generator was not needed. */
export class Done<T> {
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }
}

/** Runs a computation without a pause. */
export function atOnce<T>(steps: Steps<T> | Done<T>): T {
  if (steps instanceof Done) return steps.value;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Runs a computation with a turn of the event loop after each step. The result of a computation of one step is returned
 * at once, not as a promise.
 * @throws the errors of the computation, or rejects with them.
 */
export function inTurns<T>(steps: Steps<T> | Done<T>): T | Promise<T> {
  if (steps instanceof Done) return steps.value;
  const first = steps.next();
  return first.done ? first.value : rest(steps, first.value);
}

/**
 * Waits for the next turn: see `inTurns`. Loops that work on data of peers, or of a database that answers at once, call it
 * after each step of their own.
 * @throws AbortError with the reason as its cause, if the signal is aborted then.
 */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    waiting.add(resolve);
    if (waiting.size === 1) setImmediate(takeTurn);
  });
  if (signal?.aborted) throw new AbortError(signal.reason);
}

/** As the functions of Node.js throw it. */
class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';

  constructor(cause: unknown) {
    super('The operation was aborted', { cause });
  }
}

/** Calls the listener with the work of each step after which a turn was taken. Returns a function that removes it. */
export function watchSteps(listener: (work: number) => void): () => void {
  watchers.add(listener);
  return () => watchers.delete(listener);
}

const waiting = new Set<() => void>();
const watchers = new Set<(work: number) => void>();

function takeTurn(): void {
  for (const resolve of waiting) {
    waiting.delete(resolve);
    resolve();
    break;
  }
  if (waiting.size > 0) setImmediate(takeTurn);
}

async function rest<T>(steps: Steps<T>, first: number): Promise<T> {
  for (let work = first; ; ) {
    for (const watch of watchers) watch(work);
    await nextTurn();
    const { done, value } = steps.next();
    if (done) return value;
    work = value;
  }
}
