// Display of gray images: from stored values to shades, through the window of the image (PS3.3 §C.11.1, §C.11.2).

import type { DataSet } from '@x/dimse';
import { number } from '@x/dimse/data-set';

/**
 * Returns a function that gives the shade of the pixel at an index, from 0 to 255; MONOCHROME1 images are not inverted yet.
 * The shades follow the first window of the image or, without a window, the range of the first `count` pixels.
 */
export function grayShades(dataSet: DataSet, pixels: Uint8Array, count: number): (at: number) => number {
  const stored = storedValues(dataSet, pixels);
  const [slope, intercept] = [number(dataSet.RescaleSlope) ?? 1, number(dataSet.RescaleIntercept) ?? 0];
  const value = (at: number) => stored(at) * slope + intercept;
  const [center, width] = [number(dataSet.WindowCenter), number(dataSet.WindowWidth)];
  let part: (value: number) => number;
  if (center !== undefined && width) part = windowOf(center, width, String(dataSet.VOILUTFunction ?? 'LINEAR'));
  else {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = 0; at < count; at++) {
      const one = value(at);
      least = Math.min(least, one);
      most = Math.max(most, one);
    }
    part = (one) => (one - least) / Math.max(most - least, 1);
  }
  return (at) => Math.max(0, Math.min(255, Math.round(part(value(at)) * 255)));
}

/** The brightness of a value, from 0 (black) to 1 (white), by the functions of §C.11.2.1.2 and §C.11.2.1.3. */
function windowOf(center: number, width: number, shape: string): (value: number) => number {
  if (shape === 'SIGMOID') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (shape === 'LINEAR_EXACT') return (value) => (value - center) / width + 0.5;
  // A width of 1 is a threshold between black and white.
  return (value) => (value - (center - 0.5)) / Math.max(width - 1, Number.EPSILON) + 0.5;
}

/** Reads values of 8 or 16 bits and ignores the bits that are not stored. */
function storedValues(dataSet: DataSet, pixels: Uint8Array): (at: number) => number {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const allocated = number(dataSet.BitsAllocated) ?? 16;
  const unused = 32 - Math.min(allocated, number(dataSet.BitsStored) ?? allocated);
  const isSigned = number(dataSet.PixelRepresentation) === 1;
  const whole = (at: number) => (allocated === 8 ? view.getUint8(at) : view.getUint16(at * 2, true));
  return (at) => (isSigned ? (whole(at) << unused) >> unused : (whole(at) << unused) >>> unused);
}
