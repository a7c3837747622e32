// The deviations from the standard that are tolerated when data sets are read. None of them is ever written.

import { tagText } from '../registry/tag-text.ts';

/** The deviations from PS3.5 that are tolerated, by the code of their warning. Everything else is a DataSetError. */
export const TOLERATED = {
  // PS3.5 §6.2.2, §7.1.2: value representations of later editions have a length of 32 bits.
  UNKNOWN_VR: 'has a value representation that the standard does not have; it is read as UN of 32-bit length',
  // Its length field is taken to have 16 bits, as most value representations have.
  INVALID_VR: 'has a value representation that is not two capital letters; it is read as UN of 16-bit length',
  // Some devices put elements in Implicit VR into a data set in Explicit VR.
  MISSING_VR: 'has a length instead of a value representation; it is read as in Implicit VR',
  // The transfer syntax is wrong, or a private one that is in Implicit VR.
  IMPLICIT_VR: 'has no value representation, and is the first element; the data set is read in Implicit VR',
  // PS3.5 §A.4 has fragments in Explicit VR only.
  FRAGMENTS_IN_IMPLICIT_VR: 'is encapsulated although the data set is in Implicit VR',
  // PS3.5 §7.5.2: only items and sequences of undefined length have delimiters.
  STRAY_DELIMITER: 'delimits what has a length; it is stepped over',
  // Some writers fill the last block of a file. Zeros must follow an element: a data set of zeros is rejected.
  PADDING: 'the data set is followed by zeros',
  // PS3.5 §A.5 has RFC 1951 alone.
  ZLIB_WRAPPER: 'the deflated data set is in a zlib wrapper (RFC 1950)',
} as const satisfies Readonly<Record<string, string>>;

/** The code of a warning. */
export type DataSetWarningCode = keyof typeof TOLERATED;

/** A tolerated deviation from the standard: the first place, and how many there are. */
export interface DataSetWarning {
  /** The kind of deviation. */
  readonly code: DataSetWarningCode;
  /** The first one in words. */
  readonly message: string;
  /** The tag of the first element, `0xggggeeee`; undefined if the warning is about the whole data set. */
  readonly tag: number | undefined;
  /** The offset of the first element in bytes. */
  readonly offset: number | undefined;
  /** How many there are. */
  readonly count: number;
}

/** The warnings of a data set: one for each code, so that a hostile peer cannot cause an unlimited number. */
export class DataSetWarnings {
  #found: Map<DataSetWarningCode, { -readonly [K in keyof DataSetWarning]: DataSetWarning[K] }> | undefined;

  add(code: DataSetWarningCode, tag?: number, offset?: number): void {
    const before = this.#found?.get(code);
    if (before) {
      before.count++;
      return;
    }
    this.#found ??= new Map();
    const where = tag === undefined ? '' : `${tagText(tag)} `;
    this.#found.set(code, { code, message: `${where}${TOLERATED[code]}`, tag, offset, count: 1 });
  }

  /** The warnings so far, in the order of their first places. */
  list(): readonly DataSetWarning[] {
    return [...(this.#found?.values() ?? [])].map((warning) => ({ ...warning }));
  }
}
