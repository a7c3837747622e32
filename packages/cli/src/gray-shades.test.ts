import { expect, test } from 'vitest';
import { grayShades } from './gray-shades.ts';

const words = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
const shades = (dataSet: object, pixels: Uint8Array, count: number) => {
  const shade = grayShades({ BitsAllocated: 16, ...dataSet }, pixels, count);
  return Array.from({ length: count }, (_, at) => shade(at));
};

test('maps the window of an image to the range from black to white', () => {
  const window = { WindowCenter: [50, 7], WindowWidth: 100 };
  expect(shades(window, words(0, 50, 99, 500), 4)).toEqual([0, 129, 255, 255]);
  expect(shades({ ...window, RescaleSlope: 2, RescaleIntercept: -50 }, words(25, 50), 2)).toEqual([0, 129]);
  expect(shades({ ...window, VOILUTFunction: 'LINEAR_EXACT' }, words(0, 50, 100), 3)).toEqual([0, 128, 255]);
  expect(shades({ ...window, VOILUTFunction: 'SIGMOID' }, words(0, 50, 100), 3)).toEqual([30, 128, 225]);
  expect(shades({ WindowCenter: 10, WindowWidth: 1 }, words(9, 10), 2)).toEqual([0, 255]);
});

test('maps the range of the pixels to black and white if there is no window', () => {
  expect(shades({}, words(100, 200, 300), 3)).toEqual([0, 128, 255]);
  expect(shades({ BitsAllocated: 8 }, new Uint8Array([7, 7]), 2)).toEqual([0, 0]);
});

test('takes the sign from the stored bits, and ignores the other bits', () => {
  const twelve = { BitsStored: 12, WindowCenter: 0, WindowWidth: 4, VOILUTFunction: 'LINEAR_EXACT' };
  expect(shades({ ...twelve, PixelRepresentation: 1 }, words(0x0fff, 0xf001), 2)).toEqual([64, 191]);
  expect(shades({ ...twelve, PixelRepresentation: 0 }, words(0xf000, 0xf001), 2)).toEqual([128, 191]);
});
