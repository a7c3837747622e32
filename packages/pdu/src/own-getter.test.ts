import { shareHiddenClass } from '@x/testing/hidden-class';
import { expect, test } from 'vitest';
import { ownGetter } from './own-getter.ts';

class Doubled {
  static readonly #DOUBLE = ownGetter<Doubled>(function () {
    return 2 * this.#value;
  });
  declare readonly double: number;
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
    Object.defineProperty(this, 'double', Doubled.#DOUBLE);
  }
}

test('an own getter is computed when it is read, and is copied with the object', () => {
  const doubled = new Doubled(4);
  expect(doubled.double).toBe(8);
  expect({ ...doubled }).toEqual({ double: 8 });
});

test('objects with the same own getter share a hidden class, and object literals with a getter do not', () => {
  expect(shareHiddenClass([new Doubled(1), new Doubled(2), new Doubled(3)])).toBe(true);
  const literal = (value: number) => ({
    get double() {
      return 2 * value;
    },
  });
  expect(shareHiddenClass([literal(1), literal(2)])).toBe(false);
});
