// The value representations (PS3.5 Table 6.2-1) and their encoding (§7.1.2, §7.3).

/** The kind of JavaScript values of a value representation. */
export type ValueKind =
  | 'text'
  | 'number string'
  | 'person name'
  | 'number'
  | 'big integer'
  | 'tag'
  | 'bytes'
  | 'sequence';

export interface ValueRepresentation {
  readonly name: string;
  readonly kind: ValueKind;
  /** Whether the length field has 32 bits in explicit VR. */
  readonly isLong: boolean;
  /** The length in bytes of a number, or of the words that are swapped in big endian. */
  readonly wordSize: number;
  /** Whether its text is in the Specific Character Set; other text is in the default repertoire. */
  readonly usesCharacterSet: boolean;
  /** Whether a backslash separates values. */
  readonly hasManyValues: boolean;
  /** Which spaces are insignificant. */
  readonly trims: 'both' | 'end';
  /** The byte that pads a value to an even length. */
  readonly padding: number;
}

/** The value representation by name. An unknown name is treated as a future one with bytes as its value (§6.2.2). */
export function valueRepresentation(name: string): ValueRepresentation {
  return TABLE.get(name) ?? { ...of('UN', 'bytes', { isLong: true }), name };
}

/** Whether the standard has a value representation of this name. */
export function isValueRepresentation(name: string): boolean {
  return TABLE.has(name);
}

/** The value representation of the two characters of an element in Explicit VR, as one number; undefined if unknown. */
export function explicitVrOf(code: number): ValueRepresentation | undefined {
  return BY_CODE.get(code);
}

function of(name: string, kind: ValueKind, details: Partial<ValueRepresentation> = {}): ValueRepresentation {
  return {
    name,
    kind,
    isLong: false,
    wordSize: 1,
    usesCharacterSet: false,
    hasManyValues: true,
    trims: 'end',
    padding: kind === 'text' || kind === 'number string' || kind === 'person name' ? 0x20 : 0,
    ...details,
  };
}

const [isLong, usesCharacterSet, hasManyValues, trims] = [true, true, false, 'both'] as const;

const TABLE: ReadonlyMap<string, ValueRepresentation> = new Map(
  [
    of('AE', 'text', { trims }),
    of('AS', 'text'),
    of('AT', 'tag', { wordSize: 4 }),
    of('CS', 'text', { trims }),
    of('DA', 'text'),
    of('DS', 'number string', { trims }),
    of('DT', 'text'),
    of('FD', 'number', { wordSize: 8 }),
    of('FL', 'number', { wordSize: 4 }),
    of('IS', 'number string', { trims }),
    of('LO', 'text', { trims, usesCharacterSet }),
    of('LT', 'text', { usesCharacterSet, hasManyValues }),
    of('OB', 'bytes', { isLong }),
    of('OD', 'bytes', { isLong, wordSize: 8 }),
    of('OF', 'bytes', { isLong, wordSize: 4 }),
    of('OL', 'bytes', { isLong, wordSize: 4 }),
    of('OV', 'bytes', { isLong, wordSize: 8 }),
    of('OW', 'bytes', { isLong, wordSize: 2 }),
    of('PN', 'person name', { usesCharacterSet }),
    of('SH', 'text', { trims, usesCharacterSet }),
    of('SL', 'number', { wordSize: 4 }),
    of('SQ', 'sequence', { isLong }),
    of('SS', 'number', { wordSize: 2 }),
    of('ST', 'text', { usesCharacterSet, hasManyValues }),
    of('SV', 'big integer', { isLong, wordSize: 8 }),
    of('TM', 'text'),
    of('UC', 'text', { isLong, usesCharacterSet }),
    of('UI', 'text', { trims, padding: 0 }),
    of('UL', 'number', { wordSize: 4 }),
    of('UN', 'bytes', { isLong }),
    of('UR', 'text', { isLong, hasManyValues }),
    of('US', 'number', { wordSize: 2 }),
    of('UT', 'text', { isLong, usesCharacterSet, hasManyValues }),
    of('UV', 'big integer', { isLong, wordSize: 8 }),
  ].map((vr) => [vr.name, vr]),
);

const BY_CODE: ReadonlyMap<number, ValueRepresentation> = new Map(
  [...TABLE.values()].map((vr) => [vr.name.charCodeAt(0) * 0x100 + vr.name.charCodeAt(1), vr]),
);
