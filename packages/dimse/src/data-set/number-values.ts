// Numbers and words as bytes, in either byte order (PS3.5 §6.2, §7.3).

import { DataSetError } from './data-set-error.ts';
import type { ValueRepresentation } from './value-representations.ts';

/**
 * The bytes in the given byte order: a copy with swapped words for big endian, the same array for little endian. An
 * incomplete last word is not swapped.
 */
export function swapped(bytes: Uint8Array, wordSize: number, littleEndian: boolean): Uint8Array {
  if (littleEndian || wordSize === 1) return bytes;
  const turned = Uint8Array.from(bytes);
  const words = Buffer.from(turned.buffer, 0, turned.length - (turned.length % wordSize));
  if (wordSize === 2) words.swap16();
  else if (wordSize === 4) words.swap32();
  else words.swap64();
  return turned;
}

/** The number to write for a value. @throws DataSetError if it is out of the range of the value representation. */
export function numberIn(tag: number, vr: ValueRepresentation, value: unknown): number | bigint {
  const number = vr.kind === 'tag' && typeof value === 'string' ? Number.parseInt(value, 16) : value;
  const limits = LIMITS[vr.name];
  if (!limits) {
    const float = typeof number === 'string' && number.trim() !== '' ? Number(number) : number;
    if (typeof float === 'number' && !(typeof number === 'string' && Number.isNaN(float))) return float;
  } else if (typeof number === 'number' || typeof number === 'bigint' || isInteger(number)) {
    const whole = vr.kind === 'big integer' && Number.isInteger(Number(number)) ? BigInt(number) : Number(number);
    const isWhole = typeof whole === 'bigint' || Number.isInteger(whole);
    if (isWhole && whole >= limits[0] && whole <= limits[1]) return whole;
  }
  throw new DataSetError(`of ${vr.name} cannot have ${wordFor(value)}`, { tag });
}

function isInteger(value: unknown): value is string {
  return typeof value === 'string' && /^[+-]?\d+$/.test(value);
}

// Values may be patient data, so errors do not show text.
export function wordFor(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  return value === null ? 'an empty value among others' : `a value of type ${typeof value}`;
}

export type NumberReader = (view: DataView, at: number, littleEndian: boolean) => number | bigint;

/** Reads a number, by value representation. */
export const numberReaders: Readonly<Record<string, NumberReader>> = {
  AT: (view, at, le) => view.getUint16(at, le) * 0x10000 + view.getUint16(at + 2, le),
  FD: (view, at, le) => view.getFloat64(at, le),
  FL: (view, at, le) => view.getFloat32(at, le),
  SL: (view, at, le) => view.getInt32(at, le),
  SS: (view, at, le) => view.getInt16(at, le),
  SV: (view, at, le) => view.getBigInt64(at, le),
  UL: (view, at, le) => view.getUint32(at, le),
  US: (view, at, le) => view.getUint16(at, le),
  UV: (view, at, le) => view.getBigUint64(at, le),
};

const LIMITS: Readonly<Record<string, readonly [number | bigint, number | bigint]>> = {
  AT: [0, 0xffffffff],
  SL: [-0x80000000, 0x7fffffff],
  SS: [-0x8000, 0x7fff],
  SV: [-(2n ** 63n), 2n ** 63n - 1n],
  UL: [0, 0xffffffff],
  US: [0, 0xffff],
  UV: [0n, 2n ** 64n - 1n],
};

export type NumberWriter = (view: DataView, at: number, value: number | bigint, littleEndian: boolean) => void;

/** Writes a number, by value representation. */
export const numberWriters: Readonly<Record<string, NumberWriter>> = {
  AT(view, at, value, le) {
    view.setUint16(at, Number(value) >>> 16, le);
    view.setUint16(at + 2, Number(value) & 0xffff, le);
  },
  FD: (view, at, value, le) => view.setFloat64(at, Number(value), le),
  FL: (view, at, value, le) => view.setFloat32(at, Number(value), le),
  SL: (view, at, value, le) => view.setInt32(at, Number(value), le),
  SS: (view, at, value, le) => view.setInt16(at, Number(value), le),
  SV: (view, at, value, le) => view.setBigInt64(at, BigInt(value), le),
  UL: (view, at, value, le) => view.setUint32(at, Number(value), le),
  US: (view, at, value, le) => view.setUint16(at, Number(value), le),
  UV: (view, at, value, le) => view.setBigUint64(at, BigInt(value), le),
};
