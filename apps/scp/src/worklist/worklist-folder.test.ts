import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger } from '@x/cli/logger';
import { toDicomJson } from '@x/dimse/data-set';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FolderItem, type WorklistFolder, watchWorklistFolder } from './worklist-folder.ts';

// A file system that tells nothing of its changes.
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  watch: () => {
    throw new Error('not here');
  },
}));

let path: string;
let folder: WorklistFolder | undefined;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'worklist-folder-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await folder?.[Symbol.asyncDispose]();
  rmSync(path, { recursive: true, force: true });
});

const item = JSON.stringify(toDicomJson({ StudyInstanceUID: '1.2', ScheduledProcedureStepSequence: [{}] }));

test('sees unreported changes after half a minute, and keeps the items of a missing folder', async () => {
  const warnings: string[] = [];
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  logger.warn = ((_: unknown, words: string) => void warnings.push(words)) as Logger['warn'];
  const seen: (readonly FolderItem[])[] = [];
  folder = await watchWorklistFolder(path, { logger, changed: (items) => void seen.push(items) });
  expect([seen.length, warnings]).toEqual([
    1,
    [`${path}: the folder cannot be watched, so changes are seen late: not here`],
  ]);
  writeFileSync(join(path, 'a.json'), item);
  vi.advanceTimersByTime(29_000);
  await folder.scanned();
  expect(seen).toHaveLength(1);
  vi.advanceTimersByTime(2000);
  await folder.scanned();
  expect(seen.map(({ length }) => length)).toEqual([0, 1]);
  // Without a change in the folder, nothing is reported.
  vi.advanceTimersByTime(31_000);
  await folder.scanned();
  rmSync(path, { recursive: true });
  vi.advanceTimersByTime(31_000);
  await folder.scanned();
  expect(seen).toHaveLength(2);
  expect(warnings.slice(1)).toEqual([expect.stringMatching(/the worklist was not changed: ENOENT/)]);
});
