// The response timeout of a call. Its clock stops while the association is not read, because then no response can arrive.

export interface CallTimerOptions {
  /** The milliseconds for which the association has been read so far. */
  clock(): number;
  /** The time, by that clock, of the last other message that restarts the timeout. */
  heard(): number;
  /** Called once, when the time is up. */
  expired(): void;
}

export class CallTimer {
  readonly #milliseconds: number;
  readonly #options: CallTimerOptions;
  #heardAt: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param milliseconds 0 or Infinity disables the timeout. */
  constructor(milliseconds: number, options: CallTimerOptions) {
    this.#milliseconds = milliseconds;
    this.#options = options;
    this.#heardAt = options.clock();
    if (milliseconds > 0 && Number.isFinite(milliseconds)) this.#wait(milliseconds);
  }

  /** Restarts the timeout. It only reads the clock: the timer of Node.js runs on and is checked when it fires. */
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

// The longest time of a Node.js timer, and the interval at which a stopped clock is checked, in milliseconds.
const LONGEST = 0x7fffffff;
const SHORTEST = 20;
