// The instances that wait to be sent: described ahead, so that contexts can be planned, and a few of them opened.

import { Condition } from '@x/net/internal';
import {
  type Description,
  describeInstance,
  type InstanceSource,
  isDescribed,
  type OpenInstance,
  type SendableInstance,
} from './instance-source.ts';

/** An instance that is being opened while others are sent. */
export interface Opening {
  readonly instance: SendableInstance;
  readonly opening: Promise<OpenInstance>;
}

/**
 * Takes from the source one at a time; never more than `DESCRIBED_AHEAD` are known, or `KNOWN_AHEAD` of a list that needs no
 * reading, and `OPENED_AHEAD` open.
 */
export class InstanceQueue {
  readonly #source: AsyncIterator<InstanceSource> | Iterator<InstanceSource>;
  readonly #isChecked: boolean;
  readonly #isList: boolean;
  readonly #described: Description[] = [];
  readonly #opened: Opening[] = [];
  /** Taken, and on no association yet. */
  readonly #unplaced = new Set<SendableInstance>();
  #isSourceDone = false;
  #isStopped = false;
  readonly #stopped = new Condition();
  readonly #freeBuffers: Uint8Array[] = [];
  #buffers = 0;
  #filling: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Iterable<InstanceSource> | AsyncIterable<InstanceSource>, isChecked: boolean) {
    this.#source =
      Symbol.asyncIterator in source
        ? source[Symbol.asyncIterator]()
        : (source as Iterable<InstanceSource>)[Symbol.iterator]();
    this.#isChecked = isChecked;
    this.#isList = Array.isArray(source);
  }

  /** How many are known to wait. */
  get waiting(): number {
    return this.#described.length + this.#opened.length;
  }

  /** The instances that have no association yet, as far as they are known: those taken come first. */
  *upcoming(): Generator<SendableInstance> {
    yield* this.#unplaced;
    for (const { instance } of this.#opened) yield instance;
    for (const { instance, error } of this.#described) if (!error) yield instance as SendableInstance;
  }

  /** Settles when as many are described as fit, or there are no more. @throws what the source throws, if none waits. */
  async fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    if (this.#isStopped) return;
    await Promise.race([this.#filling, this.#stopped.wait()]);
    if (this.#failure && !this.#isStopped && this.waiting === 0) throw this.#failure.error;
  }

  /** The next instance, or one that cannot be sent; undefined when there is none or the queue was stopped. */
  async take(): Promise<Opening | (Description & { readonly error: Error }) | undefined> {
    if (this.waiting === 0) await this.fill();
    // In the background, so that planning sees far ahead.
    else if (this.#described.length < DESCRIBED_AHEAD / 2 && !this.#isSourceDone) this.fill().catch(() => {});
    if (this.#isStopped) return undefined;
    const opened = this.#opened.shift();
    const next = opened ?? this.#described.shift();
    if (!next) return undefined;
    if ('error' in next && next.error) return next;
    const current = 'opening' in next ? next : this.#startOpening(next.instance as SendableInstance);
    this.#unplaced.add(current.instance);
    this.#openAhead();
    return current;
  }

  /** An instance that was taken has an association, or needs none. */
  placed(instance: SendableInstance): void {
    this.#unplaced.delete(instance);
  }

  /** An instance comes again, first of all. */
  giveBack(instance: SendableInstance): void {
    if (this.#isStopped) this.#described.unshift({ instance });
    else this.#opened.unshift(this.#startOpening(instance));
  }

  /** No more are taken; what is open ahead is closed. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopped.notify();
    for (const { opening } of this.#opened)
      await opening.then(
        (open) => open.close(),
        () => {},
      );
    // A source that waits for something must not hold us up.
    void Promise.resolve(this.#source.return?.()).catch(() => {});
  }

  #openAhead(): void {
    while (this.#opened.length < OPENED_AHEAD && this.#described[0] && !this.#described[0].error)
      this.#opened.push(this.#startOpening((this.#described.shift() as Description).instance as SendableInstance));
  }

  #startOpening(instance: SendableInstance): Opening {
    const buffer = this.#freeBuffers.pop() ?? this.#newBuffer();
    const opening = instance.open(buffer).then(
      (open) => ({ data: open.data, close: () => open.close().finally(() => free()) }),
      (error) => {
        free();
        throw error;
      },
    );
    let isFree = buffer === undefined;
    const free = () => {
      if (!isFree) this.#freeBuffers.push(buffer as Uint8Array);
      isFree = true;
    };
    // It is awaited in its turn; until then a failure is nobody's unhandled one.
    opening.catch(() => {});
    return { instance, opening };
  }

  #newBuffer(): Uint8Array | undefined {
    if (this.#buffers === BUFFERS) return undefined;
    this.#buffers++;
    return Buffer.allocUnsafeSlow(BUFFER_LENGTH);
  }

  async #fill(): Promise<void> {
    try {
      let most = this.#isList ? KNOWN_AHEAD : DESCRIBED_AHEAD;
      while (this.#described.length < most && !this.#isSourceDone && !this.#isStopped) {
        const { done, value } = await this.#source.next();
        if (done) this.#isSourceDone = true;
        else this.#described.push(await describeInstance(value, this.#isChecked));
        // Nobody waits for the heads of all the files there are.
        if (!done && !isDescribed(value)) most = DESCRIBED_AHEAD;
      }
    } catch (error) {
      this.#isSourceDone = true;
      this.#failure = { error };
    }
  }
}

const KNOWN_AHEAD = 16_384;
const DESCRIBED_AHEAD = 256;
const OPENED_AHEAD = 2;
/** What files are read into, each of this many bytes. */
const BUFFERS = 8;
const BUFFER_LENGTH = 1024 * 1024;
