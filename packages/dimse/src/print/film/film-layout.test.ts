import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageBoxPlaces } from './film-layout.ts';

describe('image display formats', () => {
  test.each([
    [
      'STANDARD\\2,1',
      [
        [0, 0, 0.5, 1],
        [0.5, 0, 0.5, 1],
      ],
    ],
    [
      'STANDARD\\1,2',
      [
        [0, 0, 1, 0.5],
        [0, 0.5, 1, 0.5],
      ],
    ],
    [
      'ROW\\1,2',
      [
        [0, 0, 1, 0.5],
        [0, 0.5, 0.5, 0.5],
        [0.5, 0.5, 0.5, 0.5],
      ],
    ],
    [
      'COL\\1,2',
      [
        [0, 0, 0.5, 1],
        [0.5, 0, 0.5, 0.5],
        [0.5, 0.5, 0.5, 0.5],
      ],
    ],
  ])('%s', (format, places) => {
    expect(imageBoxPlaces(format)?.map(({ x, y, width, height }) => [x, y, width, height])).toEqual(places);
  });

  test.each([
    '',
    'STANDARD',
    'STANDARD\\2',
    'STANDARD\\1,2,3',
    'STANDARD\\0,1',
    'STANDARD\\99,99',
    'SLIDE',
    'CUSTOM\\1',
    'ROW\\',
  ])('%j is not supported', (format) => expect(imageBoxPlaces(format)).toBeUndefined());

  test('boxes cover the film without overlapping', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom('ROW', 'COL'),
        counts,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (kind, list, x, y) => {
          const places = imageBoxPlaces(`${kind}\\${list.join(',')}`) ?? [];
          expect(places).toHaveLength(list.reduce((sum, count) => sum + count, 0));
          const area = places.reduce((sum, { width, height }) => sum + width * height, 0);
          expect(area).toBeCloseTo(1);
          const at = places.filter(
            (place) => x >= place.x && x < place.x + place.width && y >= place.y && y < place.y + place.height,
          );
          // A point on a border may count for both boxes, because of rounding.
          expect(at.length).toBeGreaterThan(0);
          expect(at.length).toBeLessThan(3);
        },
      ),
    );
  });
});
