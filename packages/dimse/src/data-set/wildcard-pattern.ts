// Wildcard matching in linear time (PS3.4 §C.2.2.2.4): `*` stands for any characters, `?` for one.
//
// The parts of a pattern between its asterisks are searched for one after the other, each after the end of the previous one.
// A plain part is found by the algorithm of Knuth, Morris and Pratt, and a part with question marks by comparing all its
// positions at once in the bits of integers. Neither goes back in the value.

import { DataSetError } from './data-set-error.ts';

/** The longest part between two asterisks that may contain `?`, in characters. */
export const MAXIMUM_WILDCARD_PART = 1024;

/** A pattern, prepared once to be compared with many values. */
export class WildcardPattern {
  /** The number of comparisons of characters so far. For each value it is at most proportional to the value's length. */
  comparisons = 0;
  readonly #first: string;
  readonly #middle: readonly string[];
  /** Undefined if the pattern has no asterisk. */
  readonly #last: string | undefined;
  /** The length of the shortest value that can match. */
  readonly #shortest: number;
  /** The searches for parts, prepared when a part is first searched for. */
  readonly #searches = new Map<string, Search>();

  /** @throws DataSetError if a part between asterisks has `?` and more than `MAXIMUM_WILDCARD_PART` characters. */
  constructor(pattern: string) {
    const [first = '', ...others] = pattern.split(/\*+/);
    this.#first = first;
    this.#last = others.pop();
    this.#middle = others;
    this.#shortest = first.length + (this.#last?.length ?? 0) + others.reduce((sum, { length }) => sum + length, 0);
    const isTooLong = (part: string) => part.length > MAXIMUM_WILDCARD_PART && part.includes('?');
    if (others.some(isTooLong))
      throw new DataSetError(`a key has more than ${MAXIMUM_WILDCARD_PART} characters with ? between two *`, {
        limit: 'maximumWildcardPart',
      });
  }

  matches(value: string): boolean {
    if (value.length < this.#shortest || !this.#isAt(value, 0, this.#first)) return false;
    if (this.#last === undefined) return value.length === this.#first.length;
    const end = value.length - this.#last.length;
    if (!this.#isAt(value, end, this.#last)) return false;
    let at = this.#first.length;
    for (const part of this.#middle) {
      const found = this.#find(part, value, at, end);
      if (found < 0) return false;
      at = found + part.length;
    }
    return true;
  }

  #isAt(value: string, start: number, part: string): boolean {
    for (let at = 0; at < part.length; at++) {
      this.comparisons++;
      const code = part.charCodeAt(at);
      if (code !== ANY && code !== value.charCodeAt(start + at)) return false;
    }
    return true;
  }

  /** The position at which the part begins between `start` and `end`; -1 if it does not occur there. */
  #find(part: string, value: string, start: number, end: number): number {
    if (start + part.length > end) return -1;
    const isPlain = !part.includes('?');
    if (isPlain && part.length <= SHORT) {
      const found = value.indexOf(part, start);
      this.comparisons += (found < 0 ? value.length : found + part.length) - start;
      return found + part.length > end ? -1 : found;
    }
    let search = this.#searches.get(part);
    if (!search) {
      search = isPlain ? plainSearch(part) : searchWithAny(part);
      this.#searches.set(part, search);
    }
    const { found, comparisons } = search(value, start, end);
    this.comparisons += comparisons;
    return found;
  }
}

interface SearchResult {
  readonly found: number;
  readonly comparisons: number;
}

type Search = (value: string, start: number, end: number) => SearchResult;

const ANY = '?'.charCodeAt(0);
// The engine finds short texts faster than a loop does, and its time is bounded by the product of the lengths.
const SHORT = 32;
const BITS = 32;

/** Knuth, Morris, Pratt: after a mismatch, the longest beginning of the part that ends here is known. */
function plainSearch(part: string): Search {
  const shorter = new Int32Array(part.length);
  for (let at = 1, matched = 0; at < part.length; at++) {
    while (matched > 0 && part.charCodeAt(at) !== part.charCodeAt(matched)) matched = shorter[matched - 1] as number;
    if (part.charCodeAt(at) === part.charCodeAt(matched)) matched++;
    shorter[at] = matched;
  }
  return (value, start, end) => {
    let [matched, comparisons] = [0, 0];
    for (let at = start; at < end; at++) {
      const code = value.charCodeAt(at);
      comparisons++;
      while (matched > 0 && part.charCodeAt(matched) !== code) {
        matched = shorter[matched - 1] as number;
        comparisons++;
      }
      if (part.charCodeAt(matched) === code) matched++;
      if (matched === part.length) return { found: at + 1 - matched, comparisons };
    }
    return { found: -1, comparisons };
  };
}

/** Shift-And: bit n says that the first n + 1 characters of the part end here. */
function searchWithAny(part: string): Search {
  const words = Math.ceil(part.length / BITS);
  const anywhere = new Int32Array(words);
  const places = new Map<number, Int32Array>();
  for (let at = 0; at < part.length; at++) if (part.charCodeAt(at) === ANY) setBit(anywhere, at);
  for (let at = 0; at < part.length; at++) {
    const code = part.charCodeAt(at);
    const bits = places.get(code) ?? Int32Array.from(anywhere);
    setBit(bits, at);
    places.set(code, bits);
  }
  // A question mark in the value is matched by a question mark only.
  places.delete(ANY);
  const last = 1 << ((part.length - 1) % BITS);
  return (value, start, end) => {
    const state = new Int32Array(words);
    let comparisons = 0;
    for (let at = start; at < end; at++) {
      const bits = places.get(value.charCodeAt(at)) ?? anywhere;
      let carry = 1;
      for (let word = 0; word < words; word++) {
        const before = state[word] as number;
        state[word] = ((before << 1) | carry) & (bits[word] as number);
        carry = before >>> (BITS - 1);
      }
      comparisons += words;
      if (((state[words - 1] as number) & last) !== 0) return { found: at + 1 - part.length, comparisons };
    }
    return { found: -1, comparisons };
  };
}

function setBit(bits: Int32Array, at: number): void {
  const word = Math.floor(at / BITS);
  bits[word] = (bits[word] as number) | (1 << (at % BITS));
}
