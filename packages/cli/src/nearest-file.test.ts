import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nearestFileHint } from './nearest-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'nearest-file-'));
mkdirSync(join(folder, 'study'));
writeFileSync(join(folder, 'study', 'image.dcm'), '');
symlinkSync('/nonexistent', join(folder, 'broken'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['study/imgae.dcm', "; did you mean '{folder}/study/image.dcm'?"],
  ['stduy/image.dcm', "; did you mean '{folder}/study'?"],
  ['study/something else', ''],
  ['broken', ''],
])('of %s suggests a name that exists', (path, hint) => {
  let error: unknown;
  try {
    readFileSync(join(folder, path));
  } catch (thrown) {
    error = thrown;
  }
  expect(nearestFileHint(error)).toBe(hint.replace('{folder}', folder));
});
