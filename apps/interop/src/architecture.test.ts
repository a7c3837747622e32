import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawnPage } from '../../docs/draw-architecture.mjs';

test('the architecture page shows the imports as they are (else: node apps/docs/draw-architecture.mjs)', () => {
  const written = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  expect(drawnPage(written)).toBe(written);
});
