// The character repertoires of PS3.3 §C.12.1.1.2: which bytes stand for which characters. The tables are built on first
// use from the decoders of Node.js, so both directions agree.

/** A repertoire that can be designated as G0 or G1 (PS3.5 §6.1.2.5). */
export interface Repertoire {
  /** Bytes of each of its characters, without the high bit that G1 sets. */
  readonly width: 1 | 2;
  readonly element: 'G0' | 'G1';
  /** The bytes after ESC that designate it. */
  readonly escapeSequence: string;
  /**
   * The character of one or two bytes, 21H to 7EH each (20H to 7FH for those of one); undefined if the repertoire has
   * no such character.
   */
  decode(first: number, second: number): string | undefined;
  /** The byte, or both as one number; undefined if the repertoire does not have the character. */
  encode(character: string): number | undefined;
}

/** ISO-IR 6, the default repertoire. */
export const ascii: Repertoire = {
  width: 1,
  element: 'G0',
  escapeSequence: '(B',
  decode: (first) => String.fromCharCode(first),
  encode: (character) => (character >= ' ' && character <= '~' ? character.charCodeAt(0) : undefined),
};

/** ISO-IR 14, JIS X 0201 Romaji. */
const romaji: Repertoire = {
  ...ascii,
  escapeSequence: '(J',
  decode: (first) => (first === 0x5c ? '¥' : first === 0x7e ? '‾' : String.fromCharCode(first)),
  encode(character) {
    if (character === '¥') return 0x5c;
    if (character === '‾') return 0x7e;
    return character === '\\' || character === '~' ? undefined : ascii.encode(character);
  },
};

/** The repertoires that a defined term designates initially. */
export interface Designation {
  readonly g0: Repertoire;
  readonly g1?: Repertoire;
  /** For terms of code extensions only: these repertoires are designated by their escape sequence. */
  readonly extension?: Repertoire;
}

/** By the number in the defined term: `ISO_IR 100`, `ISO 2022 IR 100`. Tables C.12-2 to C.12-4. */
export const DESIGNATIONS: ReadonlyMap<number, Designation> = new Map<number, Designation>([
  [6, { g0: ascii }],
  [100, { g0: ascii, g1: rightHalf('iso-8859-1', '-A') }],
  [101, { g0: ascii, g1: rightHalf('iso-8859-2', '-B') }],
  [109, { g0: ascii, g1: rightHalf('iso-8859-3', '-C') }],
  [110, { g0: ascii, g1: rightHalf('iso-8859-4', '-D') }],
  [126, { g0: ascii, g1: rightHalf('iso-8859-7', '-F') }],
  [127, { g0: ascii, g1: rightHalf('iso-8859-6', '-G') }],
  [138, { g0: ascii, g1: rightHalf('iso-8859-8', '-H') }],
  [144, { g0: ascii, g1: rightHalf('iso-8859-5', '-L') }],
  [148, { g0: ascii, g1: rightHalf('iso-8859-9', '-M') }],
  [166, { g0: ascii, g1: rightHalf('windows-874', '-T') }],
  [203, { g0: ascii, g1: rightHalf('iso-8859-15', '-b') }],
  [13, { g0: romaji, g1: katakana() }],
  [87, { g0: ascii, extension: doubleByte('euc-jp', 'G0', '$B') }],
  [159, { g0: ascii, extension: doubleByte('euc-jp', 'G0', '$(D', [0x8f]) }],
  [149, { g0: ascii, extension: doubleByte('euc-kr', 'G1', '$)C') }],
  [58, { g0: ascii, extension: doubleByte('gbk', 'G1', '$)A') }],
]);

/** The repertoires by the bytes after ESC. */
export const BY_ESCAPE: ReadonlyMap<string, Repertoire> = new Map(
  [...DESIGNATIONS.values()]
    .flatMap(({ g0, g1, extension }) => [g0, g1, extension])
    .filter((each) => each !== undefined)
    .map((each) => [each.escapeSequence, each]),
);

/** Characters and their codes, in both directions. */
export interface CodeTable {
  readonly characters: readonly (string | undefined)[];
  readonly codes: ReadonlyMap<string, number>;
}

/** The characters that a decoder gives for byte sequences, by index. Built on first use. */
export function codeTable(label: string, sequences: () => Iterable<readonly number[]>): () => CodeTable {
  let table: CodeTable | undefined;
  return () => {
    if (!table) {
      // One call decodes all: a line feed ends an incomplete sequence.
      const bytes: number[] = [];
      for (const sequence of sequences()) bytes.push(...sequence, 0x0a);
      const lines = new TextDecoder(label, { ignoreBOM: true }).decode(Uint8Array.from(bytes)).split('\n');
      const characters = lines.slice(0, -1).map((line) => (isOneCharacter(line) ? line : undefined));
      const codes = new Map<string, number>();
      for (const [code, character] of characters.entries())
        if (character !== undefined && !codes.has(character)) codes.set(character, code);
      table = { characters, codes };
    }
    return table;
  };
}

function isOneCharacter(text: string): boolean {
  return [...text].length === 1 && text !== '\ufffd' && !/[\ue000-\uf8ff]/.test(text);
}

/** The right half of an ISO 8859 set: A0H to FFH. 80H to 9FH are control characters, unlike in Windows code pages. */
function rightHalf(label: string, escapeSequence: string): Repertoire {
  const table = codeTable(label, () => Array.from({ length: 96 }, (_, index) => [0xa0 + index]));
  return {
    width: 1,
    element: 'G1',
    escapeSequence,
    decode: (first) => table().characters[first - 0x20],
    encode(character) {
      const code = table().codes.get(character);
      return code === undefined ? undefined : code + 0x20;
    },
  };
}

/** ISO-IR 13, JIS X 0201 Katakana: A1H to DFH. */
function katakana(): Repertoire {
  return {
    width: 1,
    element: 'G1',
    escapeSequence: ')I',
    decode: (first) => (first >= 0x21 && first <= 0x5f ? String.fromCharCode(0xff40 + first) : undefined),
    encode: (character) => (character >= '｡' && character <= 'ﾟ' ? character.charCodeAt(0) - 0xff40 : undefined),
  };
}

/** A set of 94 times 94, as the rows A1H to FEH of an EUC encoding have it. */
function doubleByte(
  label: string,
  element: 'G0' | 'G1',
  escapeSequence: string,
  prefix: readonly number[] = [],
): Repertoire {
  const table = codeTable(label, () =>
    Array.from({ length: 94 * 94 }, (_, index) => [...prefix, 0xa1 + Math.floor(index / 94), 0xa1 + (index % 94)]),
  );
  return {
    width: 2,
    element,
    escapeSequence,
    decode: (first, second) => table().characters[(first - 0x21) * 94 + second - 0x21],
    encode(character) {
      const { codes } = table();
      const index = codes.get(character) ?? codes.get(VARIANTS.get(character) ?? '');
      return index === undefined ? undefined : (0x21 + Math.floor(index / 94)) * 0x100 + 0x21 + (index % 94);
    },
  };
}

// Characters of JIS X 0208 that some tables map to one and some to another of two similar characters.
const ALIKE = ['〜～', '‖∥', '−－', '¢￠', '£￡', '¬￢', '—―'];
const VARIANTS = new Map(
  ALIKE.flatMap(([one = '', other = '']) => [
    [one, other],
    [other, one],
  ]),
);
