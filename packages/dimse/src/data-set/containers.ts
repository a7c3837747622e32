// The sequences, items and encapsulated values around a place in a data set (PS3.5 §7.5, §A.4).

import { DataSetError } from './data-set-error.ts';
import type { Encoding } from './encodings.ts';
import { ITEM_END, SEQUENCE_END } from './tags.ts';

/** The maximum nesting of sequences. */
export const MAXIMUM_DEPTH = 64;

export interface Container {
  readonly kind: 'sequence' | 'item' | 'fragments';
  /** The element it belongs to. */
  readonly tag: number;
  /** The offset of its header in bytes. */
  readonly offset: number;
  /** The encoding of its content. */
  readonly encoding: Encoding;
  /** Undefined if it ends with a delimiter. */
  readonly end: number | undefined;
}

/** The open containers. Sequences and items alternate. */
export class Containers {
  innermost: Container | undefined;
  /** The encoding around the next element. */
  encoding: Encoding;
  /** The end of the innermost container that has a length, or of the data set. */
  limit: number;
  readonly #open: Container[] = [];
  readonly #limits: number[] = [];
  #outermost: Encoding;
  readonly #outerSequences: number;

  /** @param outerSequences The number of sequences around the data set. */
  constructor(encoding: Encoding, length: number, outerSequences: number) {
    this.encoding = encoding;
    this.#outermost = encoding;
    this.limit = length;
    this.#outerSequences = outerSequences;
  }

  get depth(): number {
    return this.#open.length;
  }

  /** The number of open sequences and encapsulated values. */
  get sequences(): number {
    return this.#outerSequences + ((this.#open.length + 1) >> 1);
  }

  /** @throws DataSetError if it is nested too deep. */
  push(container: Container): void {
    const { kind, tag, offset, end, encoding } = container;
    if (kind !== 'item' && this.sequences >= MAXIMUM_DEPTH)
      throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, {
        tag,
        offset,
      });
    this.#open.push(container);
    this.#limits.push(this.limit);
    this.innermost = container;
    this.encoding = encoding;
    if (end !== undefined) this.limit = end;
  }

  /** Changes the encoding of the data set, outside of all containers. */
  assume(encoding: Encoding): void {
    this.#outermost = encoding;
    this.encoding = encoding;
  }

  /** Closes the innermost container. Returns its kind. */
  pop(): Container['kind'] | undefined {
    const kind = this.#open.pop()?.kind;
    this.limit = this.#limits.pop() as number;
    this.innermost = this.#open[this.#open.length - 1];
    this.encoding = this.innermost?.encoding ?? this.#outermost;
    return kind;
  }

  /** How a delimiter fits: it ends the innermost container, or is superfluous, or it is a fault in these words. */
  fitOf(delimiter: number, length: number): 'end' | 'stray' | { readonly fault: string } {
    const { innermost } = this;
    const isItemEnd = delimiter === ITEM_END;
    if (!isItemEnd && delimiter !== SEQUENCE_END) return { fault: 'is not an element' };
    if (!innermost) return { fault: 'ends what was not begun' };
    const { kind, end } = innermost;
    if (end === undefined && isItemEnd === (kind === 'item')) return 'end';
    // Some writers delimit items and sequences that have a length, too.
    if (length === 0 && (isItemEnd ? kind !== 'fragments' : kind === 'sequence')) return 'stray';
    return { fault: kind === 'item' ? 'ends what was not begun' : 'stands where an item is due' };
  }

  /** @throws DataSetError because less than a header is left in the innermost container. */
  failForRoom(room: number, offset: number): never {
    const tag = this.innermost?.kind === 'item' ? undefined : this.innermost?.tag;
    throw new DataSetError(`${room} bytes are left, an element needs 8`, { offset, tag });
  }
}
