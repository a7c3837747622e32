// The error for data sets that cannot be read or written.

import { CodedError } from '@x/pdu/internal';
import { tagText } from '../registry/tag-text.ts';

/** A data set cannot be read or written: the bytes are malformed, or a value does not fit its element. */
export class DataSetError extends CodedError {
  static override readonly name: string = 'DataSetError';
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
  /** The name of the limit that is exceeded; undefined if the data set is malformed. */
  readonly limit: string | undefined;

  constructor(
    reason: string,
    place: {
      readonly tag?: number | undefined;
      readonly offset?: number | undefined;
      readonly items?: readonly string[];
      readonly limit?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const { tag, offset, items = [], limit } = place;
    const where = [...items, ...(tag === undefined ? [] : [tagText(tag)])].join('.');
    super(`${where}${where && ' '}${reason}${offset === undefined ? '' : ` (at byte ${offset})`}`, {
      cause: place.cause,
    });
    this.reason = reason;
    this.tag = tag;
    this.offset = offset;
    this.items = items;
    this.limit = limit;
  }

  /** `DATA_SET_LIMIT` if a limit is exceeded, else `DATA_SET_INVALID`. */
  get code(): 'DATA_SET_INVALID' | 'DATA_SET_LIMIT' {
    return this.limit === undefined ? 'DATA_SET_INVALID' : 'DATA_SET_LIMIT';
  }

  /** The same error, seen from outside an item of a sequence. */
  inItem(sequence: number, index: number): DataSetError {
    const { reason, tag, offset, limit, cause } = this;
    const items = [`${tagText(sequence)}[${index}]`, ...this.items];
    return new DataSetError(reason, { tag, offset, items, limit, ...(cause !== undefined && { cause }) });
  }
}
