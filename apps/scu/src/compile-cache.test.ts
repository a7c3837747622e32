// The cache of compiled code: in a folder of the user, on versions of Node.js that have it.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../packages/cli/src/compile-cache.ts', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function runWith(env: NodeJS.ProcessEnv): Promise<void> {
  const outcome = await run(process.execPath, ['--import', 'tsx', program], { env });
  expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: '' });
}

test('the compiled code is kept in the folder of the user for such files', async () => {
  await runWith({ XDG_CACHE_HOME: folder });
  expect(existsSync(join(folder, 'dimse'))).toBe('enableCompileCache' in module);
});

test('a folder that cannot be made is passed over, and the cache can be turned off', async () => {
  await runWith({ XDG_CACHE_HOME: '/dev/null' });
  await runWith({ XDG_CACHE_HOME: folder, NODE_DISABLE_COMPILE_CACHE: '1' });
  expect(readdirSync(folder)).toEqual([]);
});
