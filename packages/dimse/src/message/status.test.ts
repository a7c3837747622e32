import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { category, describeStatus, Status } from './status.ts';

test('gives every status a category', () => {
  const counts = new Map<string, number>();
  for (let status = 0; status <= 0xffff; status++)
    counts.set(category(status), (counts.get(category(status)) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    success: 1,
    pending: 2,
    cancel: 1,
    warning: 0x1000 + 3,
    failure: 0x10000 - 1 - 2 - 1 - 0x1003,
  });
});

test('counts 0001H, 0107H, 0116H and BxxxH as warnings, and FF01H as pending', () => {
  expect([0x0001, 0x0107, 0x0116, 0xb000, 0xbfff].map(category)).toEqual(Array(5).fill('warning'));
  expect(category(0xff01)).toBe('pending');
});

test('describes statuses in words and code; the words of a service class take precedence', () => {
  expect(describeStatus(Status.UnrecognizedOperation)).toBe('unrecognized operation (0211H)');
  expect(describeStatus(0xa702)).toBe('out of resources (A702H)');
  expect(describeStatus(0x1234)).toBe('failure (1234H)');
  expect(describeStatus(0xb000, { 0xb000: ['warning', 'coercion'] })).toBe('coercion (B000H)');
});

const reference = '../shared/reference/status-codes.json';
test.runIf(existsSync(reference))('gives the general statuses the categories of the standard', () => {
  const { GENERAL_STATUS } = JSON.parse(readFileSync(reference, 'utf8')) as {
    GENERAL_STATUS: { code: string; category: string }[];
  };
  for (const { code, category: expected } of GENERAL_STATUS) {
    const status = Number.parseInt(code, 16);
    expect([code, category(status)]).toEqual([code, expected.toLowerCase()]);
    expect(describeStatus(status)).not.toMatch(/^(?:failure|warning) \(/);
  }
});
