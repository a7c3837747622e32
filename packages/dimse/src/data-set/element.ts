// Elements: values with their VR, and references to values that are stored elsewhere.

import type { Element } from './typed-data-set.ts';

/** A reference to values that are stored elsewhere; in the DICOM JSON model only (PS3.18 §F.2.2). */
export interface BulkData {
  /** The address of the bytes. */
  readonly BulkDataURI: string;
}

/** Whether a value is an `Element`: an object with `vr` and `value`. */
export function isElement(value: unknown): value is Element {
  return isRecord(value) && typeof value.vr === 'string' && Object.hasOwn(value, 'vr') && 'value' in value;
}

export function isBulkData(value: unknown): value is BulkData {
  return isRecord(value) && typeof value.BulkDataURI === 'string';
}

/** Whether the value is an object that may be a data set: not bytes and not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer);
}
