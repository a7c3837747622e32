// The error for data sets that cannot be read or written.

import { tagText } from '../registry/tag-text.ts';

/** A data set cannot be read or written: the bytes are malformed, or a value does not fit its element. */
export class DataSetError extends Error {
  override readonly name = 'DataSetError';
  /** The tag of the element at fault, `0xggggeeee`, if known. */
  readonly tag: number | undefined;
  /**
   * The offset of the fault in bytes from the start of the data set, if known; for deflated data sets, in the inflated
   * bytes.
   */
  readonly offset: number | undefined;
  /** The sequence items around the element, outermost first: `(0040,0275)[0]`. */
  readonly items: readonly string[];
  /** The message without the place. */
  readonly reason: string;

  constructor(
    reason: string,
    place: {
      readonly tag?: number | undefined;
      readonly offset?: number | undefined;
      readonly items?: readonly string[];
      readonly cause?: unknown;
    } = {},
  ) {
    const { tag, offset, items = [] } = place;
    const where = [...items, ...(tag === undefined ? [] : [tagText(tag)])].join('.');
    super(`${where}${where && ' '}${reason}${offset === undefined ? '' : ` (at byte ${offset})`}`, {
      cause: place.cause,
    });
    this.reason = reason;
    this.tag = tag;
    this.offset = offset;
    this.items = items;
  }

  /** The same error, seen from outside an item of a sequence. */
  inItem(sequence: number, index: number): DataSetError {
    const { reason, tag, offset, cause } = this;
    const items = [`${tagText(sequence)}[${index}]`, ...this.items];
    return new DataSetError(reason, { tag, offset, items, ...(cause !== undefined && { cause }) });
  }
}
