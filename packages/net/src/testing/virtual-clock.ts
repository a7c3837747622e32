// A clock that a test advances, for timeouts of minutes in tests of milliseconds.

/**
 * Stands in for `setTimeout`, `clearTimeout`, `setInterval`, `clearInterval` and `performance.now` of the process from its
 * creation until it is disposed. Sockets, files and `setImmediate` keep working in real time. One at a time may exist.
 *
 * ```ts
 * using clock = new VirtualClock();
 * const opening = requestAssociation({ host, port, … });
 * await clock.advance(30_000);               // the timeout 'association' expires now
 * await expect(opening).rejects.toThrow(TimeoutError);
 * ```
 */
export class VirtualClock implements Disposable {
  static #current: VirtualClock | undefined;
  readonly #real = { setTimeout, clearTimeout, setInterval, clearInterval, now: performance.now };
  // A whole number, so that differences of times are exact.
  readonly #start = Math.ceil(performance.now());
  readonly #timers = new Map<number, Timer>();
  #elapsed = 0;
  #lastId = 0;

  /** @throws Error if there is a virtual clock already. */
  constructor() {
    if (VirtualClock.#current) throw new Error('dispose of the other virtual clock first');
    VirtualClock.#current = this;
    const start = (callback: Callback, milliseconds = 0, interval?: number, ...args: unknown[]) =>
      this.#add({ due: this.#elapsed + Math.max(milliseconds, 0), callback: () => callback(...args), interval });
    const set = (callback: Callback, milliseconds?: number, ...args: unknown[]) =>
      start(callback, milliseconds, undefined, ...args);
    const repeat = (callback: Callback, milliseconds = 1, ...args: unknown[]) =>
      start(callback, milliseconds, Math.max(milliseconds, 1), ...args);
    const clear = (timer: unknown) => {
      this.#timers.delete(Number(timer));
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear, setInterval: repeat, clearInterval: clear });
    performance.now = () => this.#start + this.#elapsed;
  }

  /** How many timers run. */
  get running(): number {
    return this.#timers.size;
  }

  /**
   * Lets time pass: timers that become due run in order, each at its time. Between them, and at the end, input and output
   * that is ready is processed.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [id, timer] = next;
      this.#elapsed = timer.due;
      if (timer.interval === undefined) this.#timers.delete(id);
      else this.#timers.set(id, { ...timer, due: timer.due + timer.interval });
      timer.callback();
      await settled();
    }
    this.#elapsed = end;
  }

  /** Gives the process its own timers back. Timers that still run never expire. */
  [Symbol.dispose](): void {
    const { now, ...timers } = this.#real;
    Object.assign(globalThis, timers);
    performance.now = now;
    VirtualClock.#current = undefined;
  }

  #add(timer: Timer): object {
    const id = ++this.#lastId;
    this.#timers.set(id, timer);
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => handle,
      close: () => this.#timers.delete(id),
      [Symbol.toPrimitive]: () => id,
      [Symbol.dispose]: () => this.#timers.delete(id),
    };
    return handle;
  }

  #next(end: number): [number, Timer] | undefined {
    const due = [...this.#timers].filter(([, timer]) => timer.due <= end);
    return due.sort(([a, one], [b, other]) => one.due - other.due || a - b)[0];
  }
}

type Callback = (...args: unknown[]) => void;

interface Timer {
  readonly due: number;
  readonly callback: () => void;
  readonly interval: number | undefined;
}

/** Lets what is ready happen: several turns of the event loop, because bytes pass from socket to socket in turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

const TURNS = 10;
