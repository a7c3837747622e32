// Answers a C-FIND request from whole items: matches them, and selects the attributes that leave (PS3.4 §C.4.1.3, §K.4.1.3).
//
// A provider gives the items it has; it need not know what is requested. No attribute leaves that the identifier does not
// request and the service class does not require, in sequences neither. Items are taken from the provider one by one, when
// the transport has taken the response before, with turns of the event loop between many of them.

import type { Association } from '@x/net';
import {
  aNumber,
  aValueOf,
  checkOptions,
  isPlainObject,
  type OptionTable,
  ReturnValueError,
  shown,
  wrongReturn,
} from '@x/pdu/internal';
import { prepareMatching } from '../data-set/attribute-matching.ts';
import { checkKeys, type DataSetInput, type Identifier, type UntypedDataSet } from '../data-set/data-set-values.ts';
import { byKeyword } from '../data-set/misfits.ts';
import { TimezoneAdjustment } from '../data-set/timezone-adjustment.ts';
import { DimseError } from '../message/errors.ts';
import { Status, type StatusTable } from '../message/status.ts';
import { nextTurn, UNITS_PER_STEP } from '../turns.ts';
import { type PreparedQuery, prepareQuery, type Query, type SupportsKey } from './query.ts';
import { negotiatedOptions, type QueryModel } from './query-model.ts';
import { ResponseAttributes } from './response-attributes.ts';
import { responseCharacterSet } from './response-character-set.ts';

/** Items that may match, as the provider has them. */
export type QueryItems = Iterable<DataSetInput> | AsyncIterable<DataSetInput>;

/** Options of a provider of queries. */
export interface AnswerQueryOptions {
  /**
   * The maximum number of matches. If there are more, the final status is B001H if the service class has it, else A700H.
   * Default: no limit.
   */
  readonly maximumMatches?: number;
  /**
   * Whether a key is supported. Unsupported keys are neither matched nor returned, and the status of responses is FF01H.
   * Default: the attributes of the standard are supported, private ones are not.
   */
  readonly supports?: SupportsKey;
  /** Whether the items match already, because a database has compared all keys. Default false: each item is compared. */
  readonly isMatched?: boolean;
  /** The AE title in responses to retrieve from, if the item has none. Default: the called AE title. */
  readonly retrieveAeTitle?: string;
  /** Whether queries without the unique keys of higher levels are accepted if they are negotiated. Default false. */
  readonly relational?: boolean;
  /**
   * The offset from UTC of items that do not have one, such as `+0100`, for timezone query adjustment. Default: these items
   * are not adjusted.
   */
  readonly timezoneOffset?: string;
}

/** The parts of a handler context that a query needs. */
export interface QueryContext {
  /** Ends the answer: it aborts on C-CANCEL. */
  readonly signal: AbortSignal;
  /** Written into the responses as (0008,0054) Retrieve AE Title, if the model has it. */
  readonly calledAeTitle: string;
  /** The session that received the request; its `association` has the negotiated options. */
  readonly session: { readonly association: Pick<Association, 'extendedNegotiations'> };
}

/** The parts of a service class that a query needs. */
export interface QueryService {
  /** The model of `find`. */
  readonly queries: { readonly find: QueryModel };
  /** The meanings of the statuses. */
  readonly statuses: StatusTable;
}

/** A pending response. */
export interface QueryAnswer {
  /** The attributes that the response returns. */
  readonly identifier: DataSetInput;
  /** FF00H or FF01H. */
  readonly status: number;
}

/**
 * The responses to a C-FIND request, for a handler of the service class. `serve` uses it for `find`; call it yourself in
 * `rawFind` to add responses of your own, or options that depend on the request.
 * @param items The items that may match, or a function that narrows them down by the query.
 * @param request The `identifier` of the request, and its `sopClass`
 * @throws DimseError A900H for a level or keys that the model does not allow; A700H if too many items match
 * @throws ReturnValueError if the items cannot be iterated, or one is not a data set
 */
export async function* answerQuery(
  { queries, statuses }: QueryService,
  items: QueryItems | ((query: Query) => QueryItems | Promise<QueryItems>),
  request: { readonly identifier: Identifier; readonly sopClass: string },
  context: QueryContext,
  options: AnswerQueryOptions = {},
): AsyncGenerator<QueryAnswer, number | undefined, undefined> {
  const { signal } = context;
  const { maximumMatches = Number.POSITIVE_INFINITY } = checkOptions(ANSWER_OPTIONS, options);
  const model = queries.find;
  const { accepted } = context.session.association.extendedNegotiations.get(request.sopClass) ?? {};
  const query = prepareQuery(model, request.identifier, negotiatedOptions(model, accepted), options.supports);
  const answers = new Answers(model, query, options, context);
  const hasWarning = !query.isComplete && Status.PendingWithWarning in statuses;
  const status = hasWarning ? Status.PendingWithWarning : Status.Pending;
  let [matches, done] = [0, 0];
  const found = typeof items === 'function' ? await items(query) : items;
  if (!isIterable(found)) throw wrongReturn('find', found, 'an array, an iterable or an async generator of data sets');
  for await (const item of found) {
    if (signal.aborted) return Status.Cancel;
    const identifier = answers.to(item);
    if (answers.work - done >= UNITS_PER_STEP) {
      done = answers.work;
      await nextTurn();
      if (signal.aborted) return Status.Cancel;
    }
    if (!identifier) continue;
    if (++matches > maximumMatches) return tooMany(maximumMatches, statuses);
    yield { identifier, status };
  }
  return undefined;
}

