import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { README, redraw } from '../scripts/draw-state-machine.ts';

test('the diagram in the README is that of the tables', () => {
  const readme = readFileSync(README, 'utf8');
  expect(readme).toContain('Sta5 --> Sta6: A-ASSOCIATE-AC / AE-3');
  expect(redraw(readme)).toBe(readme);
});
