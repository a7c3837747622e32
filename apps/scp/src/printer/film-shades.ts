// From the pixels of an image to shades of a film: Polarity, Presentation LUT and densities (PS3.3 §C.11.4, §C.13.3, §C.13.5).

import type { DataSet } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import { type PrintImage, presentationLutOf } from '@x/dimse/print';
import { type Plane, VALUES_AT_ONCE } from './image-resampling.ts';

/**
 * The planes of an image, one or three, from 0 for the smallest value that its bits can say to 1 for the largest. Each plane
 * is made in steps, with a turn of the event loop between them, when it is asked for.
 */
export async function* planesOf(image: PrintImage): AsyncGenerator<Plane> {
  const { rows, columns, isColor, bitsAllocated, bitsStored, highBit, isByPlane, pixels } = image;
  const count = rows * columns;
  const most = 2 ** bitsStored - 1;
  const [shift, mask] = [highBit + 1 - bitsStored, most];
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  // Bits above the stored ones may have any value: overlays used to be kept there.
  const value = (at: number) =>
    (((bitsAllocated === 8 ? (pixels[at] as number) : view.getUint16(at * 2, true)) >> shift) & mask) / most;
  for (const channel of isColor ? [0, 1, 2] : [0]) {
    const [first, step] = !isColor || isByPlane ? [channel * count, 1] : [channel, 3];
    const values = new Float32Array(count);
    for (let start = 0; start < count; start += VALUES_AT_ONCE) {
      await nextTurn();
      const end = Math.min(count, start + VALUES_AT_ONCE);
      for (let at = start; at < end; at++) values[at] = value(first + at * step);
    }
    yield { rows, columns, values };
  }
}

/** Shades from 0 to 255, for values of planes scaled to the entries of the table. */
export function shadesOf(image: PrintImage, imageBox: DataSet, filmBox: DataSet): Uint8Array {
  const isReversed = (imageBox.Polarity === 'REVERSE') !== image.isInverted;
  const lut = image.isColor ? undefined : presentationLutOf(imageBox, filmBox);
  const [least, most] = [imageBox.MinDensity ?? filmBox.MinDensity, imageBox.MaxDensity ?? filmBox.MaxDensity];
  const [black, white] = [shadeOf(most ?? 'BLACK'), shadeOf(least ?? 'WHITE')];
  return Uint8Array.from({ length: SHADES }, (_, index) => {
    // Polarity comes before the Presentation LUT (PS3.4 §H.2.1.2).
    const polar = isReversed ? 1 - index / (SHADES - 1) : index / (SHADES - 1);
    const { table } = lut ?? {};
    const value = table ? (table[Math.round(polar * (table.length - 1))] ?? 0) : polar;
    // Only gray films have densities (Table H.4-11).
    if (image.isColor) return Math.round(value * 255);
    if (lut?.output !== 'optical density') return Math.round(black + value * (white - black));
    // Black stays black: a Presentation LUT does not invert an image (PS3.4 §H.4.9.1).
    const [thin, dense] = [Number(least ?? OWN_DENSITIES.least), Number(most ?? OWN_DENSITIES.most)];
    return shadeOf(dense - value * (dense - thin));
  });
}

/** Entries of the table: as many as 12 bits have values, or more than a picture has shades. */
export const SHADES = 4096;

/** The shade of BLACK, WHITE, or of hundredths of optical density as a screen shows them: the more, the darker. */
export function shadeOf(density: unknown): number {
  if (density === 'WHITE') return 255;
  const hundredths = Number(density);
  if (density === undefined || density === '' || Number.isNaN(hundredths)) return 0;
  const transmitted = 10 ** (-Math.max(0, hundredths) / 100);
  return Math.round(255 * transmitted ** (1 / SCREEN_GAMMA));
}

/** Hundredths of optical density if the film does not give a value. */
const OWN_DENSITIES = { least: 0, most: 300 };
const SCREEN_GAMMA = 2.2;
