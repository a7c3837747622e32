// The information model of a query: the attributes that each response has, and how matching is negotiated (PS3.4).

import {
  answerFlags,
  decodeQueryOptions,
  decodeWorklistOptions,
  encodeQueryOptions,
  encodeWorklistOptions,
  type QueryOptions,
} from '@x/net';

/** A level of a hierarchical model, with the attribute that identifies one entity of it (PS3.4 §C.2.2.1.1). */
export interface QueryLevel {
  /** (0008,0052) Query/Retrieve Level. */
  readonly name: string;
  /** Keyword of the unique key. */
  readonly uniqueKey: string;
}

/**
 * The information model of a query. A service class that has one is given whole items by its providers. `Declared` is the
 * type of its identifiers, with the keys that the standard lists: editors offer these, others are allowed.
 */
export interface QueryModel<Declared = unknown> {
  /** Only for the type. */
  readonly declared?: Declared;
  /** The name in error comments, such as `study root`. */
  readonly name: string;
  /** The levels, from the top down, if Query/Retrieve Level selects one. */
  readonly levels?: readonly QueryLevel[];
  /** Whether the unique keys of higher levels may be absent without negotiation. Default false. */
  readonly isRelational?: boolean;
  /** The attributes that a response has besides the requested ones, if the item has them. */
  readonly required?: readonly string[];
  /** Whether responses name the AE title to retrieve from (0008,0054). Default false. */
  readonly isRetrievable?: boolean;
  /** Attributes that are neither matched nor returned. */
  readonly withheld?: readonly string[];
  /**
   * The attributes of the model outside of sequences. Values of other keys are ignored, and the status is FF01H, unless
   * the provider supports them. Default: all of the standard.
   */
  readonly attributes?: ReadonlySet<string>;
  /** Attributes that the model has in a sequence only. Outside of it, they are unsupported keys. */
  readonly inSequences?: readonly string[];
  /** Whether binary numbers are returned, not matched, because some users send 0 for an empty key. Default false. */
  readonly returnsNumbers?: boolean;
  /** Whether a date and its time are one range without negotiation. Default false. */
  readonly combinesDateTime?: boolean;
  /** The layout of SOP class extended negotiation: PS3.4 §C.5.1.1 or §K.5.1. */
  readonly negotiation: 'query' | 'worklist';
}

/** The options of matching that were negotiated for a SOP class. Without negotiation, each is false. */
export function negotiatedOptions(
  { negotiation, combinesDateTime, isRelational }: QueryModel,
  accepted: Uint8Array | undefined,
): Required<QueryOptions> {
  const information = accepted ?? new Uint8Array(0);
  const none = decodeQueryOptions(new Uint8Array(0));
  const options =
    negotiation === 'query' ? decodeQueryOptions(information) : { ...none, ...decodeWorklistOptions(information) };
  return {
    ...options,
    ...(combinesDateTime && { combinedDateTime: true }),
    ...(isRelational && { relational: true }),
  };
}

/** The answer to SOP class extended negotiation: the proposed options that `answerQuery` can do, and relational queries. */
export function answeredOptions(
  { negotiation }: QueryModel,
  proposed: Uint8Array,
  relational: boolean | undefined,
): Uint8Array {
  const supported = { fuzzy: true, timezone: true };
  return answerFlags(
    proposed,
    negotiation === 'worklist'
      ? encodeWorklistOptions(supported)
      : encodeQueryOptions({
          ...supported,
          combinedDateTime: true,
          emptyValue: true,
          multipleValue: true,
          ...(relational && { relational }),
        }),
  );
}
