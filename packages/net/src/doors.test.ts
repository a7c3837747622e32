import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { printDoors } from '@x/testing/print-doors';
import { expect, test } from 'vitest';

const folder = new URL('..', import.meta.url);

test('exports the names in doors.txt', async () => {
  await expect(printDoors(folder)).toMatchFileSnapshot('../doors.txt');
});

// Each door is an entry of the build; without shared chunks, each would have its own copy of a class.
test.each([
  ['ECMAScript modules', 'module', (door: string) => `await import('${door}')`],
  ['CommonJS', 'commonjs', (door: string) => `require('${door}')`],
])('shows the same class through every door of the build: %s', (_, type, load) => {
  const script = `
    const { Listener, PoolError } = ${load('@x/net')};
    const { Pool, WatchedEmitter } = ${load('@x/net/internal')};
    const pool = new Pool({ open: () => {}, keyOf: () => '' });
    pool.close();
    pool.acquire({}).catch((error) => {
      console.log(Object.getPrototypeOf(Listener) === WatchedEmitter, error instanceof PoolError);
    });`;
  const printed = execFileSync(process.execPath, [`--input-type=${type}`, '--eval', script], {
    cwd: fileURLToPath(folder),
    encoding: 'utf8',
  });
  expect(printed).toBe('true true\n');
});
