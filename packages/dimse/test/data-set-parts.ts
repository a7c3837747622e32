// Random data sets as bytes: elements of all forms, also such as the standard does not have.

import fc from 'fast-check';

const hex = (text: string) => Buffer.from(text, 'hex');

// Elements of all forms: `value` makes bytes, `items` a sequence or encapsulated Pixel Data.
export interface Part {
  readonly tag: number;
  readonly vr: string;
  readonly value: Uint8Array;
  readonly items: readonly (readonly Part[])[] | undefined;
  readonly isDefined: boolean;
  readonly fragments: readonly Uint8Array[] | undefined;
}

const TAGS = [
  0x00080005, 0x00080016, 0x00081110, 0x00091001, 0x00100020, 0x00280010, 0x00280103, 0x00280106, 0x7fe00010,
];
const VRS = ['SQ', 'UN', 'LO', 'US', 'UI', 'OB', 'OW', 'UT', '  ', '??', 'ZZ', '\0\0', '\x05\0', 'lo'];
const LONG_VRS = new Set(['SQ', 'UN', 'OB', 'OW', 'UT', 'ZZ']);

export const { parts } = fc.letrec<{ parts: Part[]; part: Part }>((tie) => ({
  part: fc.record({
    tag: fc.constantFrom(...TAGS),
    vr: fc.constantFrom(...VRS),
    value: fc.uint8Array({ maxLength: 20 }),
    items: fc.option(fc.array(tie('parts'), { maxLength: 2 }), { depthSize: 'small', nil: undefined }),
    isDefined: fc.boolean(),
    fragments: fc.option(fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 2 }), { freq: 6, nil: undefined }),
  }),
  parts: fc.array(tie('part'), { maxLength: 4 }),
}));

/** The bytes of elements. UN of undefined length is Implicit VR Little Endian inside. */
export function encodedParts(elements: readonly Part[], isExplicit: boolean, littleEndian: boolean): Buffer {
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2);
    if (littleEndian) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
    return bytes;
  };
  const u32 = (value: number) =>
    littleEndian
      ? Buffer.concat([u16(value & 0xffff), u16(value >>> 16)])
      : Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
  const tagged = (tag: number, length: number) => Buffer.concat([u16(tag >>> 16), u16(tag & 0xffff), u32(length)]);
  const header = (tag: number, vr: string, length: number) => {
    if (!isExplicit) return tagged(tag, length);
    const place = Buffer.concat([u16(tag >>> 16), u16(tag & 0xffff), Buffer.from(vr, 'latin1')]);
    return LONG_VRS.has(vr)
      ? Buffer.concat([place, Buffer.alloc(2), u32(length)])
      : Buffer.concat([place, u16(length)]);
  };
  return Buffer.concat(
    elements.map(({ tag, vr, value, items, isDefined, fragments }) => {
      if (fragments)
        return Buffer.concat([
          header(tag, 'OB', 0xffffffff),
          ...fragments.map((fragment) => Buffer.concat([tagged(0xfffee000, fragment.length), fragment])),
          tagged(0xfffee0dd, 0),
        ]);
      if (!items) return Buffer.concat([header(tag, vr, value.length), value]);
      const kind = vr === 'UN' ? 'UN' : 'SQ';
      const inner = kind === 'UN' ? ([false, true] as const) : ([isExplicit, littleEndian] as const);
      const content = items.map((item) => {
        const bytes = encodedParts(item, ...inner);
        const delimiter = kind === 'UN' ? hex('feff0de000000000') : tagged(0xfffee00d, 0);
        const begin = (length: number) =>
          kind === 'UN'
            ? Buffer.concat([hex('feff00e0'), hex(length === 0 ? '00000000' : 'ffffffff')])
            : tagged(0xfffee000, length);
        if (isDefined && kind === 'SQ') return Buffer.concat([begin(bytes.length), bytes]);
        return Buffer.concat([begin(0xffffffff), bytes, delimiter]);
      });
      const all = Buffer.concat(content);
      if (isDefined) return Buffer.concat([header(tag, kind, all.length), all]);
      return Buffer.concat([
        header(tag, kind, 0xffffffff),
        all,
        kind === 'UN' ? hex('feffdde000000000') : tagged(0xfffee0dd, 0),
      ]);
    }),
  );
}
