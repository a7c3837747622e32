// Attribute matching: whether an entity matches the identifier of a C-FIND request (PS3.4 §C.2.2.2).
//
// An identifier is prepared once and then compared with each entity. The preparation is linear in the identifier, and a
// comparison is linear in the entity: values of a list are looked up in a set, and the few that cannot be, such as
// patterns, are limited in number. Keys without a value cost nothing.

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { isElement, items, texts } from './access.ts';
import { attributeByKeyword } from './data-dictionary.ts';
import { DataSetError } from './data-set-error.ts';
import { tagKey } from './data-set-values.ts';
import { type DataSetInput, tagOf, type UntypedDataSet, valueRepresentationOf } from './dataset.ts';
import { misfitAttribute } from './misfits.ts';
import { combinedRanges, momentTest } from './moment-matching.ts';
import { FuzzyNameTest, GroupedNameTest } from './name-matching.ts';
import { TimezoneAdjustment } from './timezone-adjustment.ts';
import { WildcardPattern } from './wildcard-pattern.ts';

/** The choices that the standard leaves to the provider or to negotiation. */
export interface MatchingOptions {
  /**
   * Whether person names match fuzzily: each word of the key begins a word of the name, regardless of accents,
   * punctuation and order. PS3.4 §C.2.2.2.1.1 leaves the method to the implementation. Negotiated; default false.
   */
  readonly fuzzy?: boolean;
  /** Whether a date and its time are matched together as one range (PS3.4 §C.2.2.2.5). Negotiated; default false. */
  readonly combinedDateTime?: boolean;
  /**
   * Whether dates and times are compared in the Timezone Offset From UTC of the identifier, if it has one. Those of an
   * entity are in the offset of the entity. Negotiated; default false.
   */
  readonly timezone?: boolean;
  /**
   * The offset from UTC of entities that do not have one, such as `+0100`. By default, their dates and times are not adjusted.
   */
  readonly timezoneOffset?: string;
  /** Whether the key `""`, two quotation marks, matches an attribute without a value (§C.2.2.2.7). Negotiated; default false. */
  readonly emptyValue?: boolean;
  /**
   * Whether the entity must have all values of a key, if the attribute may have several (§C.2.2.2.8). Negotiated; default
   * false: one of them is enough. For UIDs, one of them is always enough (§C.2.2.2.2).
   */
  readonly multipleValue?: boolean;
}

/**
 * The most values of one key that are patterns, names, dates or times. The standard allows lists of UIDs only
 * (PS3.4 §C.2.2.2.2); lists of plain values are not limited.
 */
export const MAXIMUM_MATCHING_ALTERNATIVES = 64;

/** An identifier that is prepared for comparison with many entities. */
export interface IdentifierMatcher {
  /** The number of characters and values that were compared so far. Use it to bound the work between two turns. */
  readonly comparisons: number;
  /** Whether the entity matches every key. The time is at most proportional to the size of the entity. */
  matches(entity: DataSetInput): boolean;
}

/**
 * Prepares an identifier for comparison with many entities: see `matchesIdentifier`.
 * @throws DataSetError if a key has more than `MAXIMUM_MATCHING_ALTERNATIVES` values that must be tried one by one, or more
 * than `MAXIMUM_WILDCARD_PART` characters with `?` between two asterisks.
 */
export function prepareMatching(identifier: DataSetInput, options: MatchingOptions = {}): IdentifierMatcher {
  checkOptions<MatchingOptions>(MATCHING_OPTIONS, options);
  const prepared = new PreparedIdentifier(identifier, options);
  const adjustment = options.timezone ? TimezoneAdjustment.to(identifier, options.timezoneOffset) : undefined;
  if (!adjustment) return prepared;
  return {
    get comparisons() {
      return prepared.comparisons;
    },
    matches: (entity) => prepared.matches(adjustment.adjusted(entity)),
  };
}

/**
 * Whether `entity` matches every key of `identifier`. Keys without a value match everything. Query/Retrieve Level,
 * Query/Retrieve View, Specific Character Set, Timezone Offset From UTC and private creators are not keys. To compare many
 * entities, use `prepareMatching`.
 * @throws the errors of `prepareMatching`.
 */
export function matchesIdentifier(
  entity: DataSetInput,
  identifier: DataSetInput,
  options: MatchingOptions = {},
): boolean {
  return prepareMatching(identifier, options).matches(entity);
}

