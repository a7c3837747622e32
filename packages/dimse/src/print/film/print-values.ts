// Values of the attributes of Print Management: PS3.3 §C.13. No I/O.

import { firstItem, number, text, uid } from '../../data-set/access.ts';
import { isRecord, type UntypedDataSet, valuesOf } from '../../data-set/data-set-values.ts';

/** The UID of the instance to which a sequence of references refers, if there is one. */
export function referencedInstance(value: unknown): string | undefined {
  return uid(firstItem(value)?.ReferencedSOPInstanceUID);
}

/** The approximate number of bytes of a value and of everything in it. */
export function byteLength(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'string') return value.length * 2;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + byteLength(each), BYTES_OF_A_VALUE);
  return isRecord(value) ? byteLength(Object.values(value)) : BYTES_OF_A_VALUE;
}

const BYTES_OF_A_VALUE = 16;

/** Whether a printer supports a value. */
type Check = (value: unknown) => boolean;

const oneOf =
  (...terms: readonly string[]): Check =>
  (value) =>
    terms.includes(text(value));
const density: Check = (value) => text(value) === 'BLACK' || text(value) === 'WHITE' || isDensity(value);
const isDensity: Check = (value) => (number(value) ?? -1) >= 0;

/** Maximum of (2000,0010) Number of Copies; larger numbers are treated as mistakes. */
const MOST_COPIES = 999;

/** Table C.13-1 */
export const FILM_SESSION_VALUES: Readonly<Record<string, Check>> = {
  NumberOfCopies: (value) => Number.isInteger(number(value)) && inRange(number(value), 1, MOST_COPIES),
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
  RequestedImageSize: (value) => (number(value) ?? 0) > 0,
  RequestedDecimateCropBehavior: oneOf('DECIMATE', 'CROP', 'FAIL'),
  MinDensity: isDensity,
  MaxDensity: isDensity,
};

/** The attributes that a printer uses, by the SOP class that has them. */
export const PRINT_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  'Basic Film Session': Object.keys(FILM_SESSION_VALUES),
  'Basic Film Box': [
    'ImageDisplayFormat',
    'FilmSizeID',
    'AnnotationDisplayFormatID',
    'ReferencedPresentationLUTSequence',
    ...Object.keys(FILM_BOX_VALUES),
  ],
  'Basic Grayscale and Color Image Box': [
    'ImageBoxPosition',
    'BasicGrayscaleImageSequence',
    'BasicColorImageSequence',
    ...Object.keys(IMAGE_BOX_VALUES),
  ],
  'Basic Annotation Box': ['AnnotationPosition', 'TextString'],
  'Presentation LUT': ['PresentationLUTShape', 'PresentationLUTSequence'],
};

/**
 * The attributes without those whose values are not supported, and the keywords of the latter. The defaults of the printer
 * apply to them (§H.2.4), as they do to empty values.
 */
export function supportedValues(
  attributes: UntypedDataSet,
  checks: Readonly<Record<string, Check>>,
): { readonly attributes: UntypedDataSet; readonly unsupported: readonly string[] } {
  const unsupported = Object.keys(checks).filter((keyword) => {
    const value = attributes[keyword];
    return value !== undefined && valuesOf(value).length > 0 && !checks[keyword]?.(value);
  });
  if (unsupported.length === 0) return { attributes, unsupported };
  const kept = Object.entries(attributes).filter(([keyword]) => !unsupported.includes(keyword));
  return { attributes: Object.fromEntries(kept), unsupported };
}

function inRange(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}
