// The wait of a call for the next sign of its operation, by a clock that stands while the association is not read.

export interface CallTimerOptions {
  /** Milliseconds spent listening so far. */
  clock(): number;
  /** When, by that clock, something else was heard that counts. */
  heard(): number;
  /** Called once, when nothing was heard for so long. */
  expired(): void;
}

export class CallTimer {
  readonly #milliseconds: number;
  readonly #options: CallTimerOptions;
  #heardAt: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param milliseconds 0 or Infinity waits for ever. */
  constructor(milliseconds: number, options: CallTimerOptions) {
    this.#milliseconds = milliseconds;
    this.#options = options;
    this.#heardAt = options.clock();
    if (milliseconds > 0 && Number.isFinite(milliseconds)) this.#wait(milliseconds);
  }

  /** Starts the wait anew. Costs nothing: the clock is looked at when the time is up. */
  restart(): void {
    this.#heardAt = this.#options.clock();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.min(milliseconds, LONGEST));
  }

  #look(): void {
    const silence = this.#options.clock() - Math.max(this.#heardAt, this.#options.heard());
    // A timer may be a fraction of a millisecond early.
    if (silence >= this.#milliseconds - 1) this.#options.expired();
    else this.#wait(Math.max(this.#milliseconds - silence, SHORTEST));
  }
}

// What a timer of Node.js can count to, and how often a clock that stands is looked at.
const LONGEST = 0x7fffffff;
const SHORTEST = 20;
