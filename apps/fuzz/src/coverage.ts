// The blocks of the packages' code that have run, from V8's precise coverage: blocks, each with the order of its count.

import { type Profiler, Session } from 'node:inspector';

export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();
  readonly #isWatched: (url: string) => boolean;

  /** @param isWatched Whether a script, by its URL, is one whose coverage guides the search. */
  constructor(isWatched: (url: string) => boolean) {
    this.#isWatched = isWatched;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many blocks, told apart by the order of their counts, have been seen. */
  get size(): number {
    return this.#seen.size;
  }

  /** Forgets what ran since the last call. */
  reset(): void {
    this.#take();
  }

  /** Whether something ran since the last call that had not been seen before. @param remember Whether it counts as seen. */
  isNew(remember = true): boolean {
    let isNew = false;
    for (const block of this.#ran()) {
      if (this.#seen.has(block)) continue;
      isNew = true;
      if (!remember) return true;
      this.#seen.add(block);
    }
    return isNew;
  }

  /** The blocks that ran since the last call, whether seen before or not. */
  blocks(): ReadonlySet<string> {
    const blocks = new Set<string>();
    for (const block of this.#ran()) blocks.add(block);
    return blocks;
  }

  close(): void {
    this.#session.disconnect();
  }

  *#ran(): Generator<string, void, undefined> {
    for (const { url, functions } of this.#take())
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          if (count > 0) yield `${url}:${startOffset}-${endOffset}:${orderOf(count)}`;
  }

  #take(): Profiler.ScriptCoverage[] {
    let result: Profiler.ScriptCoverage[] = [];
    // The session is of this thread: the answer comes before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error;
      result = answer.result.filter(({ url }) => this.#isWatched(url));
    });
    return result;
  }
}

/** 1, 2, 4, 8, 16 and 128: a loop that runs ten times as often is something new, one that runs once more is not. */
function orderOf(count: number): number {
  return count >= 128 ? 128 : count >= 16 ? 16 : 2 ** Math.floor(Math.log2(count));
}
