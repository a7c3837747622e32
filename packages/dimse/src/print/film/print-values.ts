// Values of the attributes of Print Management, read as the standard has them: PS3.3 §C.13. No I/O.

import { type DataSet, isElement, isRecord, valuesOf } from '../../data-set/data-set-values.ts';

/** The first value as a number, if it is one. */
export function numberValue(value: unknown): number | undefined {
  const number = first(value);
  if (number === undefined || number === null || number === '') return undefined;
  return Number.isFinite(Number(number)) ? Number(number) : undefined;
}

/** The value as text: a backslash is no delimiter in it, though some send it so. */
export function textValue(value: unknown): string {
  const plain = isElement(value) ? value.value : value;
  return Array.isArray(plain) ? plain.join('\\') : String(plain ?? '');
}

/** The first item of a sequence, if there is one. */
export function firstItem(value: unknown): DataSet | undefined {
  const item = first(value);
  return isRecord(item) ? item : undefined;
}

/** The instance that a sequence of references refers to, if it does to one. */
export function referencedInstance(value: unknown): string | undefined {
  const uid = firstItem(value)?.ReferencedSOPInstanceUID;
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}

/** About how many bytes a value takes, and all that is in it. */
export function byteLength(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'string') return value.length * 2;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + byteLength(each), BYTES_OF_A_VALUE);
  return isRecord(value) ? byteLength(Object.values(value)) : BYTES_OF_A_VALUE;
}

const BYTES_OF_A_VALUE = 16;

/** Whether a value is one that a printer can do. */
type Check = (value: unknown) => boolean;

const oneOf =
  (...terms: readonly string[]): Check =>
  (value) =>
    terms.includes(textValue(value));
const density: Check = (value) => textValue(value) === 'BLACK' || textValue(value) === 'WHITE' || isDensity(value);
const isDensity: Check = (value) => (numberValue(value) ?? -1) >= 0;

/** (2000,0010): more films than these are a mistake. */
const MOST_COPIES = 999;

/** Table C.13-1 */
export const FILM_SESSION_VALUES: Readonly<Record<string, Check>> = {
  NumberOfCopies: (value) => Number.isInteger(numberValue(value)) && inRange(numberValue(value), 1, MOST_COPIES),
  PrintPriority: oneOf('HIGH', 'MED', 'LOW'),
};

/** Table C.13-3 */
export const FILM_BOX_VALUES: Readonly<Record<string, Check>> = {
  FilmOrientation: oneOf('PORTRAIT', 'LANDSCAPE'),
  MagnificationType: oneOf('NONE', 'REPLICATE', 'BILINEAR', 'CUBIC'),
  BorderDensity: density,
  EmptyImageDensity: density,
  MinDensity: isDensity,
  MaxDensity: isDensity,
  Trim: oneOf('YES', 'NO'),
};

/** Table C.13-5 */
export const IMAGE_BOX_VALUES: Readonly<Record<string, Check>> = {
  Polarity: oneOf('NORMAL', 'REVERSE'),
  MagnificationType: oneOf('NONE', 'REPLICATE', 'BILINEAR', 'CUBIC'),
  RequestedImageSize: (value) => (numberValue(value) ?? 0) > 0,
  RequestedDecimateCropBehavior: oneOf('DECIMATE', 'CROP', 'FAIL'),
  MinDensity: isDensity,
  MaxDensity: isDensity,
};

/**
 * The attributes without those whose values cannot be had, for which the printer's own then hold (§H.2.4), and the names of
 * these. An empty value asks for the printer's own.
 */
export function supportedValues(
  attributes: DataSet,
  checks: Readonly<Record<string, Check>>,
): { readonly attributes: DataSet; readonly unsupported: readonly string[] } {
  const unsupported = Object.keys(checks).filter((keyword) => {
    const value = attributes[keyword];
    return value !== undefined && valuesOf(value).length > 0 && !checks[keyword]?.(value);
  });
  if (unsupported.length === 0) return { attributes, unsupported };
  const kept = Object.entries(attributes).filter(([keyword]) => !unsupported.includes(keyword));
  return { attributes: Object.fromEntries(kept), unsupported };
}

function inRange(number: number | undefined, least: number, most: number): boolean {
  return number !== undefined && number >= least && number <= most;
}

function first(value: unknown): unknown {
  return valuesOf(isElement(value) ? value.value : value)[0];
}
