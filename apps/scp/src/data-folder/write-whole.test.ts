import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeWhole } from './write-whole.ts';

test('leaves nothing beside a file that it could not write', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'write-whole-'));
  try {
    mkdirSync(join(folder, 'taken/within'), { recursive: true });
    await expect(writeWhole(join(folder, 'taken'), 'content')).rejects.toThrow();
    await writeWhole(join(folder, 'free'), 'content');
    expect(readdirSync(folder)).toEqual(['free', 'taken']);
    expect(readFileSync(join(folder, 'free'), 'utf8')).toBe('content');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
