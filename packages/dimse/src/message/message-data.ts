// The data set of a message that is being received: a stream that can be read once (PS3.7 §6.3).

import type { PresentationDataValue } from '@x/net';
import { CollectedBytes } from '../collected-bytes.ts';
import type { IncomingData } from './operation.ts';

/** The fragments of a data set that have arrived. */
export interface ArrivedFragments {
  /** The number of the fragments of the whole data set; 0 if it is not known or some have not arrived. */
  readonly count: () => number;
  readonly pull: () => PresentationDataValue;
}

/** A message's data set as it arrives. */
export class MessageData implements IncomingData {
  readonly #pull: () => Promise<PresentationDataValue>;
  readonly #arrived: ArrivedFragments | undefined;
  readonly #read: ((length: number, last: boolean) => void) | undefined;
  #end: (() => void) | undefined;
  #length = 0;
  #isTaken = false;
  #isDropped = false;
  /** The last pull of the reader. */
  #pulling: Promise<readonly Uint8Array[]> | undefined;
  #isEnded = false;

  /**
   * `pull` gives the next fragments. `read` is called for each batch with the number of bytes so far. `arrived` are the
   * fragments that can be pulled at once.
   */
  constructor(
    pull: () => Promise<PresentationDataValue>,
    read?: (length: number, last: boolean) => void,
    arrived?: ArrivedFragments,
  ) {
    this.#pull = pull;
    this.#read = read;
    this.#arrived = arrived;
  }

  /** Whether the last fragment has been read, or no more will come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Calls back when the last fragment has been read, or when no more will come. */
  whenEnded(callback: () => void): void {
    if (this.#isEnded) callback();
    else this.#end = callback;
  }

  /** Whether `atHand` would give the data. */
  get isAtHand(): boolean {
    return !this.#isTaken && this.#arrived !== undefined && this.#arrived.count() > 0;
  }

  atHand(): readonly Uint8Array[] | undefined {
    const arrived = this.#arrived;
    const count = this.#isTaken || !arrived ? 0 : arrived.count();
    if (count === 0) return undefined;
    this.#isTaken = true;
    const all: Uint8Array[] = [];
    for (let pulled = 0; pulled < count; pulled++) {
      const value = (arrived as ArrivedFragments).pull();
      for (const fragment of value.fragments) all.push(fragment);
      this.#took(value);
    }
    return all;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const batch of this.batches()) yield* batch;
  }

  async *batches(): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    if (this.#isTaken) throw new TypeError('the data of a message can be read once');
    this.#isTaken = true;
    while (!this.#isEnded) {
      const pulling = this.#next();
      this.#pulling = pulling;
      const batch = await pulling;
      this.#assertKept();
      yield batch;
      this.#assertKept();
    }
  }

  /**
   * Reads the rest and drops it. A reader that has not come to the end then gets an error. Never rejects: the end of the
   * association is reported by the association.
   */
  async discard(): Promise<void> {
    this.#isTaken = true;
    if (!this.#isEnded) this.#isDropped = true;
    try {
      // Two pulls at once would take fragments of the next message.
      await this.#pulling;
      while (!this.#isEnded) await this.#next();
    } catch {
      // `MessageExchange.next` reports the error.
    }
  }

  /** The number of bytes read so far. */
  get length(): number {
    return this.#length;
  }

  /** The whole data set. @throws RangeError if it is longer than `limit` bytes; the rest is then read and dropped. */
  async collect(limit: number): Promise<Uint8Array> {
    // Most small data sets have arrived with their command.
    const arrived = this.collectAtHand(limit);
    if (arrived) return arrived;
    const collected = new CollectedBytes();
    for await (const batch of this.batches()) collectUpTo(limit, batch, collected);
    return wholeUpTo(limit, collected);
  }

  /** The same if all of it has arrived, without a promise; undefined if it has not. */
  collectAtHand(limit: number): Uint8Array | undefined {
    const arrived = this.atHand();
    if (!arrived) return undefined;
    const [first, ...others] = arrived;
    if (first && others.length === 0 && first.length <= limit) return first;
    const collected = new CollectedBytes();
    collectUpTo(limit, arrived, collected);
    return wholeUpTo(limit, collected);
  }

  /** A reader must not take a part of the data for all of them. */
  #assertKept(): void {
    if (this.#isDropped) throw new Error('the data of the message were dropped before they were read');
  }

  async #next(): Promise<readonly Uint8Array[]> {
    try {
      const value = await this.#pull();
      this.#took(value);
      return value.fragments;
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  #took({ fragments, last }: PresentationDataValue): void {
    for (const fragment of fragments) this.#length += fragment.length;
    this.#read?.(this.#length, last);
    if (last) this.#finish();
  }

  #finish(): void {
    this.#isEnded = true;
    this.#end?.();
  }
}

function collectUpTo(limit: number, batch: readonly Uint8Array[], collected: CollectedBytes): void {
  for (const part of batch) {
    collected.push(part);
    if (collected.length > limit) collected.drop();
  }
}

function wholeUpTo(limit: number, collected: CollectedBytes): Uint8Array {
  const { length } = collected;
  if (length > limit) throw new RangeError(`a data set has ${length} bytes, more than the ${limit} taken`);
  return collected.whole();
}
