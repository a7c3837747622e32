// The start of a command: modules that it does not need are not loaded.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createScp } from '@x/dimse';
import { startScu } from '@x/testing/processes';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'dimse-scu-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the names of the built-in modules, and the files of packages in CommonJS, that a process has loaded at its end. */
const REPORTER = `
  import { writeFileSync } from 'node:fs';
  import { createRequire } from 'node:module';
  const { cache } = createRequire(import.meta.url);
  process.on('exit', () => {
    writeFileSync(process.env.REPORT, [...process.moduleLoadList, ...Object.keys(cache)].join('\\n'));
  });
`;

test('an echo loads neither packages nor modules of Node.js that it does not use', async () => {
  const reporter = join(folder, 'reporter.mjs');
  const report = join(folder, 'report.txt');
  writeFileSync(reporter, REPORTER);
  await using scp = createScp({ aeTitle: 'SCP', services: [] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(reporter)}`, REPORT: report };
  const { exitCode, stderr } = await startScu(['echo', `SCP@127.0.0.1:${port}`], { env }).outcome;
  expect([exitCode, stderr]).toEqual([0, '']);
  const loaded = readFileSync(report, 'utf8');
  expect(loaded).toContain('NativeModule net');
  expect(loaded).not.toMatch(/NativeModule (?:readline|tls|worker_threads|zlib)$/m);
  expect(loaded).not.toContain('node_modules');
});
