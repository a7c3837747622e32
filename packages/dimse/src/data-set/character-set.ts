// Specific Character Set (PS3.3 §C.12.1.1.2): text to and from bytes, code extensions included (PS3.5 §6.1.2).

import { ascii, BY_ESCAPE, codeTable, DESIGNATIONS, type Repertoire } from './character-repertoires.ts';

/** The delimiters after which the initial character sets are in force again (PS3.5 §6.1.2.5.3). */
export interface TextKind {
  /** Whether a backslash separates values. */
  readonly hasManyValues: boolean;
  readonly isPersonName: boolean;
}

/** Text to and from bytes. */
export interface CharacterSet {
  decode(bytes: Uint8Array, kind: TextKind): string;
  /** @throws UnencodableCharacterError. */
  encode(text: string, kind: TextKind): Uint8Array;
}

/** The character set does not contain the character. */
export class UnencodableCharacterError extends Error {
  override readonly name = 'UnencodableCharacterError';
  readonly character: string;

  constructor(character: string) {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    super(`the character set has no ${/[\p{C}\p{Z}]/u.test(character) ? '' : `${character} `}(U+${code})`);
    this.character = character;
  }
}

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
  return new CodeExtensions(
    g0,
    g1,
    [...new Set(others)].filter((each) => each !== undefined),
  );
}

const ESC = 0x1b;

/** ISO 2022 with initial repertoires for G0 and G1 and others that escape sequences designate. */
class CodeExtensions implements CharacterSet {
  readonly #g0: Repertoire;
  readonly #g1: Repertoire | undefined;
  readonly #others: readonly Repertoire[];

  constructor(g0: Repertoire, g1: Repertoire | undefined, others: readonly Repertoire[]) {
    this.#g0 = g0;
    this.#g1 = g1;
    this.#others = others;
  }

