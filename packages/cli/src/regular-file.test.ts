import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRegularFile, readRegularFileSync } from './regular-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'regular-'));
const socket = createServer();
beforeAll(async () => {
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  await new Promise<void>((resolve) => socket.listen(join(folder, 'socket'), resolve));
  symlinkSync('/dev/zero', join(folder, 'endless'));
  symlinkSync(join(folder, 'pipe'), join(folder, 'link to pipe'));
  writeFileSync(join(folder, 'text'), 'twelve bytes');
  symlinkSync('text', join(folder, 'link'));
});
afterAll(() => {
  socket.close();
  rmSync(folder, { recursive: true });
});

describe.each([
  ['readRegularFile', readRegularFile],
  ['readRegularFileSync', async (path: string, length: number) => readRegularFileSync(path, length)],
])('%s', (_, read) => {
  test.each(['text', 'link'])('reads a file of the greatest length: %s', async (name) => {
    expect(String(await read(join(folder, name), 12))).toBe('twelve bytes');
    await expect(read(join(folder, name), 11)).rejects.toThrow('it has 12 bytes, more than 11');
  });

  test.each(['pipe', 'link to pipe', 'endless', '/dev/null'])('refuses %s without waiting', async (name) => {
    await expect(read(name.startsWith('/') ? name : join(folder, name), 100)).rejects.toThrow(
      'it is not a regular file',
    );
  });

  test('refuses a folder, a socket and a missing file', async () => {
    await expect(read(folder, 100)).rejects.toThrow('it is a folder');
    await expect(read(join(folder, 'socket'), 100)).rejects.toThrow('ENXIO');
    await expect(read(join(folder, 'missing'), 100)).rejects.toThrow('ENOENT');
  });
});
