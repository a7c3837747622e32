// GB18030 and GBK: the tables of their bytes, made from the decoders of Node.js.

import { codeTable } from './character-repertoires.ts';
import {
  type CharacterSet,
  characterSetOf,
  decodedInParts,
  Gathered,
  joined,
  UnencodableCharacterError,
} from './text-encoding.ts';

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

export const gbk = chinese('gbk', (character) => doubleByteCode(gbkTable().codes.get(character)));
export const gb18030 = chinese('gb18030', (character) => {
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
  const bytesOf = (character: string) => (character < '\x80' ? [character.charCodeAt(0)] : codeOf(character));
  return characterSetOf({
    decoding: (bytes, _, step) => decodedInParts(bytes, step, label),
    *encoding(text, _, step) {
      const bytes = new Gathered<number, Uint8Array>((numbers) => Uint8Array.from(numbers));
      for (const character of text) {
        if (bytes.isStepFull(step)) yield step.end();
        const code = bytesOf(character);
        if (!code) throw new UnencodableCharacterError(character);
        for (const byte of code) bytes.push(byte);
      }
      return joined(bytes);
    },
    has: (character) => bytesOf(character) !== undefined,
  });
}