  decode(bytes: Uint8Array, kind: TextKind): string {
    if (!this.#g1 && !bytes.includes(ESC)) return undeclared(bytes);
    let [g0, g1] = [this.#g0, this.#g1];
    let lastG1 = g1;
    let text = '';
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === ESC) {
        const found = designated(bytes, at + 1);
        if (!found) text += '\ufffd';
        else {
          if (found.element === 'G0') g0 = found;
          else lastG1 = g1 = found;
          at += found.escapeSequence.length;
        }
      } else if (byte >= 0x80) {
        // Some writers do not designate G1 again after a delimiter.
        const repertoire = g1 ?? lastG1;
        if (byte < 0xa0 || !repertoire) text += String.fromCharCode(byte);
        else {
          text += repertoire.decode(byte - 0x80, (bytes[at + 1] ?? 0) & 0x7f) ?? '\ufffd';
          at += repertoire.width - 1;
        }
      } else if (byte > 0x20 && g0.width === 2) {
        text += g0.decode(byte, bytes[at + 1] ?? 0) ?? '\ufffd';
        at++;
      } else {
        const isDelimiter = kind.hasManyValues && byte === 0x5c;
        const character = isDelimiter || byte < 0x20 ? String.fromCharCode(byte) : g0.decode(byte, 0);
        text += character;
        if (isDelimiter || resets(character as string, kind)) [g0, g1] = [this.#g0, this.#g1];
      }
    }
    return text;
  }

  encode(text: string, kind: TextKind): Uint8Array {
    const bytes: number[] = [];
    let [g0, g1] = [this.#g0, this.#g1];
    const designate = (repertoire: Repertoire) => {
      bytes.push(ESC, ...Buffer.from(repertoire.escapeSequence, 'latin1'));
      if (repertoire.element === 'G0') g0 = repertoire;
      else g1 = repertoire;
    };
    const toInitialG0 = () => {
      if (g0 !== this.#g0) designate(this.#g0);
    };
    for (const character of text) {
      const isDelimiter = kind.hasManyValues && character === '\\';
      if (isDelimiter || isControl(character) || (this.#g1 && isC1(character))) {
        toInitialG0();
        bytes.push(character.charCodeAt(0));
        if (isDelimiter || resets(character, kind)) g1 = this.#g1;
        continue;
      }
      if (resets(character, kind)) {
        toInitialG0();
        g1 = this.#g1;
      }
      const has = (repertoire: Repertoire | undefined) => repertoire?.encode(character) !== undefined;
      const repertoire = has(g0) ? g0 : has(g1) ? g1 : this.#others.find(has);
      if (!repertoire) throw new UnencodableCharacterError(character);
      if (repertoire !== g0 && repertoire !== g1) designate(repertoire);
      const code = repertoire.encode(character) as number;
      const high = repertoire.element === 'G1' ? 0x80 : 0;
      if (repertoire.width === 2) bytes.push((code >>> 8) | high);
      bytes.push((code & 0xff) | high);
    }
    toInitialG0();
    return Uint8Array.from(bytes);
  }
}

function designated(bytes: Uint8Array, at: number): Repertoire | undefined {
  for (const length of [2, 3]) {
    const found = BY_ESCAPE.get(String.fromCharCode(...bytes.subarray(at, at + length)));
    if (found) return found;
  }
  return undefined;
}

// ESC would be read as the start of an escape sequence.
function isControl(character: string): boolean {
  return (character < ' ' && character !== '\x1b') || character === '\x7f';
}

// The bytes between the halves of ISO 8859 are passed through.
function isC1(character: string): boolean {
  return character >= '\x80' && character < '\xa0';
}

function resets(character: string, { isPersonName }: TextKind): boolean {
  return (
    (isPersonName && (character === '^' || character === '=')) ||
    character === '\r' ||
    character === '\n' ||
    character === '\f' ||
    character === '\t'
  );
}

// Bytes outside the default repertoire are read as the encodings that they most often are, without loss.
function undeclared(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** ISO_IR 192. Bytes that are not UTF-8 become U+FFFD. */
const utf8: CharacterSet = {
  decode: (bytes) => lenientUtf8.decode(bytes),
  encode(text) {
    const lone = /[\ud800-\udfff]/u.exec(text);
    if (lone) throw new UnencodableCharacterError(lone[0]);
    return encoder.encode(text);
  },
};

const doubleBytes = (label: string) =>
  codeTable(label, function* () {
    for (let first = 0x81; first <= 0xfe; first++)
      for (let second = 0x40; second <= 0xfe; second++) yield second === 0x7f ? [0x20, 0x20] : [first, second];
  });
const ROW = 0xff - 0x40;
const gbkTable = doubleBytes('gbk');
const gb18030Table = doubleBytes('gb18030');

// Four bytes: 81H to 84H, 30H to 39H, 81H to FEH, 30H to 39H, counted up. They cover the part of the BMP that two bytes
// do not.
const fourBytesOf = (index: number): readonly number[] => [
  0x81 + Math.floor(index / 12600),
  0x30 + (Math.floor(index / 1260) % 10),
  0x81 + (Math.floor(index / 10) % 126),
  0x30 + (index % 10),
];
const fourByteTable = codeTable('gb18030', () => Array.from({ length: 39420 }, (_, index) => fourBytesOf(index)));
// U+10000, at 90308130H.
const FIRST_SUPPLEMENTARY = 189_000;

const gbk = chinese('gbk', (character) => doubleByteCode(gbkTable().codes.get(character)));
const gb18030 = chinese('gb18030', (character) => {
  const code = doubleByteCode(gb18030Table().codes.get(character));
  if (code) return code;
  const point = character.codePointAt(0) as number;
  if (point >= 0x10000) return fourBytesOf(point - 0x10000 + FIRST_SUPPLEMENTARY);
  const index = fourByteTable().codes.get(character);
  return index === undefined ? undefined : fourBytesOf(index);
});

function doubleByteCode(index: number | undefined): readonly number[] | undefined {
  return index === undefined ? undefined : [0x81 + Math.floor(index / ROW), 0x40 + (index % ROW)];
}

function chinese(label: string, codeOf: (character: string) => readonly number[] | undefined): CharacterSet {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return {
    decode: (bytes) => decoder.decode(bytes),
    encode(text) {
      const bytes: number[] = [];
      for (const character of text) {
        const code = character < '\x80' ? [character.charCodeAt(0)] : codeOf(character);
        if (!code) throw new UnencodableCharacterError(character);
        bytes.push(...code);
      }
      return Uint8Array.from(bytes);
    },
  };
}
