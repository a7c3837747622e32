import type { Logger } from '@x/cli/logger';
import { expect, test } from 'vitest';
import { QuotaRefusals } from './quota-refusals.ts';

test('tells refusals of an association once a minute and at its end, with their number', async () => {
  const lines: string[] = [];
  const logger = { warn: (_: object, message: string) => lines.push(message) } as unknown as Logger;
  let now = 0;
  const refusals = new QuotaRefusals(logger, () => now);
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const [one, other] = [
    { id: 'a', closed },
    { id: 'b', closed: new Promise<void>(() => {}) },
  ];
  for (let count = 0; count < 1000; count++) refusals.add(one, '1.2', 'the quota is full');
  refusals.add(other, '1.3', 'the quota is full');
  expect(lines).toEqual([
    'instance "1.2": the quota is full; others are counted',
    'instance "1.3": the quota is full; others are counted',
  ]);
  now = 60_000;
  for (let count = 0; count < 3; count++) refusals.add(one, '1.2', 'the quota is full');
  expect(lines.slice(2)).toEqual(['1000 more instances were refused: the quota is full']);
  close();
  await closed;
  expect(lines.slice(3)).toEqual(['2 more instances were refused: the quota is full']);
});
