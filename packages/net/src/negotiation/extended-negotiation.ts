// The application information of SOP class extended negotiation, typed for the service classes that define it: PS3.4.

import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';

/** Options of a query beyond the baseline (PS3.4 §C.5.1.1). Default of each: false. */
export interface QueryOptions {
  /** Byte 1: relational queries. */
  readonly relational?: boolean;
  /** Byte 2: dates and times matched as one range. */
  readonly combinedDateTime?: boolean;
  /** Byte 3: fuzzy semantic matching of person names. */
  readonly fuzzy?: boolean;
  /** Byte 4: timezone query adjustment. */
  readonly timezone?: boolean;
  /** Byte 5: enhanced multi-frame image conversion, by the Query/Retrieve View. */
  readonly enhancedMultiFrame?: boolean;
  /** Byte 6: matching of empty values. */
  readonly emptyValue?: boolean;
  /** Byte 7: matching of multiple values. */
  readonly multipleValue?: boolean;
}

/** Options of a retrieval by C-MOVE or C-GET (PS3.4 §C.5.2.1 and §C.5.3.1). */
export type RetrieveOptions = Pick<QueryOptions, 'relational' | 'enhancedMultiFrame'>;

/** Options of a worklist query (PS3.4 §K.5.1). */
export type WorklistOptions = Pick<QueryOptions, 'fuzzy' | 'timezone'>;

/** How a storage provider keeps instances (PS3.4 §B.3.1). A requestor leaves unknown fields at their default. */
export interface StorageOptions {
  /** Byte 1: 0 to 2, or 3 for unknown. Default 3. */
  readonly levelOfSupport?: 0 | 1 | 2 | 3;
  /** Byte 3: levels 1 to 3 of Digital Signature support, or 0 for unknown. Default 0. */
  readonly digitalSignatureSupport?: 0 | 1 | 2 | 3;
  /** Byte 5: 0 never coerces elements, 1 may, 2 not applicable. Default 2. */
  readonly elementCoercion?: 0 | 1 | 2;
}

/** Encodes the options in as few bytes as possible, at least the three that every edition of the standard has. */
export function encodeQueryOptions(options: QueryOptions): Uint8Array {
  return encodeFlags('encodeQueryOptions', QUERY_FIELDS, options, 3);
}

/** Missing sub-fields are read as 0. */
export function decodeQueryOptions(information: Uint8Array): Required<QueryOptions> {
  return decodeFlags(QUERY_FIELDS, information);
}

/** Encodes the options in one byte, which older peers expect, unless the second is needed. */
export function encodeRetrieveOptions(options: RetrieveOptions): Uint8Array {
  return encodeFlags('encodeRetrieveOptions', RETRIEVE_FIELDS, options, 1);
}

/** Missing sub-fields are read as 0. */
export function decodeRetrieveOptions(information: Uint8Array): Required<RetrieveOptions> {
  return decodeFlags(RETRIEVE_FIELDS, information);
}

/** Encodes the options. The first two bytes are reserved and always 1. */
export function encodeWorklistOptions(options: WorklistOptions): Uint8Array {
  return Uint8Array.of(1, 1, ...encodeFlags('encodeWorklistOptions', WORKLIST_FIELDS, options, 1));
}

/** Missing sub-fields are read as 0. */
export function decodeWorklistOptions(information: Uint8Array): Required<WorklistOptions> {
  return decodeFlags(WORKLIST_FIELDS, information.subarray(2));
}

/** Encodes the options in six bytes; the reserved ones are 0. */
export function encodeStorageOptions(options: StorageOptions): Uint8Array {
  const {
    levelOfSupport = 3,
    digitalSignatureSupport = 0,
    elementCoercion = 2,
  } = checkOptions(STORAGE_OPTIONS, options);
  return Uint8Array.of(levelOfSupport, 0, digitalSignatureSupport, 0, elementCoercion, 0);
}

/** Values outside the standard's tables are read as unknown. */
export function decodeStorageOptions(information: Uint8Array): Required<StorageOptions> {
  const [level = 3, , signatures = 0, , coercion = 2] = information;
  return {
    levelOfSupport: level <= 3 ? (level as 0 | 1 | 2 | 3) : 3,
    digitalSignatureSupport: signatures <= 3 ? (signatures as 0 | 1 | 2 | 3) : 0,
    elementCoercion: coercion <= 2 ? (coercion as 0 | 1 | 2) : 2,
  };
}

/**
 * The answer to proposed flags, such as those of Query/Retrieve and worklists: flags that were proposed and are supported
 * stay 1, the others become 0. The answer is as long as the proposal, because older peers cannot read a longer one.
 */
export function answerFlags(proposed: Uint8Array, supported: Uint8Array): Uint8Array {
  return proposed.map((flag, index) => (flag === 1 && supported[index] === 1 ? 1 : 0));
}

const QUERY_FIELDS = [
  'relational',
  'combinedDateTime',
  'fuzzy',
  'timezone',
  'enhancedMultiFrame',
  'emptyValue',
  'multipleValue',
] as const satisfies readonly (keyof QueryOptions)[];
const RETRIEVE_FIELDS = ['relational', 'enhancedMultiFrame'] as const;
const WORKLIST_FIELDS = ['fuzzy', 'timezone'] as const;

const STORAGE_OPTIONS: OptionTable<StorageOptions> = {
  of: 'encodeStorageOptions',
  rules: { levelOfSupport: aNumber, digitalSignatureSupport: aNumber, elementCoercion: aNumber },
};

function encodeFlags<Field extends string>(
  of: string,
  fields: readonly Field[],
  options: { readonly [F in Field]?: boolean },
  least: number,
): Uint8Array {
  checkOptions({ of, rules: Object.fromEntries(fields.map((field) => [field, aValueOf('boolean')])) }, options);
  const bytes = fields.map((field) => (options[field] ? 1 : 0));
  return Uint8Array.from(bytes.slice(0, Math.max(least, bytes.lastIndexOf(1) + 1)));
}

function decodeFlags<Field extends string>(fields: readonly Field[], information: Uint8Array): Record<Field, boolean> {
  return Object.fromEntries(fields.map((field, index) => [field, information[index] === 1])) as Record<Field, boolean>;
}
