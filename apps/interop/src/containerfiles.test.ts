// The container files, checked by the validator that editors use: images cannot be built everywhere.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';

const top = fileURLToPath(new URL('../../..', import.meta.url));

test.each(['apps/scp/Containerfile', 'apps/docs/public/Containerfile'])('%s has no fault of form', (path) => {
  const problems = validate(readFileSync(`${top}${path}`, 'utf8'));
  expect(problems.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

test('the validator finds an unknown instruction', () => {
  expect(validate('FROM node\nRUNN x').map(({ range }) => range.start.line)).toEqual([1]);
});
