import { expect, test } from 'vitest';
import { messageIdAfter } from './message-ids.ts';

test('gives IDs that are unique among the outstanding requests past 65,535', () => {
  const outstanding = new Set([1, 2, 3]);
  const given: number[] = [];
  for (let sent = 3, last = 3; sent < 65_535 + 500; sent++) {
    last = messageIdAfter(last, (id) => outstanding.has(id));
    given.push(last);
  }
  expect(given.filter((id) => outstanding.has(id) || id < 1 || id > 65_535)).toEqual([]);
  expect(given.slice(0, 65_532)).toEqual(Array.from({ length: 65_532 }, (_, index) => index + 4));
  // The IDs 1 to 3 are still in use.
  expect(given.slice(65_532, 65_535)).toEqual([4, 5, 6]);
});
