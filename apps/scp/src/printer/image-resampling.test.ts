import { describe, expect, test } from 'vitest';
import { type MagnificationType, resample, VALUES_AT_ONCE } from './image-resampling.ts';

describe('magnification', () => {
  /** Along a row of four pixels made 32: black, black, white, white. */
  const along = async (type: MagnificationType) => {
    const plane = { rows: 1, columns: 4, values: Float32Array.from([0, 0, 1, 1]) };
    return [...(await resample(plane, { left: 0, top: 0, width: 4, height: 1 }, 32, 1, type))];
  };

  test('repeats pixels, or interpolates linearly or cubically', async () => {
    expect(new Set(await along('REPLICATE'))).toEqual(new Set([0, 1]));
    const line = await along('BILINEAR');
    const steps = line.slice(12, 20).map((value, index) => value - (line[11 + index] ?? 0));
    expect(new Set(steps.map((step) => step.toFixed(4)))).toEqual(new Set(['0.1250', '0.0625']));
    // Curves go beyond both, which makes edges sharp.
    const curve = await along('CUBIC');
    expect([Math.min(...curve) < 0, Math.max(...curve) > 1]).toEqual([true, true]);
  });

  test('averages pixels when it reduces, unless it repeats them', async () => {
    const values = Float32Array.from({ length: 64 }, (_, index) => index % 2);
    const source = { left: 0, top: 0, width: 64, height: 1 };
    const smaller = async (type: MagnificationType) => [
      ...(await resample({ rows: 1, columns: 64, values }, source, 8, 1, type)),
    ];
    for (const value of [...(await smaller('BILINEAR')), ...(await smaller('CUBIC'))])
      expect(value).toBeCloseTo(0.5, 1);
    expect(new Set(await smaller('REPLICATE')).size).toBe(1);
  });

  test('leaves turns to other work while it reads a large image', async () => {
    const side = 4096;
    const plane = { rows: side, columns: side, values: new Float32Array(side * side) };
    let turns = 0;
    let isRunning = true;
    const turn = () => {
      turns++;
      if (isRunning) setImmediate(turn);
    };
    setImmediate(turn);
    await resample(plane, { left: 0, top: 0, width: side, height: side }, 64, 64, 'BILINEAR');
    isRunning = false;
    expect(turns).toBeGreaterThanOrEqual((side * side) / VALUES_AT_ONCE);
  });
});
