import { describe, expect, test } from 'vitest';
import { type MagnificationType, resample } from './image-resampling.ts';

describe('magnification', () => {
  /** Along a row of four pixels made 32: black, black, white, white. */
  const along = (type: MagnificationType) => {
    const plane = { rows: 1, columns: 4, values: Float32Array.from([0, 0, 1, 1]) };
    return [...resample(plane, { left: 0, top: 0, width: 4, height: 1 }, 32, 1, type)];
  };

  test('repeats pixels, or interpolates linearly or cubically', async () => {
    expect(new Set(along('REPLICATE'))).toEqual(new Set([0, 1]));
    const line = along('BILINEAR');
    const steps = line.slice(12, 20).map((value, index) => value - (line[11 + index] ?? 0));
    expect(new Set(steps.map((step) => step.toFixed(4)))).toEqual(new Set(['0.1250', '0.0625']));
    // Curves go beyond both, which makes edges sharp.
    expect([Math.min(...along('CUBIC')) < 0, Math.max(...along('CUBIC')) > 1]).toEqual([true, true]);
  });

  test('averages pixels when it reduces, unless it repeats them', () => {
    const values = Float32Array.from({ length: 64 }, (_, index) => index % 2);
    const source = { left: 0, top: 0, width: 64, height: 1 };
    const smaller = (type: MagnificationType) => [...resample({ rows: 1, columns: 64, values }, source, 8, 1, type)];
    for (const value of [...smaller('BILINEAR'), ...smaller('CUBIC')]) expect(value).toBeCloseTo(0.5, 1);
    expect(new Set(smaller('REPLICATE')).size).toBe(1);
  });
});
