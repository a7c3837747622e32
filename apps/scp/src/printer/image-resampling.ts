// Magnifies and reduces images according to Magnification Type (PS3.3 §C.13.3).

import { nextTurn } from '@x/dimse/data-set';
import type { Area } from '@x/dimse/print';

/** (2010,0060); NONE is pixel by pixel. */
export type MagnificationType = 'NONE' | 'REPLICATE' | 'BILINEAR' | 'CUBIC';

/** One channel of an image: its values, row by row. */
export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** The values of an image that are computed between two turns of the event loop. */
export const VALUES_AT_ONCE = 2 ** 20;

/**
 * The values of `source`, which lies in the plane, at the pixels of a picture of this width and height. They are computed in
 * steps, with a turn of the event loop between them.
 */
export async function resample(
  plane: Plane,
  source: Area,
  width: number,
  height: number,
  type: MagnificationType,
): Promise<Float32Array> {
  const across = samples(source.left, source.width, width, plane.columns, type);
  const down = samples(source.top, source.height, height, plane.rows, type);
  // Horizontally first, only the rows that are needed.
  const wide = new Float32Array(plane.rows * width);
  const [first, end] = [
    Math.min(...down.map(({ from }) => from)),
    Math.max(...down.map(({ from, weights }) => from + weights.length)),
  ];
  const taps = across.reduce((sum, { weights }) => sum + weights.length, 0);
  let work = 0;
  for (let row = first; row < end; row++) {
    work = await turnAfter(work + taps);
    for (let x = 0; x < width; x++) {
      const { from, weights } = across[x] as Sample;
      const at = row * plane.columns + from;
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++)
        sum += (weights[tap] as number) * (plane.values[at + tap] as number);
      wide[row * width + x] = sum;
    }
  }
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const { from, weights } = down[y] as Sample;
    work = await turnAfter(work + weights.length * width);
    for (let tap = 0; tap < weights.length; tap++) {
      const [weight, row] = [weights[tap] as number, (from + tap) * width];
      for (let x = 0; x < width; x++)
        result[y * width + x] = (result[y * width + x] as number) + weight * (wide[row + x] as number);
    }
  }
  return result;
}

/** Takes a turn after much work. Returns the work since the last turn. */
async function turnAfter(work: number): Promise<number> {
  if (work < VALUES_AT_ONCE) return work;
  await nextTurn();
  return 0;
}

/** The source values of a pixel of the picture: those from an index on, with their weights, which sum to 1. */
interface Sample {
  readonly from: number;
  readonly weights: readonly number[];
}

function samples(start: number, length: number, count: number, available: number, type: MagnificationType): Sample[] {
  const step = length / count;
  const last = available - 1;
  const kernel = KERNELS[type];
  // A reduced picture averages all source pixels in a pixel.
  const stretch = Math.max(1, step);
  return Array.from({ length: count }, (_, index) => {
    const centre = start + (index + 0.5) * step - 0.5;
    if (!kernel) return { from: Math.max(0, Math.min(last, Math.floor(centre + 0.5))), weights: [1] };
    const reach = kernel.radius * stretch;
    const from = Math.max(0, Math.ceil(centre - reach));
    const to = Math.min(last, Math.floor(centre + reach));
    if (to < from) return { from: Math.max(0, Math.min(last, Math.round(centre))), weights: [1] };
    const weights = Array.from({ length: to - from + 1 }, (_, tap) =>
      kernel.weight(Math.abs(from + tap - centre) / stretch),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}

interface Kernel {
  readonly radius: number;
  weight(distance: number): number;
}

const KERNELS: Readonly<Record<MagnificationType, Kernel | undefined>> = {
  NONE: undefined,
  REPLICATE: undefined,
  BILINEAR: { radius: 1, weight: (distance) => Math.max(0, 1 - distance) },
  // Keys' cubic convolution, with -0.5.
  CUBIC: {
    radius: 2,
    weight: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0),
  },
};
