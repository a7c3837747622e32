// Data sets from the forms of dcmjs.

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { MAXIMUM_DEPTH } from '../data-set/containers.ts';
import { attributeByKeyword, attributeByTag } from '../data-set/data-dictionary.ts';
import { DataSetError } from '../data-set/data-set-error.ts';
import { type DataSet, impliedVr, isRecord, putElement, settledVr } from '../data-set/data-set-values.ts';
import { isValueRepresentation, valueRepresentation } from '../data-set/value-representations.ts';
import type { DenaturalizedDataSet, FromDcmjsOptions, NaturalizedDataSet } from './dcmjs-data.ts';
import { valueFrom } from './value-from-dcmjs.ts';

/**
 * Converts a naturalized data set of dcmjs. Keys are keywords, also those that dcmjs spells in another way, or tags. The
 * VR of a private attribute is taken from `_vrMap`; without it, bytes are UN, items SQ, and text LO or UC. Bytes are not
 * copied.
 * @throws DataSetError if a key or a value cannot be converted, or numbers of a private attribute have no VR.
 */
export function fromDcmjs(dataSet: NaturalizedDataSet, options: FromDcmjsOptions = {}): DataSet {
  checkOptions(FROM_OPTIONS, options);
  const meta = isRecord(dataSet._meta) ? dataSet._meta.TransferSyntaxUID : undefined;
  return natural(dataSet, { transferSyntax: meta === undefined ? undefined : String(meta), ...options }, 0);
}

/**
 * Converts a denaturalized data set of dcmjs, such as `dict` of a `DicomDict`. Numbers whose text dcmjs has kept do not
 * lose digits. Bytes are not copied.
 * @throws DataSetError if a key is not a tag or a value does not fit its value representation.
 */
export function fromDenaturalized(elements: DenaturalizedDataSet, options: FromDcmjsOptions = {}): DataSet {
  return denaturalized(elements, checkOptions(FROM_OPTIONS, options), 0);
}

type Options = { readonly [Name in keyof FromDcmjsOptions]: FromDcmjsOptions[Name] | undefined };

function denaturalized(elements: DenaturalizedDataSet, options: Options, depth: number): DataSet {
  const dataSet: Record<string, unknown> = {};
  const frames = numberOfFrames(elements['00280008']?.Value);
  for (const [key, element] of Object.entries(elements)) {
    const tag = tagOfKey(key);
    if (tag === undefined) throw new DataSetError(`'${key.slice(0, 64)}' is not a tag`);
    if (!isRecord(element)) throw new DataSetError('is not an element of dcmjs', { tag });
    // Group lengths are ignored, because they are wrong after a change (PS3.5 §7.2).
    if ((tag & 0xffff) === 0) continue;
    const isStored = 'InlineBinary' in element || 'BulkDataURI' in element;
    const value = element.Value ?? (isStored ? element : null);
    const vr = settledVr(knownVr(tag, element.vr), value, false);
    const place = { tag, depth, frames, transferSyntax: options.transferSyntax };
    const itemOf = (item: DenaturalizedDataSet) => nested(depth, tag, () => denaturalized(item, options, depth + 1));
    const found = valueFrom(value, valueRepresentation(vr), place, itemOf, element._rawValue);
    putElement(dataSet, tag, found.vr, found.value);
  }
  return dataSet;
}

function natural(given: NaturalizedDataSet, options: Options, depth: number): DataSet {
  const dataSet: Record<string, unknown> = {};
  const vrs = isRecord(given._vrMap) ? given._vrMap : {};
  const frames = numberOfFrames(given.NumberOfFrames);
  for (const [key, value] of Object.entries(given)) {
    if (key === '_vrMap' || key === '_meta' || value === undefined) continue;
    const tag = DCMJS_KEYWORDS.get(key) ?? attributeByKeyword(key.replace(/^RETIRED_/, ''))?.tag ?? tagOfKey(key);
    if (tag === undefined)
      throw new DataSetError(`'${key.slice(0, 64)}' is neither a keyword of the standard nor a tag`);
    if ((tag & 0xffff) === 0) continue;
    const written = typeof vrs[key] === 'string' ? vrs[key] : (impliedVr(tag) ?? supposedVr(tag, value));
    const vr = settledVr(knownVr(tag, written), value, false);
    const place = { tag, depth, frames, transferSyntax: options.transferSyntax };
    const itemOf = (item: NaturalizedDataSet) => nested(depth, tag, () => natural(item, options, depth + 1));
    const found = valueFrom(value, valueRepresentation(vr), place, itemOf);
    putElement(dataSet, tag, found.vr, found.value);
  }
  return dataSet;
}

/** Attributes that have another keyword in the dictionary of dcmjs, besides the prefix `RETIRED_`. */
const DCMJS_KEYWORDS: ReadonlyMap<string, number> = new Map([
  ['NumberofBscansPerFrame', 0x00221642],
  ['SummarizedFilterLookupTable', 0x003a0320],
  ['AnalogFilterType', 0x003a0325],
  ['NumbeOfTableColumns', 0x0040a803],
  ['ViewOrientationModifier', 0x006862f0],
  ['ObliqueCroppingPlane', 0x00701305],
  ['ObliqueCroppingPlaneNormal', 0x00701306],
  ['AverageBeamDosePointSourceToExternalContourSurfaceDistance', 0x300a0131],
  ['RETIRED_undefined', 0x300a0782],
  ['ThreatDetectionAlgorithmandVersion', 0x40101029],
]);

/** The VR of an attribute that is neither in the dictionary nor in `_vrMap`. */
function supposedVr(tag: number, value: unknown): string {
  const values = Array.isArray(value) ? value : [value];
  const all = (test: (one: unknown) => boolean) => values.every((one) => one === null || test(one));
  if (all((one) => one instanceof ArrayBuffer || ArrayBuffer.isView(one))) return 'UN';
  if (all((one) => typeof one === 'string' || one instanceof String))
    return all((one) => String(one).length <= LONGEST_LO) ? 'LO' : 'UC';
  if (all((one) => isRecord(one) && !('InlineBinary' in one) && !('BulkDataURI' in one))) return 'SQ';
  if (all((one) => isRecord(one))) return 'UN';
  throw new DataSetError('needs a value representation in _vrMap', { tag });
}

/** The VR, or the one of the dictionary if dcmjs has written one that the standard does not have. */
function knownVr(tag: number, vr: unknown): string {
  if (typeof vr === 'string' && (isValueRepresentation(vr) || vr.includes(' or '))) return vr;
  return attributeByTag(tag)?.vr || 'UN';
}

function tagOfKey(key: string): number | undefined {
  return /^[0-9A-Fa-f]{8}$/.test(key) ? Number.parseInt(key, 16) : undefined;
}

function numberOfFrames(value: unknown): number {
  return Math.max(1, Number(Array.isArray(value) ? value[0] : value) || 1);
}

function nested(depth: number, tag: number, convert: () => DataSet): DataSet {
  if (depth === MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
  return convert();
}

const LONGEST_LO = 64;

const FROM_OPTIONS: OptionTable<FromDcmjsOptions> = {
  of: 'fromDcmjs',
  rules: { transferSyntax: aValueOf('string') },
};