/** Matches items with a query, and makes the identifiers of the responses. */
class Answers {
  readonly #query: PreparedQuery;
  readonly #isMatched: boolean;
  readonly #matcher: ReturnType<typeof prepareMatching>;
  readonly #adjustment: TimezoneAdjustment | undefined;
  readonly #attributes: ResponseAttributes;
  readonly #required: readonly string[];
  readonly #always: UntypedDataSet;
  /** A misspelt key would be left out of every response. */
  readonly #knownKeys = new Set<string>();
  #items = 0;

  constructor(model: QueryModel, query: PreparedQuery, options: AnswerQueryOptions, context: QueryContext) {
    const { timezoneOffset, isMatched = false, retrieveAeTitle = context.calledAeTitle } = options;
    this.#query = query;
    this.#isMatched = isMatched;
    // The time zone of the item is adjusted before, because the response has it, too.
    this.#matcher = prepareMatching(isMatched ? {} : query.keys, { ...query.options, timezone: false });
    if (query.options.timezone) this.#adjustment = TimezoneAdjustment.to(query.identifier, timezoneOffset);
    this.#attributes = new ResponseAttributes(query.requested);
    this.#required = [...query.levelKeys, ...(model.required ?? [])];
    this.#always = {
      ...(query.level !== undefined && { QueryRetrieveLevel: query.level }),
      ...(model.isRetrievable && { RetrieveAETitle: retrieveAeTitle }),
    };
  }

  /** The work so far, in units of a step. */
  get work(): number {
    const compared = this.#matcher.comparisons / COMPARISONS_PER_UNIT;
    return this.#items * UNITS_PER_ITEM + compared + this.#attributes.elements;
  }

  /** The identifier of the response for an item; undefined if the item does not match. */
  to(given: DataSetInput): DataSetInput | undefined {
    this.#items++;
    if (!isPlainObject(given)) throw new ReturnValueError('find', `yielded ${shown(given)}, not a data set`);
    if ('identifier' in given)
      throw new ReturnValueError('find', 'yields whole items, not responses; rawFind yields { identifier }');
    this.#checkKeys(given);
    const whole = byKeyword(given);
    const item = this.#adjustment?.adjusted(whole) ?? whole;
    if (!this.#isMatched && !this.#matcher.matches(item)) return undefined;
    const { RetrieveAETitle, TimezoneOffsetFromUTC } = item;
    const identifier = this.#attributes.of(item);
    for (const keyword of this.#required) if (item[keyword] !== undefined) identifier[keyword] = item[keyword];
    Object.assign(identifier, this.#always);
    if ('RetrieveAETitle' in this.#always && RetrieveAETitle !== undefined)
      identifier.RetrieveAETitle = RetrieveAETitle;
    const asksOffset = 'TimezoneOffsetFromUTC' in this.#query.identifier;
    if (TimezoneOffsetFromUTC !== undefined && (asksOffset || this.#attributes.hasTimes))
      identifier.TimezoneOffsetFromUTC = TimezoneOffsetFromUTC;
    const SpecificCharacterSet = responseCharacterSet(identifier, this.#query.identifier.SpecificCharacterSet);
    const response: UntypedDataSet =
      SpecificCharacterSet === undefined ? identifier : { SpecificCharacterSet, ...identifier };
    return response;
  }

  #checkKeys(item: UntypedDataSet): void {
    try {
      checkKeys(item, this.#knownKeys);
    } catch (error) {
      throw new ReturnValueError('find', `yielded an item in which ${(error as Error).message}`);
    }
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function tooMany(maximumMatches: number, statuses: StatusTable): number {
  if (LIMIT_REACHED in statuses) return LIMIT_REACHED;
  throw new DimseError(Status.OutOfResources, { errorComment: `more than ${maximumMatches} matches` });
}

/** PS3.4 Table C.4-1: matching reached the limit of responses. */
const LIMIT_REACHED = 0xb001;

const UNITS_PER_ITEM = 4;
const COMPARISONS_PER_UNIT = 16;

export const ANSWER_OPTIONS: OptionTable<AnswerQueryOptions> = {
  of: 'answerQuery',
  rules: {
    maximumMatches: aNumber,
    supports: aValueOf('function'),
    isMatched: aValueOf('boolean'),
    retrieveAeTitle: aValueOf('string'),
    relational: aValueOf('boolean'),
    timezoneOffset: aValueOf('string'),
  },
};
