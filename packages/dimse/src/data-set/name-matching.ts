// Matching of person names (PS3.4 §C.2.2.2.1.1): regardless of case, by component groups, or fuzzily by words.

import { WildcardPattern } from './wildcard-pattern.ts';

/** A test of names, and the comparisons of characters that it has made. */
export interface NameTest {
  readonly comparisons: number;
  matches(name: string): boolean;
}

/**
 * Matches regardless of case. A key with one component group matches any group of the name. A key with several groups
 * matches group by group; an empty group matches everything.
 */
export class GroupedNameTest implements NameTest {
  /** One for each group of the key; undefined for an empty group. */
  readonly #patterns: readonly (WildcardPattern | undefined)[];

  constructor(key: string) {
    this.#patterns = groupsOf(key).map((group) => (group === '' ? undefined : new WildcardPattern(group)));
  }

  get comparisons(): number {
    return this.#patterns.reduce((sum, pattern) => sum + (pattern?.comparisons ?? 0), 0);
  }

  matches(name: string): boolean {
    const groups = groupsOf(name);
    const [only, ...others] = this.#patterns;
    if (others.length === 0) return only === undefined || groups.some((group) => only.matches(group));
    return this.#patterns.every((pattern, index) => !pattern || pattern.matches(groups[index] ?? ''));
  }
}

/** Every word of the key begins a word of the name, in any order. Accents and punctuation are ignored. */
export class FuzzyNameTest implements NameTest {
  comparisons = 0;
  readonly #words: readonly string[];

  constructor(key: string) {
    this.#words = [...new Set(wordsOf(key))];
  }

  matches(name: string): boolean {
    const words = wordsOf(name).sort();
    return this.#words.every((word) => this.#isBeginning(word, words));
  }

  /** Words with the same beginning stand together in the sorted list, after the beginning itself. */
  #isBeginning(word: string, sorted: readonly string[]): boolean {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.comparisons += word.length;
      if ((sorted[middle] as string) < word) low = middle + 1;
      else high = middle;
    }
    return sorted[low]?.startsWith(word) ?? false;
  }
}

// More groups than the three of the standard have no meaning (PS3.5 §6.2.1).
const MOST_GROUPS = 64;

function groupsOf(name: string): string[] {
  return name.split('=', MOST_GROUPS).map(normalizedName);
}

// Trailing delimiters have no meaning (PS3.5 §6.2).
function normalizedName(group: string): string {
  const name = group.normalize('NFC').toLowerCase();
  let end = name.length;
  while (end > 0 && /[\s^]/.test(name[end - 1] as string)) end--;
  return name.slice(0, end).trimStart();
}

function wordsOf(name: string): string[] {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
