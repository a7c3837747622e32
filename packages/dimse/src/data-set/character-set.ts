// Specific Character Set (PS3.3 §C.12.1.1.2): text to and from bytes, code extensions included (PS3.5 §6.1.2).

import { ascii, DESIGNATIONS } from './character-repertoires.ts';
import { type CharacterSetLabel, characterSetLabel } from './character-set-labels.ts';
import { gb18030, gbk } from './chinese-character-sets.ts';
import { codeExtensions } from './code-extensions.ts';
import { type CharacterSet, characterSetOf, decodedInParts, UnencodableCharacterError } from './text-encoding.ts';

export { type CharacterSet, type TextKind, UnencodableCharacterError } from './text-encoding.ts';

/**
 * The character set that the values of (0008,0005) name; undefined if a term is unknown. Common misspellings of the terms
 * are accepted.
 */
export function characterSet(terms: readonly string[]): CharacterSet | undefined {
  if (terms.length > MOST_TERMS || terms.some(({ length }) => length > LONGEST_TERM)) return undefined;
  const key = terms.join('\\');
  const known = cache.get(key);
  if (known) return known;
  const made = make(terms.map(canonical));
  if (made && cache.size < LARGEST_CACHE) cache.set(key, made);
  return made;
}

/** The part of a character set that reads text. */
export type ReadableCharacterSet = Pick<CharacterSet, 'decode' | 'decoding'>;

/**
 * The same for reading: labels that are not defined terms but in use, such as `UTF8`, `ISO-8859-1` and `GB2312`, are read as
 * they are meant. Of several terms of which one does not allow others, the first is the best guess.
 */
export function readableCharacterSet(terms: readonly string[]): ReadableCharacterSet | undefined {
  return characterSet(terms) ?? labelled(terms)?.set;
}

/** The defined terms for labels and sets that cannot be together; undefined if the terms are allowed, or one is unknown. */
export function termsForLabels(terms: readonly string[]): readonly string[] | undefined {
  return characterSet(terms) ? undefined : labelled(terms)?.terms;
}

interface Labelled {
  readonly set: ReadableCharacterSet;
  readonly terms: readonly string[];
}

function labelled(terms: readonly string[]): Labelled | undefined {
  if (terms.length > MOST_TERMS || terms.some(({ length }) => length > LONGEST_TERM)) return undefined;
  const key = terms.join('\\');
  const known = labels.get(key);
  if (known) return known;
  const meanings = terms.map((term) => (characterSet([term]) ? { term } : characterSetLabel(term)));
  if (!meanings.every((each) => each !== undefined)) return undefined;
  // Some sets do not allow others beside them, but peers name several: the first that is not the default is the best guess.
  const first = meanings.find(({ term }) => !DEFAULT_TERMS.has(canonical(term)));
  const isAlone = first !== undefined && standsAlone(first);
  const meant = isAlone ? [first.term] : meanings.filter((one) => !standsAlone(one)).map(({ term }) => term);
  const { encoding } = (isAlone && first) || {};
  const set = encoding ? engineSet(encoding) : characterSet(encoding === '' ? [] : meant);
  const made = set && { set, terms: meant };
  if (made && labels.size < LARGEST_CACHE) labels.set(key, made);
  return made;
}

function standsAlone({ term, encoding }: CharacterSetLabel): boolean {
  return encoding !== undefined || ALONE.has(canonical(term));
}

function engineSet(encoding: string): ReadableCharacterSet {
  return characterSetOf({ ...utf8Writing, decoding: (bytes, _, step) => decodedInParts(bytes, step, encoding) });
}

/** The supported defined terms of (0008,0005): PS3.3 §C.12.1.1.2. */
export function supportedCharacterSets(): readonly string[] {
  const single = [...DESIGNATIONS].filter(([, { extension }]) => !extension).map(([number]) => `ISO_IR ${number}`);
  const extended = [...DESIGNATIONS.keys()].map((number) => `ISO 2022 IR ${number}`);
  return [...single, ...extended, 'ISO_IR 192', 'GB18030', 'GBK'];
}

// Peers choose the terms, and each text looks them up: lists or terms longer than those of the standard are unknown.
const MOST_TERMS = 64;
const LONGEST_TERM = 64;
const LARGEST_CACHE = 256;
const cache = new Map<string, CharacterSet>();
const labels = new Map<string, Labelled>();

function canonical(term: string): string {
  const number = /^ISO[ _-]?(?:2022)?[ _-]?IR[ _-]?(\d+)$/i.exec(term.trim())?.[1];
  return number ?? term.trim().toUpperCase();
}

function make(terms: readonly string[]): CharacterSet | undefined {
  const alone = terms.length === 1 ? ALONE.get(terms[0] ?? '') : undefined;
  if (alone) return alone;
  const designations = terms.map((term) => DESIGNATIONS.get(numberIn(term)));
  if (!designations.every((each) => each !== undefined)) return undefined;
  const { g0, g1 } = designations[0] ?? { g0: ascii };
  const others = designations.flatMap((each) => [each.g0, each.g1, each.extension]);
  return codeExtensions(
    g0,
    g1,
    [...new Set(others)].filter((each) => each !== undefined),
    terms.flatMap((term) => WITHOUT_ESCAPES.get(numberIn(term)) ?? []),
  );
}

function numberIn(term: string): number {
  return term === '' ? 6 : Number(term);
}

/**
 * The encodings of text that has no escape sequences, although its sets of two bytes need them (PS3.5 §6.1.2.5), in the order
 * in which they are tried.
 */
const WITHOUT_ESCAPES: ReadonlyMap<number, readonly string[]> = new Map([
  [87, ['euc-jp', 'shift_jis']],
  [159, ['euc-jp', 'shift_jis']],
  [149, ['euc-kr']],
  [58, ['gbk']],
]);

const encoder = new TextEncoder();

const utf8Writing: Pick<CharacterSet, 'encoding' | 'has'> = {
  // biome-ignore lint/correctness/useYield: the encoder of the engine is fast
  *encoding(text) {
    const lone = /[\ud800-\udfff]/u.exec(text);
    if (lone) throw new UnencodableCharacterError(lone[0]);
    return encoder.encode(text);
  },
  has: (character) => !/[\ud800-\udfff]/u.test(character),
};

/** ISO_IR 192. Bytes that are not UTF-8 become U+FFFD. */
const utf8: CharacterSet = characterSetOf({
  ...utf8Writing,
  decoding: (bytes, _, step) => decodedInParts(bytes, step, 'utf-8'),
});

/** The default repertoire, and its absence. */
const DEFAULT_TERMS: ReadonlySet<string> = new Set(['', '6']);

/** The sets that do not allow code extensions (PS3.3 §C.12.1.1.2). */
const ALONE: ReadonlyMap<string, CharacterSet> = new Map([
  ['192', utf8],
  ['GB18030', gb18030],
  ['GBK', gbk],
]);
