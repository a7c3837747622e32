// The limits on data sets that are decoded in memory.

import { aNumber, type OptionTable } from '@x/pdu/internal';

/** Limits on a data set. One that exceeds a limit is rejected with a `DataSetError` that has the name of the limit. */
export interface DataSetLimits {
  /** The maximum length in bytes, as encoded. */
  readonly maximumDataSetLength: number;
  /** The maximum number of elements, items and fragments, at all levels together. */
  readonly maximumElements: number;
  /**
   * The maximum number of elements of the data set or of one of its items, without those in sequences. The standard has
   * some 5,500. Objects with very many properties are slow.
   */
  readonly maximumElementsPerItem: number;
  /** The maximum length in bytes of a deflated data set after it is inflated. */
  readonly maximumInflatedLength: number;
}

/**
 * The defaults, replaced by the limits that are given. Property by property: to spread objects of several shapes takes as long
 * as a third of a small data set.
 */
export function completedLimits(defaults: DataSetLimits, given: Partial<DataSetLimits>): DataSetLimits {
  return {
    maximumDataSetLength: given.maximumDataSetLength ?? defaults.maximumDataSetLength,
    maximumElements: given.maximumElements ?? defaults.maximumElements,
    maximumElementsPerItem: given.maximumElementsPerItem ?? defaults.maximumElementsPerItem,
    maximumInflatedLength: given.maximumInflatedLength ?? defaults.maximumInflatedLength,
  };
}

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** The default limits on identifiers of C-FIND, C-GET and C-MOVE. */
export const IDENTIFIER_LIMITS: DataSetLimits = {
  maximumDataSetLength: MEBIBYTE,
  maximumElements: 4096,
  maximumElementsPerItem: 4096,
  maximumInflatedLength: 4 * MEBIBYTE,
};

/** The default limits on data sets of the N-services, and of all responses. */
export const ATTRIBUTE_LIST_LIMITS: DataSetLimits = {
  maximumDataSetLength: 16 * MEBIBYTE,
  maximumElements: 1_000_000,
  maximumElementsPerItem: 64 * KIBIBYTE,
  maximumInflatedLength: 64 * MEBIBYTE,
};

export const LIMIT_OPTIONS: OptionTable<DataSetLimits> = {
  of: 'the limits of a data set',
  rules: {
    maximumDataSetLength: aNumber,
    maximumElements: aNumber,
    maximumElementsPerItem: aNumber,
    maximumInflatedLength: aNumber,
  },
};
