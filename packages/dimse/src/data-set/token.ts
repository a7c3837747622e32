// The parts into which a data set is divided (PS3.5 §7).

import type { DataSetWarnings } from './leniency.ts';

/**
 * A part of a data set:
 * - `element`: the header of an element. If its length is defined, its value follows; otherwise it is a `container`.
 * - `item`, `end of item`, `end of sequence`: in sequences, also at the end of a defined length.
 * - `fragment`: the header of a fragment or offset table of encapsulated Pixel Data; its value follows.
 * - `value`: the next part of the value of an element or fragment, as a view of the chunk: `slice`.
 * - `ignored`: bytes without meaning, such as padding.
 */
export type Token = 'element' | 'item' | 'end of item' | 'end of sequence' | 'fragment' | 'value' | 'ignored';

export interface TokenizerOptions {
  /** The length of the data set in bytes, if it is known. Longer values are then rejected at their header. */
  readonly length?: number;
  /** The sequence whose items the bytes are, if they are not a data set, and the number of sequences around it. */
  readonly sequence?: { readonly tag: number; readonly depth: number } | undefined;
  readonly warnings?: DataSetWarnings;
}
