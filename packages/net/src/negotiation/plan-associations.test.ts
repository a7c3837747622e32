import { expect, test } from 'vitest';
import { planAssociations } from './plan-associations.ts';

const [A, B] = ['1.2.1', '1.2.2'];
const [T1, T2] = ['1.9.1', '1.9.2'];
const many = (count: number) => Array.from({ length: count }, (_, index) => `1.2.3.${index}`);

test('plans one context for each SOP class, or for each of its transfer syntaxes', () => {
  expect(planAssociations([{ sopClasses: [A, B], transferSyntaxes: [T1, T2] }])).toEqual([
    [
      { abstractSyntax: A, transferSyntaxes: [T1, T2] },
      { abstractSyntax: B, transferSyntaxes: [T1, T2] },
    ],
  ]);
  const roles = { scu: false, scp: true };
  expect(planAssociations([{ sopClasses: [A], transferSyntaxes: [T1, T2], separately: true, roles }])).toEqual([
    [
      { abstractSyntax: A, transferSyntaxes: [T1], roles },
      { abstractSyntax: A, transferSyntaxes: [T2], roles },
    ],
  ]);
});

test('proposes duplicates once', () => {
  const need = { sopClasses: [A], transferSyntaxes: [T1] };
  expect(planAssociations([need, { ...need, separately: true }, { ...need, everywhere: true }])).toEqual([
    [{ abstractSyntax: A, transferSyntaxes: [T1] }],
  ]);
});

test('distributes more than 128 contexts over several associations', () => {
  const sizes = (count: number, limit?: number) =>
    planAssociations([{ sopClasses: many(count), transferSyntaxes: [T1] }], limit).map(({ length }) => length);
  expect([sizes(128), sizes(129), sizes(5, 2), sizes(200, 500)]).toEqual([[128], [128, 1], [2, 2, 1], [128, 72]]);
  const groups = planAssociations([
    { sopClasses: [A], transferSyntaxes: [T1], everywhere: true },
    { sopClasses: many(200), transferSyntaxes: [T1] },
  ]);
  expect(groups.map(({ length }) => length)).toEqual([128, 74]);
  for (const group of groups) expect(group[0]?.abstractSyntax).toBe(A);
  expect(planAssociations([])).toEqual([]);
});

test('rejects contexts for every association that leave no room', () => {
  const everywhere = { sopClasses: many(128), transferSyntaxes: [T1], everywhere: true };
  expect(planAssociations([everywhere])).toHaveLength(1);
  expect(() => planAssociations([everywhere, { sopClasses: [A], transferSyntaxes: [T1] }])).toThrow(RangeError);
});
