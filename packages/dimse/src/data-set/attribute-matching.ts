// Attribute matching: whether an entity matches the identifier of a C-FIND request (PS3.4 §C.2.2.2).
//
// An identifier is prepared once and then compared with each entity. The preparation is linear in the identifier, and a
// comparison is linear in the entity: values of a list are looked up in a set, and the few that cannot be, such as
// patterns, are limited in number. Keys without a value cost nothing.

import { isElement, items, texts } from './access.ts';
import { DataSetError } from './data-set-error.ts';
import { type DataSet, tagOf, valueRepresentationOf } from './dataset.ts';
import { combinedRanges, momentTest } from './moment-matching.ts';
import { FuzzyNameTest, GroupedNameTest } from './name-matching.ts';
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
  matches(entity: DataSet): boolean;
}

/**
 * Prepares an identifier for comparison with many entities: see `matchesIdentifier`.
 * @throws DataSetError if a key has more than `MAXIMUM_MATCHING_ALTERNATIVES` values that must be tried one by one, or more
 * than `MAXIMUM_WILDCARD_PART` characters with `?` between two asterisks.
 */
export function prepareMatching(identifier: DataSet, options: MatchingOptions = {}): IdentifierMatcher {
  return new PreparedIdentifier(identifier, options);
}

/**
 * Whether `entity` matches every key of `identifier`. Keys without a value match everything. Query/Retrieve Level,
 * Query/Retrieve View, Specific Character Set and Timezone Offset From UTC are not keys. To compare many entities, use
 * `prepareMatching`.
 * @throws the errors of `prepareMatching`.
 */
export function matchesIdentifier(entity: DataSet, identifier: DataSet, options: MatchingOptions = {}): boolean {
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
  readonly #keys: (readonly [keyword: string, test: KeyTest])[] = [];
  readonly #combined: ReturnType<typeof combinedRanges>;

  constructor(identifier: DataSet, options: MatchingOptions) {
    this.#combined = options.combinedDateTime ? combinedRanges(identifier) : [];
    const inCombined = new Set(this.#combined.flatMap(({ date, time }) => [date, time]));
    for (const [keyword, key] of Object.entries(identifier)) {
      if (NO_KEYS.has(keyword) || inCombined.has(keyword)) continue;
      const test = keyTest(keyword, key, options);
      if (test) this.#keys.push([keyword, test]);
    }
  }

  get comparisons(): number {
    return this.#keys.reduce((sum, [, { comparisons }]) => sum + comparisons, 0);
  }

  matches(entity: DataSet): boolean {
    for (const [keyword, test] of this.#keys) if (!test.matches(entity[keyword])) return false;
    return this.#combined.every((range) => range.matches(entity));
  }
}

/** The test for a key; undefined if the key matches everything. */
function keyTest(keyword: string, asked: unknown, options: MatchingOptions): KeyTest | undefined {
  const vr = isElement(asked) ? asked.vr : valueRepresentationOf(keyword);
  if (vr === 'SQ' || isItems(asked)) return sequenceTest(asked, options);
  const keys = filledTexts(asked, vr);
  return keys.length === 0 ? undefined : new ValueTest(keyword, vr, keys, options);
}

// §C.2.2.2.6: one item of the entity must match all keys of the identifier's item.
function sequenceTest(key: unknown, options: MatchingOptions): KeyTest | undefined {
  const [item] = items(key);
  if (!item || Object.values(item).every(isUniversal)) return undefined;
  const prepared = new PreparedIdentifier(item, options);
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
  readonly #plain: ReadonlySet<string | number>;
  readonly #tests: readonly { readonly comparisons?: number; matches(value: string): boolean }[];
  #compared = 0;

  constructor(keyword: string, vr: string | undefined, keys: readonly string[], { fuzzy }: MatchingOptions) {
    this.#vr = vr;
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
    const values = filledTexts(found, this.#vr);
    this.#compared += values.length;
    return values.some(
      (value) => this.#plain.has(this.#comparable(value)) || this.#tests.some((test) => test.matches(value)),
    );
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

function isUniversal(key: unknown): boolean {
  return isItems(key) ? items(key).every((item) => Object.values(item).every(isUniversal)) : texts(key).length === 0;
}

function isItems(value: unknown): boolean {
  return items(value).length > 0 && !texts(value).length;
}

/** The texts of a key or of a value. `*` alone asks for everything, as an empty key does. */
function filledTexts(value: unknown, vr: string | undefined): string[] {
  const filled = texts(value);
  return vr !== undefined && WITH_WILDCARDS.has(vr) && filled.every((text) => /^\*+$/.test(text)) ? [] : filled;
}
