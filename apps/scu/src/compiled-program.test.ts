// The compiled code of the program, kept for its next run.

import {
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { application, run } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';

const loader = new URL('../../../packages/cli/src/compiled-program.ts', import.meta.url);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-program-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const programFile = () => join(folder, 'program.cjs');
const entries = () =>
  readdirSync(folder)
    .filter((name) => name === 'dimse')
    .flatMap(() => readdirSync(join(folder, 'dimse')));
const entryFile = () => join(folder, 'dimse', entries()[0] as string);

function writeProgram(answer: number): void {
  const text = `exports.answer = () => require('node:path').basename(__filename) + ' ${answer}';`;
  writeFileSync(programFile(), `(function (exports, require, module, __filename, __dirname) { ${text} })`);
}

/** Loads the program in a process of its own, and returns what it answers. */
async function answer(env: NodeJS.ProcessEnv = {}): Promise<string> {
  const script = `import { loadProgram } from '${loader}'; console.log(loadProgram(process.argv.at(-1), 'test').answer());`;
  const main = join(folder, 'main.mjs');
  writeFileSync(main, script);
  const outcome = await run(process.execPath, ['--import', 'tsx', pathToFileURL(main).pathname, programFile()], {
    env: { XDG_CACHE_HOME: folder, ...env },
  });
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
  return outcome.stdout.trim();
}

test('the code is kept for the user alone, taken in the next run, and replaced after the program has changed', async () => {
  writeProgram(42);
  expect(await answer()).toBe('program.cjs 42');
  expect(entries()).toEqual([expect.stringMatching(/^test-v/)]);
  const first = statSync(entryFile());
  if (process.platform !== 'win32') expect(first.mode & 0o777).toBe(0o600);
  expect(await answer()).toBe('program.cjs 42');
  expect(statSync(entryFile()).mtimeMs).toBe(first.mtimeMs);
  // Of the same length.
  writeProgram(43);
  expect(await answer()).toBe('program.cjs 43');
  expect(await answer()).toBe('program.cjs 43');
  expect(statSync(entryFile()).mtimeMs).not.toBe(first.mtimeMs);
});

test('code that V8 does not take is replaced', async () => {
  writeProgram(42);
  await answer();
  const kept = readFileSync(entryFile());
  for (const damaged of [kept.subarray(0, kept.length - 8), kept.subarray(0, 30), Buffer.alloc(0)]) {
    writeFileSync(entryFile(), damaged);
    expect(await answer()).toBe('program.cjs 42');
    expect(readFileSync(entryFile()).length).toBeGreaterThan(damaged.length);
  }
});

test('code with changed bytes is replaced, not run', async () => {
  writeProgram(42);
  await answer();
  const kept = readFileSync(entryFile());
  // The facts and a header of V8 come first. A file has zeros if the power fails while it is written.
  for (const from of [24, 64, 128, kept.length >> 1]) {
    writeFileSync(entryFile(), Buffer.from(kept).fill(0, from));
    expect(await answer()).toBe('program.cjs 42');
    expect(
      readFileSync(entryFile())
        .subarray(from)
        .some((byte) => byte !== 0),
    ).toBe(true);
  }
});

test.skipIf(process.platform === 'win32')('a link in place of the code is replaced', async () => {
  writeProgram(42);
  await answer();
  const elsewhere = join(folder, 'elsewhere');
  renameSync(entryFile(), elsewhere);
  symlinkSync(elsewhere, join(folder, 'dimse', `test-${process.version}-${process.arch}`));
  expect(await answer()).toBe('program.cjs 42');
  expect(lstatSync(entryFile()).isFile()).toBe(true);
});

test.runIf(process.geteuid?.() === 0)('code that another user has written is replaced', async () => {
  writeProgram(42);
  await answer();
  chownSync(entryFile(), 1, 1);
  expect(await answer()).toBe('program.cjs 42');
  expect(statSync(entryFile()).uid).toBe(0);
});

test('a folder that cannot be made is passed over, and nothing is kept if that is turned off', async () => {
  writeProgram(42);
  for (const place of ['/dev/null', '/proc', '/proc/none'])
    expect(await answer({ XDG_CACHE_HOME: place })).toBe('program.cjs 42');
  expect(await answer({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('program.cjs 42');
  expect(entries()).toEqual([]);
});

test('dimse-scu runs from code that was kept', async () => {
  const env = { XDG_CACHE_HOME: folder };
  const version = () => run(process.execPath, [application('scu'), '--version'], { env });
  const first = await version();
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(entries()).toEqual([expect.stringMatching(/^dimse-scu-v/)]);
  expect(await version()).toEqual(first);
});
