import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const top = fileURLToPath(new URL('..', import.meta.url));
// A file for the results as JSON, if a program reads them afterwards.
const report = process.env.DIMSE_TEST_REPORT;
// Tests read the sources of the packages beside them, not what was last built.
const conditions = ['@x/source', 'module', 'node', 'import', 'default'];

// Of the projects with tests that ask for services.
const SERVICES = [`${top}.config/vitest.services.ts`];

// With ARCHIVE_TEST_WORLD=shared, the tests of the archive that have a place in either world run, in the shared one.
const isSharedWorld = process.env.ARCHIVE_TEST_WORLD === 'shared';
const OF_BOTH_WORLDS = /from '(?:\.\.\/)+test\/(?:world|delivering-archive)\.ts'/;

function testsOfBothWorlds(folder: string): string[] {
  const files = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `src/${file}`)
    .filter((file) => OF_BOTH_WORLDS.test(readFileSync(join(folder, file), 'utf8')));
}

const project = (name: string, folder: string, globalSetup: readonly string[] = []) => ({
  resolve: { conditions },
  // Node.js loads other packages itself: it must not take their files for bundlers, which the condition 'module' has, and
  // it knows by itself whether a file is imported or required.
  ssr: { resolve: { conditions: conditions.filter((condition) => !['module', 'import'].includes(condition)) } },
  test: {
    name,
    root: `${top}${folder}`,
    include: isSharedWorld ? testsOfBothWorlds(`${top}${folder}`) : ['src/**/*.test.ts'],
    setupFiles: [`${top}.config/vitest.setup.ts`],
    globalSetup: [...globalSetup],
    testTimeout: 90_000 * Math.max(1, Number(process.env.DIMSE_PROPERTY_RUNS ?? 1)),
    hookTimeout: 60_000,
    // The defaults are times of an idle machine: one second here, as for vi.waitUntil and vi.waitFor in the set-up.
    expect: { poll: { timeout: 20_000 } },
  },
});

export default defineConfig({
  root: top,
  test: {
    // Most tests wait for sockets and processes: a worker for each core, not for each but one.
    maxWorkers: '100%',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      project('pdu', 'packages/pdu'),
      project('net', 'packages/net'),
      project('dimse', 'packages/dimse'),
      project('testing', 'packages/testing'),
      project('cli', 'packages/cli'),
      project('scu', 'apps/scu'),
      project('scp', 'apps/scp', SERVICES),
      project('demo', 'apps/demo'),
      project('fuzz', 'apps/fuzz'),
      project('bench', 'apps/bench'),
      project('interop', 'apps/interop', SERVICES),
      project('examples', 'apps/examples'),
    ],
  },
});
