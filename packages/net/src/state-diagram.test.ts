import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PAGE, redraw } from '../scripts/draw-state-machine.ts';

test('the diagram in the guide is that of the tables', () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toContain('Sta5 --> Sta6: A-ASSOCIATE-AC / AE-3');
  expect(redraw(page)).toBe(page);
});
