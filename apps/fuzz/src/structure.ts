// The length-prefixed structures inside an input, which a mutator removes, repeats or swaps as a whole.

/** A structure: its bytes, and the field that holds the length of its content. */
export interface Structure {
  /** The first byte of its header. */
  readonly start: number;
  /** The first byte of its content. */
  readonly content: number;
  /** The byte after its content. */
  readonly end: number;
  readonly length: LengthField | undefined;
  readonly children: readonly Structure[];
}

/** A field that holds a length in bytes. */
export interface LengthField {
  readonly at: number;
  readonly width: 1 | 2 | 4;
  readonly littleEndian: boolean;
}

/** Finds the structures of an input. It is lenient and leaves out bytes that it does not understand. */
export type Parse = (bytes: Uint8Array) => readonly Structure[];

/** PS3.8 §9.3: PDUs, the items of A-ASSOCIATE PDUs and their sub-items, and presentation data values. */
export const parsePdus: Parse = (bytes) =>
  sequence(bytes, 0, bytes.length, 6, { at: 2, width: 4, littleEndian: false }, (start, content, end) => {
    const type = bytes[start];
    if (type === 0x01 || type === 0x02) return parseItems(bytes, content + 68, end);
    if (type === 0x04) return sequence(bytes, content, end, 4, { at: 0, width: 4, littleEndian: false });
    return [];
  });

const ITEM = { at: 2, width: 2, littleEndian: false } as const;

function parseItems(bytes: Uint8Array, start: number, end: number): readonly Structure[] {
  return sequence(bytes, start, end, 4, ITEM, (item, content, itemEnd) => {
    // Presentation contexts begin with four bytes of their own; user information has items only.
    if (bytes[item] === 0x20 || bytes[item] === 0x21) return parseItems(bytes, content + 4, itemEnd);
    return bytes[item] === 0x50 ? sequence(bytes, content, itemEnd, 4, ITEM) : [];
  });
}

/** PS3.7 §6.3.1 and PS3.5 §7.1.3: elements in Implicit VR Little Endian, command sets included. */
export const parseImplicit: Parse = (bytes) => parseImplicitElements(bytes, 0, bytes.length);

function parseImplicitElements(bytes: Uint8Array, start: number, end: number): readonly Structure[] {
  return sequence(bytes, start, end, 8, { at: 4, width: 4, littleEndian: true }, (_, content, elementEnd) =>
    isItem(bytes, content) ? parseImplicitElements(bytes, content, elementEnd) : [],
  );
}

/** PS3.5 §7.1.2: elements in Explicit VR, little or big endian. */
export function parseExplicit(littleEndian: boolean): Parse {
  const parse = (bytes: Uint8Array, start: number, end: number): readonly Structure[] => {
    const found: Structure[] = [];
    for (let at = start; at + 8 <= end; ) {
      const isLong = isItem(bytes, at, littleEndian) || bytes[at + 6] === 0 || bytes[at + 4] === 0x4f;
      const isDelimiter = isItem(bytes, at, littleEndian);
      const field: LengthField = isDelimiter
        ? { at: at + 4, width: 4, littleEndian }
        : isLong && at + 12 <= end && bytes[at + 6] === 0 && bytes[at + 7] === 0
          ? { at: at + 8, width: 4, littleEndian }
          : { at: at + 6, width: 2, littleEndian };
      const content = field.at + field.width;
      const length = readLength(bytes, field);
      const elementEnd = Math.min(length === 0xffffffff ? content : content + length, end);
      const children = isItem(bytes, content, littleEndian) || isDelimiter ? parse(bytes, content, elementEnd) : [];
      found.push({ start: at, content, end: elementEnd, length: field, children });
      at = elementEnd;
    }
    return found;
  };
  return (bytes) => parse(bytes, 0, bytes.length);
}

/** PS3.10 §7.1: the preamble and prefix, then elements in Explicit VR Little Endian. */
export const parsePart10: Parse = (bytes) => {
  const offset = 132;
  if (bytes.length < offset) return [];
  return parseExplicit(true)(bytes.subarray(offset)).map((structure) => moved(structure, offset));
};

/** The pcapng draft, §3.1: blocks whose total length stands at both ends. */
export const parseBlocks: Parse = (bytes) => {
  const found: Structure[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const field = { at: at + 4, width: 4, littleEndian: true } as const;
    const end = Math.min(at + Math.max(readLength(bytes, field), 12), bytes.length);
    found.push({ start: at, content: at + 8, end, length: undefined, children: [] });
    at = end;
  }
  return found;
};

/** Text has no length fields: its lines are its structures. */
export const parseLines: Parse = (bytes) => {
  const found: Structure[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    found.push({ start, content: start, end, length: undefined, children: [] });
    start = end;
  }
  return found;
};

/** All structures, the nested ones included, each with the structures that contain it. */
export function flattened(
  structures: readonly Structure[],
  parents: readonly Structure[] = [],
): { readonly structure: Structure; readonly parents: readonly Structure[] }[] {
  return structures.flatMap((structure) => [
    { structure, parents },
    ...flattened(structure.children, [...parents, structure]),
  ]);
}

export function readLength(bytes: Uint8Array, { at, width, littleEndian }: LengthField): number {
  let value = 0;
  for (let index = 0; index < width; index++) {
    const byte = bytes[at + (littleEndian ? width - 1 - index : index)] ?? 0;
    value = value * 256 + byte;
  }
  return value;
}

export function writeLength(bytes: Uint8Array, { at, width, littleEndian }: LengthField, value: number): void {
  for (let index = 0; index < width; index++) {
    const shift = 8 * (littleEndian ? index : width - 1 - index);
    if (at + index < bytes.length) bytes[at + index] = Math.floor(value / 2 ** shift) & 0xff;
  }
}

function sequence(
  bytes: Uint8Array,
  start: number,
  end: number,
  headerLength: number,
  field: LengthField,
  childrenOf: (start: number, content: number, end: number) => readonly Structure[] = () => [],
): readonly Structure[] {
  const found: Structure[] = [];
  for (let at = start; at + headerLength <= end; ) {
    const length = { ...field, at: at + field.at };
    const content = at + headerLength;
    const contentEnd = Math.min(content + readLength(bytes, length), end);
    found.push({ start: at, content, end: contentEnd, length, children: childrenOf(at, content, contentEnd) });
    at = contentEnd;
  }
  return found;
}

function isItem(bytes: Uint8Array, at: number, littleEndian = true): boolean {
  const [high, low] = littleEndian ? [at + 1, at] : [at, at + 1];
  return bytes[high] === 0xff && bytes[low] === 0xfe;
}

function moved({ start, content, end, length, children }: Structure, by: number): Structure {
  return {
    start: start + by,
    content: content + by,
    end: end + by,
    length: length && { ...length, at: length.at + by },
    children: children.map((child) => moved(child, by)),
  };
}
