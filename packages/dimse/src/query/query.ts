// A query, prepared from the identifier of a C-FIND request (PS3.4 §C.4.1.1.3.1, §K.4.1.1.3.1, §CC.2.8.1.3).

import type { QueryOptions } from '@x/net';
import { isEmptyValue, items, text, texts } from '../data-set/access.ts';
import { tagOf, valueRepresentationOf } from '../data-set/data-dictionary.ts';
import type { Identifier, UntypedDataSet } from '../data-set/data-set-values.ts';
import { byKeyword } from '../data-set/misfits.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import type { QueryModel } from './query-model.ts';

/** A query for a provider to narrow down by. It need not match: `answerQuery` matches each item. */
export interface Query {
  /** The identifier as it was received. */
  readonly identifier: Identifier;
  /** The supported keys that are matched, with and without values. Attributes that control the query are left out. */
  readonly keys: Identifier;
  /** The level, if the model has levels. */
  readonly level?: string;
  /** The options of matching that were negotiated. */
  readonly options: Required<QueryOptions>;
}

/** The place of a key in an identifier. */
export interface KeyPlace {
  /** The level of the query, if the model has levels. */
  readonly level?: string;
  /** The sequences that contain the key, from the outside in. */
  readonly sequences: readonly string[];
}

/** Whether a provider supports a key. An unsupported key is ignored, and the status of the responses is FF01H. */
export type SupportsKey = (keyword: string, place: KeyPlace) => boolean;

/** A query, and the attributes that its responses have. */
export interface PreparedQuery extends Query {
  /** The supported keys. */
  readonly requested: UntypedDataSet;
  /** Whether all keys are supported. */
  readonly isComplete: boolean;
  readonly levelKeys: readonly string[];
}

/**
 * Prepares the query of an identifier.
 * @throws DimseError A900H if the level is not one of the model, or a unique key of a higher level is missing
 */
export function prepareQuery(
  model: QueryModel,
  identifier: Identifier,
  options: Required<QueryOptions>,
  supports?: SupportsKey,
): PreparedQuery {
  const level = levelOf(model, identifier, options.relational);
  const levels = model.levels ?? [];
  const levelKeys = levels
    .slice(0, levels.findIndex(({ name }) => name === level) + 1)
    .map(({ uniqueKey }) => uniqueKey);
  const inSequences = new Set(model.inSequences);
  const isSupported: SupportsKey = (keyword, place) =>
    (supports?.(keyword, place) ?? tagOf(keyword) !== undefined) &&
    !(place.sequences.length === 0 && inSequences.has(keyword));
  const place = { sequences: [], ...(level !== undefined && { level }) };
  const { requested, ...supported } = supportedKeys(byKeyword(identifier), place, isSupported, new Set(model.withheld));
  // A provider that names its keys may support others.
  const isOfModel = (keyword: string) => supports !== undefined || (model.attributes?.has(keyword) ?? true);
  // Attributes of other models are returned if an item has them.
  const hasOthers = Object.keys(requested).some((keyword) => !isOfModel(keyword) && !isEmptyValue(requested[keyword]));
  const isComplete = supported.isComplete && !hasOthers;
  const isMatched = (keyword: string) =>
    isOfModel(keyword) &&
    !RETURNED.has(keyword) &&
    !(model.returnsNumbers && BINARY_NUMBERS.has(valueRepresentationOf(keyword) ?? ''));
  const keys = Object.fromEntries(Object.entries(requested).filter(([keyword]) => isMatched(keyword)));
  return { identifier, keys, requested, isComplete, levelKeys, options, ...(level !== undefined && { level }) };
}

function supportedKeys(
  identifier: UntypedDataSet,
  place: KeyPlace,
  supports: SupportsKey,
  withheld: ReadonlySet<string>,
): { readonly requested: UntypedDataSet; readonly isComplete: boolean } {
  const requested: Record<string, unknown> = {};
  let isComplete = true;
  for (const [keyword, key] of Object.entries(identifier)) {
    if (NO_ATTRIBUTES.has(keyword) || key === undefined) continue;
    if (withheld.has(keyword) || !supports(keyword, place)) {
      isComplete = false;
      continue;
    }
    const [item] = items(key);
    if (!item) {
      requested[keyword] = key;
      continue;
    }
    const within = supportedKeys(item, { ...place, sequences: [...place.sequences, keyword] }, supports, withheld);
    isComplete &&= within.isComplete;
    // An empty item would request all attributes of the items.
    if (Object.keys(within.requested).length > 0 || Object.keys(item).length === 0)
      requested[keyword] = [within.requested];
  }
  return { requested, isComplete };
}

function levelOf(
  { name: model, levels }: QueryModel,
  identifier: UntypedDataSet,
  relational: boolean,
): string | undefined {
  if (!levels) return undefined;
  const level = text(identifier.QueryRetrieveLevel).trim();
  const at = levels.findIndex(({ name }) => name === level);
  if (at < 0) throw mismatch(`'${level}' is not a level of the ${model} model`, 'QueryRetrieveLevel');
  if (!relational)
    for (const { uniqueKey } of levels.slice(0, at))
      if (!isSingle(identifier[uniqueKey]))
        throw mismatch(`level ${level} needs one ${uniqueKey}, or relational queries`, uniqueKey);
  return level;
}

function isSingle(key: unknown): boolean {
  const found = texts(key);
  return found.length === 1 && !/[*?]/.test(found[0] as string);
}

function mismatch(errorComment: string, keyword: string): DimseError {
  const tag = tagOf(keyword);
  return new DimseError(Status.DataSetDoesNotMatchSopClass, {
    // An Error Comment has 64 characters at most.
    errorComment: errorComment.slice(0, 64),
    ...(tag !== undefined && { offendingElements: [tag] }),
  });
}

/** Attributes of an identifier that control the query or its encoding. */
const NO_ATTRIBUTES: ReadonlySet<string> = new Set([
  'QueryRetrieveLevel',
  'QueryRetrieveView',
  'SpecificCharacterSet',
  'TimezoneOffsetFromUTC',
  'PriorRecordKey',
]);

/** Attributes that are returned and never matched. */
const RETURNED: ReadonlySet<string> = new Set(['RetrieveAETitle', 'InstanceAvailability']);

const BINARY_NUMBERS: ReadonlySet<string> = new Set(['FD', 'FL', 'SL', 'SS', 'UL', 'US']);
