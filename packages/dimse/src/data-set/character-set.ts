// Specific Character Set (PS3.3 §C.12.1.1.2): text to and from bytes, code extensions included (PS3.5 §6.1.2).

import { ascii, DESIGNATIONS } from './character-repertoires.ts';
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

function canonical(term: string): string {
  const number = /^ISO[ _-]?(?:2022)?[ _-]?IR[ _-]?(\d+)$/i.exec(term.trim())?.[1];
  return number ?? term.trim().toUpperCase();
}

function make(terms: readonly string[]): CharacterSet | undefined {
  // These do not allow code extensions.
  if (terms.includes('192')) return utf8;
  if (terms.includes('GB18030')) return gb18030;
  if (terms.includes('GBK')) return gbk;
  const designations = terms.map((term) => DESIGNATIONS.get(term === '' ? 6 : Number(term)));
  if (!designations.every((each) => each !== undefined)) return undefined;
  const { g0, g1 } = designations[0] ?? { g0: ascii };
  const others = designations.flatMap((each) => [each.g0, each.g1, each.extension]);
  return codeExtensions(
    g0,
    g1,
    [...new Set(others)].filter((each) => each !== undefined),
  );
}

const encoder = new TextEncoder();

/** ISO_IR 192. Bytes that are not UTF-8 become U+FFFD. */
const utf8: CharacterSet = characterSetOf({
  decoding: (bytes, _, step) => decodedInParts(bytes, step, 'utf-8'),
  // biome-ignore lint/correctness/useYield: the encoder of the engine is fast
  *encoding(text) {
    const lone = /[\ud800-\udfff]/u.exec(text);
    if (lone) throw new UnencodableCharacterError(lone[0]);
    return encoder.encode(text);
  },
  has: (character) => !/[\ud800-\udfff]/u.test(character),
});
