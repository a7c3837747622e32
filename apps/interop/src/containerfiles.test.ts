// The container file, checked by the validator that editors use: images cannot be built everywhere.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';

const top = fileURLToPath(new URL('../../..', import.meta.url));

test('the container file of the archive has no fault of form', () => {
  const problems = validate(readFileSync(`${top}apps/scp/Containerfile`, 'utf8'));
  expect(problems.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

test('the validator finds an unknown instruction', () => {
  expect(validate('FROM node\nRUNN x').map(({ range }) => range.start.line)).toEqual([1]);
});
