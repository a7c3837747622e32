import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { computedTomographySeries } from './computed-tomography-phantom.ts';

const hasVerifier = spawnSync('dciodvfy', ['-version']).error === undefined;
if (!hasVerifier) process.stderr.write('dciodvfy is not installed: the phantom is not verified\n');

test('makes the same bytes for the same seed, and another series for another seed', () => {
  const [one, again, other] = [{ seed: 1 }, { seed: 1 }, { seed: 2 }].map((options) => [
    ...computedTomographySeries({ slices: 2, size: 16, ...options }),
  ]);
  expect(one).toEqual(again);
  expect(one?.[0]?.sopInstanceUid).not.toBe(other?.[0]?.sopInstanceUid);
  expect(new Set(one?.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(2);
});

test.runIf(hasVerifier || process.env.CI)('makes valid CT images', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phantom-'));
  try {
    for (const { bytes } of computedTomographySeries({ slices: 3 })) {
      const path = join(folder, 'slice.dcm');
      writeFileSync(path, bytes);
      const { stderr } = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
      expect(stderr).toContain('CTImage');
      expect(stderr.split('\n').filter((line) => /^(?:Error|Warning)/.test(line))).toEqual([]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