// These control the query; they are not matched.
const NO_KEYS: ReadonlySet<string> = new Set([
  'QueryRetrieveLevel',
  'QueryRetrieveView',
  'SpecificCharacterSet',
  'TimezoneOffsetFromUTC',
]);

/** A test of the value that an entity has for a key. */
interface KeyTest {
  readonly comparisons: number;
  matches(found: unknown): boolean;
}

class PreparedIdentifier implements IdentifierMatcher {
  readonly #keys: (readonly [keyword: string, tagKey: string, test: KeyTest])[] = [];
  readonly #combined: ReturnType<typeof combinedRanges>;

  constructor(identifier: UntypedDataSet, options: MatchingOptions) {
    this.#combined = options.combinedDateTime ? combinedRanges(identifier) : [];
    const inCombined = new Set(this.#combined.flatMap(({ date, time }) => [date, time]));
    for (const [name, key] of Object.entries(identifier)) {
      // A key of several values or of text in IS may be there by tag.
      const attribute = misfitAttribute(name, key);
      const keyword = attribute?.keyword ?? name;
      if (NO_KEYS.has(keyword) || inCombined.has(keyword) || isPrivateCreator(keyword)) continue;
      const test = keyTest(keyword, key, options);
      const tag = tagOf(keyword);
      if (test) this.#keys.push([keyword, tag === undefined ? keyword : tagKey(tag), test]);
    }
  }

  /** Whether it matches everything. */
  get isUniversal(): boolean {
    return this.#keys.length === 0 && this.#combined.length === 0;
  }

  get comparisons(): number {
    return this.#keys.reduce((sum, [, , { comparisons }]) => sum + comparisons, 0);
  }

  matches(entity: UntypedDataSet): boolean {
    for (const [keyword, tag, test] of this.#keys) if (!test.matches(entity[keyword] ?? entity[tag])) return false;
    return this.#combined.every((range) => range.matches(entity));
  }
}

/** The test for a key; undefined if the key matches everything. */
function keyTest(keyword: string, asked: unknown, options: MatchingOptions): KeyTest | undefined {
  const vr = isElement(asked) ? asked.vr : valueRepresentationOf(keyword);
  if (vr === 'SQ' || isItems(asked)) return sequenceTest(asked, options);
  const keys = keyTexts(asked, vr);
  return keys.length === 0 ? undefined : new ValueTest(keyword, vr, keys, options);
}

// §C.2.2.2.6: one item of the entity must match all keys of the identifier's item.
function sequenceTest(key: unknown, options: MatchingOptions): KeyTest | undefined {
  const [item] = items(key);
  const prepared = item && new PreparedIdentifier(item, options);
  if (!prepared || prepared.isUniversal) return undefined;
  return {
    get comparisons() {
      return prepared.comparisons;
    },
    matches: (found) => items(found).some((candidate) => prepared.matches(candidate)),
  };
}

/** A value matches if it equals a plain value of the key or passes one of the tests. */
class ValueTest implements KeyTest {
  readonly #vr: string | undefined;
  /** Whether an attribute without a value matches. */
  readonly #isEmptyAsked: boolean;
  /** Whether all values of the key must be found. */
  readonly #needsAll: boolean;
  readonly #plain: ReadonlySet<string | number>;
  readonly #tests: readonly { readonly comparisons?: number; matches(value: string): boolean }[];
  #compared = 0;

  constructor(keyword: string, vr: string | undefined, asked: readonly string[], options: MatchingOptions) {
    const { fuzzy, emptyValue, multipleValue } = options;
    this.#vr = vr;
    const keys = emptyValue ? asked.filter((key) => key !== EMPTY_VALUE) : asked;
    this.#isEmptyAsked = keys.length < asked.length;
    this.#needsAll = multipleValue === true && asked.length > 1 && mayHaveSeveral(keyword, vr);
    const hasWildcards = vr === undefined || WITH_WILDCARDS.has(vr);
    const isPlain = (key: string) => !ONE_BY_ONE.has(vr ?? '') && !(hasWildcards && /[*?]/.test(key));
    this.#plain = new Set(keys.filter(isPlain).map((key) => this.#comparable(key)));
    // NaN does not equal itself, but a set finds it.
    (this.#plain as Set<string | number>).delete(Number.NaN);
    const others = [...new Set(keys)].filter((key) => !isPlain(key));
    if (others.length > MAXIMUM_MATCHING_ALTERNATIVES)
      throw new DataSetError(`has ${others.length} values to match, more than ${MAXIMUM_MATCHING_ALTERNATIVES}`, {
        tag: tagOf(keyword) ?? tagOfKey(keyword),
        limit: 'maximumMatchingAlternatives',
      });
    this.#tests = others.map((key) => {
      if (vr === 'PN') return fuzzy ? new FuzzyNameTest(key) : new GroupedNameTest(key);
      if (vr === 'DA' || vr === 'TM' || vr === 'DT') return { matches: momentTest(vr, key) };
      return new WildcardPattern(key);
    });
  }

  get comparisons(): number {
    return this.#tests.reduce((sum, { comparisons = 0 }) => sum + comparisons, this.#compared);
  }

  matches(found: unknown): boolean {
    const values = texts(found);
    this.#compared += values.length;
    if (this.#needsAll) return this.#hasAll(values);
    if (this.#isEmptyAsked && values.length === 0) return true;
    return values.some(
      (value) => this.#plain.has(this.#comparable(value)) || this.#tests.some((test) => test.matches(value)),
    );
  }

  #hasAll(values: readonly string[]): boolean {
    if (this.#isEmptyAsked) return false;
    const comparable = new Set(values.map((value) => this.#comparable(value)));
    this.#compared += this.#plain.size;
    for (const key of this.#plain) if (!comparable.has(key)) return false;
    return this.#tests.every((test) => values.some((value) => test.matches(value)));
  }

  #comparable(value: string): string | number {
    return this.#vr === 'DS' || this.#vr === 'IS' ? Number(value) : value;
  }
}

/** VRs in which `*` and `?` stand for other characters (§C.2.2.2.4). */
const WITH_WILDCARDS: ReadonlySet<string> = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);

/** VRs in which equality is not the equality of texts. */
const ONE_BY_ONE: ReadonlySet<string> = new Set(['DA', 'DT', 'PN', 'TM']);

function tagOfKey(key: string): number | undefined {
  return /^[0-9A-Fa-f]{8}$/.test(key) ? Number.parseInt(key, 16) : undefined;
}

function isItems(value: unknown): boolean {
  return items(value).length > 0 && !texts(value).length;
}

/** The key that matches an attribute without a value. */
const EMPTY_VALUE = '""';

/** VRs of attributes of which a key may request several values (§C.2.2.2.8). */
const WITH_SEVERAL_VALUES: ReadonlySet<string> = new Set(['AE', 'AS', 'AT', 'CS', 'LO', 'PN', 'SH', 'UC']);

function mayHaveSeveral(keyword: string, vr: string | undefined): boolean {
  return WITH_SEVERAL_VALUES.has(vr ?? '') && attributeByKeyword(keyword)?.vm !== '1';
}

/** The element that reserves a block of private attributes (PS3.5 §7.8.1). It identifies attributes and is not matched. */
export function isPrivateCreator(key: string): boolean {
  const tag = tagOfKey(key);
  return tag !== undefined && (tag >>> 16) % 2 === 1 && (tag & 0xffff) >= 0x10 && (tag & 0xffff) <= 0xff;
}

/** The texts of a key. `*` alone asks for everything, as an empty key does, and a name of delimiters and asterisks. */
function keyTexts(key: unknown, vr: string | undefined): string[] {
  const filled = texts(key);
  if (vr === undefined || !WITH_WILDCARDS.has(vr)) return filled;
  const isName = vr === 'PN';
  const asked = isName ? filled.filter((text) => /[^\s^=]/.test(text)) : filled;
  return asked.every((text) => (isName ? /^[\s^=*]+$/ : /^\*+$/).test(text)) ? [] : asked;
}

const MATCHING_OPTIONS: OptionTable<
  MatchingOptions & { readonly relational?: boolean; readonly enhancedMultiFrame?: boolean }
> = {
  of: 'prepareMatching',
  rules: {
    fuzzy: aValueOf('boolean'),
    combinedDateTime: aValueOf('boolean'),
    timezone: aValueOf('boolean'),
    timezoneOffset: aValueOf('string'),
    emptyValue: aValueOf('boolean'),
    multipleValue: aValueOf('boolean'),
    // Negotiated with the others, and used for the whole query.
    relational: aValueOf('boolean'),
    enhancedMultiFrame: aValueOf('boolean'),
  },
};
