// Limits the retrievals that are performed at the same time, so that a peer cannot make the archive flood another one.

/** The maximum number of C-MOVE operations that send to one destination at the same time; others wait for their turn. */
export const MAXIMUM_MOVES_TO_PEER = 8;

/** Places of retrievals, by AE title of the destination. Those that wait are served in FIFO order. */
export class RetrievalPlaces {
  readonly #maximum: number;
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(maximum: number = MAXIMUM_MOVES_TO_PEER) {
    this.#maximum = maximum;
  }

  /**
   * Takes a place, as soon as there is one. The returned function gives it back; call it once.
   * @throws the reason of the signal
   */
  async take(aeTitle: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const taken = this.#taken.get(aeTitle) ?? 0;
    if (taken < this.#maximum) this.#taken.set(aeTitle, taken + 1);
    else await this.#wait(aeTitle, signal);
    return () => this.#giveBack(aeTitle);
  }

  async #wait(aeTitle: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(aeTitle) ?? [];
    this.#waiting.set(aeTitle, waiting);
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the place to the first that waits. */
  #giveBack(aeTitle: string): void {
    const waiting = this.#waiting.get(aeTitle);
    const next = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(aeTitle);
    if (next) {
      next();
      return;
    }
    const taken = (this.#taken.get(aeTitle) ?? 1) - 1;
    if (taken === 0) this.#taken.delete(aeTitle);
    else this.#taken.set(aeTitle, taken);
  }
}
