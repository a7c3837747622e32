// The instances that wait to be sent. They are described ahead, to plan presentation contexts, and a few are opened ahead.

import { Condition } from '@x/net/internal';
import { HeldFiles } from '../part10/held-files.ts';
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
  /** A promise if opening has to be waited for, or has failed. */
  readonly opening: OpenInstance | Promise<OpenInstance>;
}

/** An instance that was taken, or one that cannot be sent. */
export type Next = Opening | (Description & { readonly error: Error });

/**
 * Takes instances from the source one at a time. At most `DESCRIBED_AHEAD` are known in advance, and `OPENED_AHEAD` are
 * open unless they say otherwise.
 * Of instances that are described without reading them, `KNOWN_AHEAD` of an array are known, and `plannedFirst` of another
 * source before the first one is taken.
 */
export class InstanceQueue {
  readonly #source: AsyncIterator<InstanceSource> | Iterator<InstanceSource>;
  readonly #isChecked: boolean;
  readonly #isList: boolean;
  #plannedFirst: number;
  readonly #described: Description[] = [];
  readonly #opened: Opening[] = [];
  /** Instances that were taken but have no association yet. */
  readonly #unplaced = new Set<SendableInstance>();
  #isSourceDone = false;
  #isStopped = false;
  readonly #stopped = new Condition();
  /** Files of which the paths were given: they stay open from their description until they are sent. */
  readonly #files = new HeldFiles();
  readonly #freeBuffers: Uint8Array[] = [];
  #buffers = 0;
  #filling: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    source: Iterable<InstanceSource> | AsyncIterable<InstanceSource>,
    isChecked: boolean,
    plannedFirst: number = PLANNED_FIRST,
  ) {
    this.#plannedFirst = plannedFirst;
    this.#source =
      Symbol.asyncIterator in source
        ? source[Symbol.asyncIterator]()
        : (source as Iterable<InstanceSource>)[Symbol.iterator]();
    this.#isChecked = isChecked;
    this.#isList = Array.isArray(source);
  }

  /** The number of instances that are known to wait. */
  get waiting(): number {
    return this.#described.length + this.#opened.length;
  }

  /** The known instances without an association; those that were taken come first. */
  *upcoming(): Generator<SendableInstance> {
    yield* this.#unplaced;
    for (const { instance } of this.#opened) yield instance;
    for (const { instance, error } of this.#described) if (!error) yield instance as SendableInstance;
  }

  /** Settles when the queue is full or the source has ended. @throws the error of the source, if no instance waits. */
  async fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    if (this.#isStopped) return;
    await Promise.race([this.#filling, this.#stopped.wait()]);
    if (this.#failure && !this.#isStopped && this.waiting === 0) throw this.#failure.error;
  }

  /** The next instance, or one that cannot be sent; undefined at the end or if the queue was stopped. */
  async take(): Promise<Next | undefined> {
    if (this.waiting === 0) await this.fill();
    return this.takeKnown();
  }

  /** The same if one is known; otherwise undefined, although there may be more. */
  takeKnown(): Next | undefined {
    if (this.waiting > 0) this.#describeAhead(DESCRIBED_AHEAD / 2);
    if (this.#isStopped) return undefined;
    const opened = this.#opened.shift();
    const next = opened ?? this.#described.shift();
    if (!next) return undefined;
    if ('error' in next && next.error) return next;
    const current = 'opening' in next ? next : this.open(next.instance as SendableInstance);
    this.#unplaced.add(current.instance);
    return current;
  }

  /** Tells that an instance that was taken has an association, or needs none. */
  placed(instance: SendableInstance): void {
    this.#unplaced.delete(instance);
  }

  /** Puts an instance back to the front of the queue. */
  giveBack(instance: SendableInstance): void {
    if (this.#isStopped) this.#described.unshift({ instance });
    else this.#opened.unshift(this.open(instance));
  }

  /** Stops taking instances and closes those that were opened ahead. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopped.notify();
    for (const opened of this.#opened) await closed(opened);
    await this.#files.close();
    // Not awaited, because the source may be waiting for something.
    void Promise.resolve(this.#source.return?.()).catch(() => {});
  }

  /** Describes instances in the background if fewer wait, so that many are known when contexts are planned. */
  #describeAhead(fewest: number): void {
    if (this.#described.length < fewest && !this.#isSourceDone && !this.#filling) this.fill().catch(() => {});
  }

  /** Opens and describes a few instances ahead. To be called while something else is waited for. */
  openAhead(): void {
    if (this.#isStopped) return;
    // A few at a time, so that the next response does not wait long.
    this.#describeAhead(DESCRIBED_AHEAD - DESCRIBED_AT_ONCE);
    for (let next = this.#described[0]; next && !next.error; next = this.#described[0]) {
      if (this.#opened.length >= (next.instance.openedAhead ?? OPENED_AHEAD)) return;
      this.#described.shift();
      this.#opened.push(this.open(next.instance));
    }
  }

  /** Opens an instance that is not in the queue any more. */
  open(instance: SendableInstance): Opening {
    const buffer = this.#freeBuffers.pop() ?? this.#newBuffer();
    let isFree = buffer === undefined;
    const free = () => {
      if (!isFree) this.#freeBuffers.push(buffer as Uint8Array);
      isFree = true;
    };
    const opened = ({ data, close }: OpenInstance): OpenInstance => ({
      data,
      close: () => {
        const closing = close();
        if (closing) return closing.finally(free);
        free();
        return undefined;
      },
    });
    const failed = (error: unknown): never => {
      free();
      throw error;
    };
    let opening: OpenInstance | Promise<OpenInstance>;
    try {
      const open = instance.open(buffer);
      opening = open instanceof Promise ? open.then(opened, failed) : opened(open);
    } catch (error) {
      free();
      opening = Promise.reject(error);
    }
    // Avoids an unhandled rejection until it is awaited in its turn.
    if (opening instanceof Promise) opening.catch(() => {});
    return { instance, opening };
  }

  #newBuffer(): Uint8Array | undefined {
    if (this.#buffers === BUFFERS) return undefined;
    this.#buffers++;
    return Buffer.allocUnsafeSlow(BUFFER_LENGTH);
  }

  async #fill(): Promise<void> {
    try {
      let most = this.#isList ? KNOWN_AHEAD : this.#plannedFirst;
      this.#plannedFirst = DESCRIBED_AHEAD;
      while (this.#described.length < most && !this.#isSourceDone && !this.#isStopped) {
        const { done, value } = await this.#source.next();
        if (done) this.#isSourceDone = true;
        else {
          const description = describeInstance(value, this.#isChecked, this.#files);
          this.#described.push(description instanceof Promise ? await description : description);
        }
        // Files must be read to describe them: do not read all of them in advance.
        if (!done && !isDescribed(value)) most = DESCRIBED_AHEAD;
      }
    } catch (error) {
      this.#isSourceDone = true;
      this.#failure = { error };
    }
  }
}

/** Closes an instance that is open or being opened, if it can be opened. Never rejects because it cannot. */
export async function closed({ opening }: Opening): Promise<void> {
  let open: OpenInstance;
  try {
    open = await opening;
  } catch {
    return;
  }
  await open.close();
}

const KNOWN_AHEAD = 16_384;
/** Default of `StoreInstancesOptions.plannedFirst`. */
const PLANNED_FIRST = 256;
/** Fewer than `HeldFiles` holds open, so that no file is opened twice. */
const DESCRIBED_AHEAD = 96;
const DESCRIBED_AT_ONCE = 4;
const OPENED_AHEAD = 2;
/** The number and the length in bytes of the buffers that files are read into. */
const BUFFERS = 8;
const BUFFER_LENGTH = 1024 * 1024;
