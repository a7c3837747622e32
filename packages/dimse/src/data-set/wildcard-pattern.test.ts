import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAXIMUM_MATCHING_ALTERNATIVES, prepareMatching } from './attribute-matching.ts';
import type { UntypedDataSet } from './dataset.ts';
import { MAXIMUM_WILDCARD_PART, WildcardPattern } from './wildcard-pattern.ts';

/** The comparisons for each character of value and pattern. */
function effort(pattern: string, value: string): number {
  const prepared = new WildcardPattern(pattern);
  prepared.matches(value);
  return prepared.comparisons / (pattern.length + value.length);
}

describe('the number of comparisons is at most proportional to value and pattern', () => {
  const value = 'a'.repeat(60_000);
  test.each([
    ['one long part that differs at its end', `*${'a'.repeat(30_000)}b`, 2],
    ['one long part that differs at its beginning', `*b${'a'.repeat(30_000)}*`, 2],
    ['one long part that differs in the middle', `*${'a'.repeat(15_000)}b${'a'.repeat(15_000)}*`, 2],
    ['many parts', `${'*a'.repeat(30_000)}*b*`, 2],
    ['many asterisks', `${'*'.repeat(60_000)}b*`, 2],
    ['question marks without asterisks', `${'?'.repeat(59_999)}b`, 2],
    ['question marks at the end', `*${'?'.repeat(30_000)}b`, 2],
    ['a part with question marks', `*${'a'.repeat(15)}?${'a'.repeat(15)}b*`, 2],
    ['a long part with question marks', `*${'a?'.repeat(500)}b*`, MAXIMUM_WILDCARD_PART / 32],
  ])('%s', (_, pattern, most) => {
    expect(effort(pattern, value)).toBeLessThanOrEqual(most);
  });

  test('with names of many component groups', () => {
    const matcher = prepareMatching({ PatientName: `*${'a'.repeat(30_000)}b` });
    expect(matcher.matches({ PatientName: `${'a'.repeat(40_000)}=`.repeat(3) })).toBe(false);
    expect(matcher.comparisons).toBeLessThan(6 * 40_000);
  });

  test('with a fuzzy name of many words', () => {
    const words = (from: number) => Array.from({ length: 4000 }, (_, index) => `w${from + index}x`).join(' ');
    const matcher = prepareMatching({ PatientName: words(10_000) }, { fuzzy: true });
    expect(matcher.matches({ PatientName: words(10_000) })).toBe(true);
    // A binary search for each word.
    expect(matcher.comparisons).toBeLessThan(14 * words(10_000).length);
  });

  test('with a list of UIDs, which are looked up', () => {
    const uids = (from: number) => Array.from({ length: 10_000 }, (_, index) => `1.2.${from + index}`);
    const matcher = prepareMatching({ SOPInstanceUID: uids(0) });
    expect(matcher.matches({ SOPInstanceUID: uids(20_000) } as UntypedDataSet)).toBe(false);
    expect(matcher.matches({ SOPInstanceUID: '1.2.9999' })).toBe(true);
    expect(matcher.comparisons).toBe(10_001);
  });

  test('with a sequence of many items', () => {
    const items = (count: number): UntypedDataSet[] =>
      Array.from({ length: count }, () => ({ ScheduledProcedureStepID: 'x' }));
    const keys = Object.fromEntries(
      Array.from({ length: 4000 }, (_, index) => [`0009${4096 + index}`, { vr: 'LO', value: 'y' }]),
    );
    const matcher = prepareMatching({ RequestAttributesSequence: [{ ScheduledProcedureStepID: 'x', ...keys }] });
    expect(matcher.matches({ RequestAttributesSequence: items(5000) })).toBe(false);
    expect(matcher.comparisons).toBeLessThanOrEqual(2 * 5000);
  });
});

test('long parts agree with a regular expression', () => {
  const bit = fc.constantFrom('a', 'b');
  const part = (unit: fc.Arbitrary<string>) => fc.string({ unit, minLength: 33, maxLength: 40 });
  // Repetitions make searches begin in the middle of an earlier attempt.
  const value = fc.array(fc.oneof(part(bit), fc.string({ unit: bit, maxLength: 40 })), { maxLength: 6 });
  fc.assert(
    fc.property(value, fc.nat(), fc.nat(80), fc.array(fc.nat(), { maxLength: 4 }), (texts, from, length, marks) => {
      const text = [...texts, ...texts].join('');
      const start = from % (text.length + 1);
      const piece = [...text.slice(start, start + length)];
      for (const mark of marks) if (piece.length > 0) piece[mark % piece.length] = '?';
      for (const pattern of [`*${piece.join('')}*`, `*${piece.join('')}a*b`, `*${piece.join('')}b${piece.join('')}*`]) {
        const expected = new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`).test(text);
        expect(new WildcardPattern(pattern).matches(text)).toBe(expected);
      }
    }),
    { numRuns: 300 },
  );
});

describe('rejects keys that cannot be matched in linear time', () => {
  test('a long part with a question mark', () => {
    const key = (length: number) => `*${'a'.repeat(length)}?*`;
    expect(new WildcardPattern(key(MAXIMUM_WILDCARD_PART - 1)).matches('b')).toBe(false);
    expect(() => new WildcardPattern(key(MAXIMUM_WILDCARD_PART))).toThrow(
      expect.objectContaining({ code: 'DATA_SET_LIMIT', limit: 'maximumWildcardPart' }),
    );
  });

  test('a list of many patterns', () => {
    const keys = (count: number) => Array.from({ length: count }, (_, index) => `*${index}`);
    const matcher = prepareMatching({ PatientID: [...keys(MAXIMUM_MATCHING_ALTERNATIVES), ...Array(1000).fill('x')] });
    expect(matcher.matches({ PatientID: 'y63' })).toBe(true);
    for (const keyword of ['PatientID', 'PatientName', 'StudyDate', '00091001'])
      expect(() =>
        prepareMatching({ [keyword]: { vr: 'PN', value: keys(MAXIMUM_MATCHING_ALTERNATIVES + 1) } }),
      ).toThrow(expect.objectContaining({ code: 'DATA_SET_LIMIT', limit: 'maximumMatchingAlternatives' }));
  });
});
