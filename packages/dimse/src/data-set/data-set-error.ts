// The error of data sets that cannot be read or written.

import { tagText } from '../registry/tag-text.ts';

/** The bytes are not a data set of their transfer syntax. */
export class DataSetError extends Error {
  override readonly name = 'DataSetError';
  /** The element it happened in, `0xggggeeee`, where that is known. */
  readonly tag: number | undefined;
  /** Where it happened, in bytes from the start of the data set, where that is known; of what was inflated. */
  readonly offset: number | undefined;
  /** The sequence items it happened in, outermost first: `(0040,0275)[0]`. */
  readonly items: readonly string[];
  /** What happened, without the place. */
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

  /** The same error as it is seen from outside an item of a sequence. */
  inItem(sequence: number, index: number): DataSetError {
    const { reason, tag, offset, cause } = this;
    const items = [`${tagText(sequence)}[${index}]`, ...this.items];
    return new DataSetError(reason, { tag, offset, items, ...(cause !== undefined && { cause }) });
  }
}
