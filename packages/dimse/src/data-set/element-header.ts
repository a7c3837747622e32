// The headers of elements (PS3.5 §7.1), with value representations that the standard does not have.

import { DataSetError } from './data-set-error.ts';
import { impliedVr } from './data-set-values.ts';
import type { DataSetWarningCode } from './leniency.ts';
import { UNDEFINED_LENGTH } from './tags.ts';
import { explicitVrOf, valueRepresentation } from './value-representations.ts';

export const SHORT_HEADER = 8;
export const LONG_HEADER = 12;

/** A header in Explicit VR whose value representation the standard does not have. */
export interface UnknownHeader {
  readonly vr: string;
  readonly isLong: boolean;
  /** The length of the value, unless the header is long. */
  readonly length: number;
  readonly warning: DataSetWarningCode;
}

/** The tag of a header. */
export function tagIn(view: DataView, at: number, littleEndian: boolean): number {
  return view.getUint16(at, littleEndian) * 0x10000 + view.getUint16(at + 2, littleEndian);
}

/** Whether a header in Explicit VR has 12 bytes instead of 8. */
export function isLongHeader(view: DataView, at: number): boolean {
  const known = explicitVrOf(view.getUint16(at + 4));
  return known ? known.isLong : isCapital(view.getUint8(at + 4)) && isCapital(view.getUint8(at + 5));
}

/** How a header is read whose value representation the standard does not have: see `TOLERATED`. */
export function unknownHeader(view: DataView, at: number, littleEndian: boolean): UnknownHeader {
  const [first, second] = [view.getUint8(at + 4), view.getUint8(at + 5)];
  if (isCapital(first) && isCapital(second))
    return {
      vr: String.fromCharCode(first, second),
      isLong: true,
      length: 0,
      warning: 'UNKNOWN_VR',
    };
  const [short, long] = [view.getUint16(at + 6, littleEndian), view.getUint32(at + 4, littleEndian)];
  const isText = isPrintable(first) && isPrintable(second);
  const isLength = !isText && (long === UNDEFINED_LENGTH || (first + second > 0 && short === 0));
  if (isLength) return { vr: 'UN', isLong: false, length: long, warning: 'MISSING_VR' };
  return { vr: 'UN', isLong: false, length: short, warning: 'INVALID_VR' };
}

/** The kind of parts of an element of undefined length. */
export function containerOf(tag: number, vr: string | undefined): 'sequence' | 'fragments' {
  if (vr !== undefined) return vr === 'SQ' || vr === 'UN' ? 'sequence' : 'fragments';
  const implied = impliedVr(tag)?.slice(0, 2) ?? 'UN';
  return implied !== 'UN' && valueRepresentation(implied).kind === 'bytes' ? 'fragments' : 'sequence';
}

/** Whether an element of this value representation, or that of the dictionary, may have parts instead of a length. */
export function mayHaveParts(container: 'sequence' | 'fragments', vr: string): boolean {
  return container === 'sequence' ? vr === 'SQ' || vr === 'UN' : valueRepresentation(vr).kind === 'bytes';
}

export function noLengthError(vr: string, place: { readonly tag: number; readonly offset: number }): DataSetError {
  return new DataSetError(`of value representation ${vr} has no length`, place);
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}
