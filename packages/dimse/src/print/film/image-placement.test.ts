import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filmSize, filmSizeOf } from './film-size.ts';
import { type Area, filmAreas, placeImage } from './image-placement.ts';

describe('film sizes', () => {
  test.each([
    ['8INX10IN', 203.2, 254],
    ['8_5INX11IN', 215.9, 279.4],
    ['10INX14IN', 254, 355.6],
    ['14INX17IN', 355.6, 431.8],
    ['24CMX24CM', 240, 240],
    ['24CMX30CM', 240, 300],
    ['A4', 210, 297],
    ['A3', 297, 420],
  ])('%s has %d by %d mm', (term, width, height) => {
    const size = filmSizeOf(term);
    expect([size?.width, size?.height].map((side) => side?.toFixed(1))).toEqual([width.toFixed(1), height.toFixed(1)]);
    const turned = filmSize({ FilmSizeID: term, FilmOrientation: 'LANDSCAPE' });
    expect([turned.width.toFixed(1), turned.height.toFixed(1)]).toEqual([height.toFixed(1), width.toFixed(1)]);
  });

  test.each(['', 'A5', '0INX10IN', '8X10', '900CMX900CM', '8INX10IN '])('%j is unknown', (term) =>
    expect(filmSizeOf(term)).toBeUndefined(),
  );
});

/** A box of 100 by 50 millimetres, of 200 by 100 pixels. */
const BOX: Area = { left: 10, top: 20, width: 200, height: 100 };
const GEOMETRY = { pixelsPerMillimetre: 2, gap: 0, annotationHeight: 0 };
const image = (columns: number, rows: number, pixelWidth = 1) => ({ rows, columns, pixelWidth });
const placed = (of: ReturnType<typeof image>, imageBox = {}, filmBox = {}) => {
  const { area, source, status } = placeImage(of, imageBox, filmBox, BOX, GEOMETRY);
  const sides = ({ left, top, width, height }: Area) => [left, top, width, height];
  return { area: sides(area), source: sides(source), status };
};

describe('an image in its box', () => {
  test('fills the box in the middle', () => {
    expect(placed(image(50, 50))).toEqual({ area: [60, 20, 100, 100], source: [0, 0, 50, 50], status: 0 });
    expect(placed(image(100, 10)).area).toEqual([10, 60, 200, 20]);
  });

  test('has pixels of the given aspect ratio', () => {
    expect(placed(image(50, 50, 2)).area).toEqual([10, 20, 200, 100]);
    expect(placed(image(50, 50, 0.5)).area).toEqual([85, 20, 50, 100]);
  });

  test('is printed pixel by pixel without magnification, for which the image box takes precedence over the film box', () => {
    expect(placed(image(50, 50), {}, { MagnificationType: 'NONE' }).area).toEqual([85, 45, 50, 50]);
    expect(placed(image(50, 50), { MagnificationType: 'CUBIC' }, { MagnificationType: 'NONE' }).area).toEqual([
      60, 20, 100, 100,
    ]);
  });

  test('has the requested width in millimetres', () => {
    expect(placed(image(50, 50), { RequestedImageSize: 20 })).toMatchObject({ area: [90, 50, 40, 40], status: 0 });
    expect(placed(image(500, 500), { RequestedImageSize: 20 })).toMatchObject({ area: [90, 50, 40, 40], status: 0 });
  });

  test.each([
    ['made smaller by default', {}, 0xb604, [60, 20, 100, 100], [0, 0, 400, 400]],
    ['decimated', { RequestedDecimateCropBehavior: 'DECIMATE' }, 0xb60a, [60, 20, 100, 100], [0, 0, 400, 400]],
    ['cropped', { RequestedDecimateCropBehavior: 'CROP' }, 0xb609, [10, 20, 200, 100], [100, 150, 200, 100]],
    ['rejected', { RequestedDecimateCropBehavior: 'FAIL' }, 0xc603, [60, 20, 100, 100], [0, 0, 400, 400]],
  ])('with more pixels than the box is %s', (_, imageBox, status, area, source) => {
    expect(placed(image(400, 400), imageBox)).toEqual({ area, source, status });
  });

  test('with a requested width greater than the box is cropped at that size', () => {
    const imageBox = { RequestedImageSize: 200, RequestedDecimateCropBehavior: 'CROP' };
    expect(placed(image(40, 40), imageBox)).toEqual({
      area: [10, 20, 200, 100],
      source: [10, 15, 20, 10],
      status: 0xb609,
    });
    expect(placed(image(40, 40), { RequestedImageSize: 200 })).toMatchObject({
      area: [60, 20, 100, 100],
      status: 0xb604,
    });
  });

  test('never exceeds the box, and its printed part never exceeds the image', () => {
    const side = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.constantFrom(undefined, 1, 30, 100, 1000),
        fc.constantFrom(undefined, 'CROP', 'DECIMATE'),
        fc.constantFrom(undefined, 'NONE'),
        (rows, columns, pixelWidth, RequestedImageSize, RequestedDecimateCropBehavior, MagnificationType) => {
          const imageBox = { RequestedImageSize, RequestedDecimateCropBehavior, MagnificationType };
          const { area, source } = placeImage({ rows, columns, pixelWidth }, imageBox, {}, BOX, GEOMETRY);
          const isInside = (inner: Area, outer: Area) =>
            inner.width > 0 &&
            inner.height > 0 &&
            inner.left >= outer.left - 1e-6 &&
            inner.top >= outer.top - 1e-6 &&
            inner.left + inner.width <= outer.left + outer.width + 1e-6 &&
            inner.top + inner.height <= outer.top + outer.height + 1e-6;
          expect(isInside(area, BOX)).toBe(true);
          expect(isInside(source, { left: 0, top: 0, width: columns, height: rows })).toBe(true);
        },
      ),
    );
  });
});

test('image boxes leave gaps, and room for annotations if there are any', () => {
  const geometry = { pixelsPerMillimetre: 10, gap: 1, annotationHeight: 20 };
  const filmBox = { FilmSizeID: '20CMX30CM', ImageDisplayFormat: 'STANDARD\\2,1' };
  expect(filmAreas(filmBox, geometry, false)).toEqual({
    width: 2000,
    height: 3000,
    imageBoxes: [
      { left: 10, top: 10, width: 980, height: 2980 },
      { left: 1010, top: 10, width: 980, height: 2980 },
    ],
  });
  expect(filmAreas(filmBox, geometry, true).imageBoxes[0]).toEqual({ left: 10, top: 210, width: 980, height: 2580 });
});
