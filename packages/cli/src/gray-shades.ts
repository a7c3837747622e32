// How grey images are shown: from stored values to shades, by the window of the image (PS3.3 §C.11.2).

import type { DataSet } from '@x/dimse';

/**
 * The shade of a pixel, from 0 to 255, before a MONOCHROME1 is inverted: by the first window there is, else by what values
 * the first `count` pixels have.
 */
export function grayShades(dataSet: DataSet, pixels: Uint8Array, count: number): (at: number) => number {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const isSigned = numberOf(dataSet.PixelRepresentation) === 1;
  const stored = (at: number) => {
    if (numberOf(dataSet.BitsAllocated) === 8) return isSigned ? view.getInt8(at) : view.getUint8(at);
    return isSigned ? view.getInt16(at * 2, true) : view.getUint16(at * 2, true);
  };
  const [slope, intercept] = [numberOf(dataSet.RescaleSlope) ?? 1, numberOf(dataSet.RescaleIntercept) ?? 0];
  const value = (at: number) => stored(at) * slope + intercept;
  const [center, width] = [numberOf(dataSet.WindowCenter), numberOf(dataSet.WindowWidth)];
  let [from, across] = [(center ?? 0) - (width ?? 0) / 2, width ?? 0];
  if (center === undefined || !width) {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = 0; at < count; at++) {
      const one = value(at);
      least = Math.min(least, one);
      most = Math.max(most, one);
    }
    [from, across] = [least, Math.max(most - least, 1)];
  }
  return (at) => Math.max(0, Math.min(255, Math.round(((value(at) - from) / across) * 255)));
}

/** The first value of an attribute as a number, if it is one. */
export function numberOf(value: unknown): number | undefined {
  const [first] = Array.isArray(value) ? value : [value];
  const result = typeof first === 'string' ? Number.parseFloat(first) : first;
  return typeof result === 'number' && Number.isFinite(result) ? result : undefined;
}
