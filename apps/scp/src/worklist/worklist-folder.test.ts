import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger } from '@x/cli/logger';
import { encodeFileMetaInformation, toDicomJson } from '@x/dimse/data-set';
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

test('leaves out everything that is not a regular file in the folder, and logs it once', async () => {
  const warnings: string[] = [];
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  logger.warn = ((_: unknown, words: string) => void warnings.push(words.replace(`${path}/`, ''))) as Logger['warn'];
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  const server = createServer();
  try {
    writeFileSync(join(outside, 'a.json'), item);
    writeFileSync(join(path, 'good.json'), item);
    symlinkSync('good.json', join(path, 'inside.json'));
    symlinkSync(join(outside, 'a.json'), join(path, 'outside.json'));
    symlinkSync('self.json', join(path, 'self.json'));
    symlinkSync('/dev/zero', join(path, 'endless.json'));
    for (const name of ['pipe.json', 'pipe.wl']) spawnSync('mkfifo', [join(path, name)]);
    await new Promise<void>((resolve) => server.listen(join(path, 'socket.wl'), resolve));
    mkdirSync(join(path, 'folder.json'));
    symlinkSync(outside, join(path, 'CT01'));
    symlinkSync(outside, join(path, 'linked.wl'));
    const seen: (readonly FolderItem[])[] = [];
    folder = await watchWorklistFolder(path, { logger, changed: (items) => void seen.push(items) });
    for (const _ of [1, 2]) {
      vi.advanceTimersByTime(31_000);
      await folder.scanned();
    }
    expect(seen.map(({ length }) => length)).toEqual([2]);
    expect(warnings.slice(1).sort()).toEqual([
      expect.stringMatching(/^endless\.json: not a worklist item: it is a link to a file outside the folder$/),
      expect.stringMatching(/^linked\.wl: not a worklist item: it is a link to a file outside the folder$/),
      expect.stringMatching(/^outside\.json: not a worklist item: it is a link to a file outside the folder$/),
      expect.stringMatching(/^pipe\.json: not a worklist item: it is not a regular file$/),
      expect.stringMatching(/^pipe\.wl: not a worklist item: .* it is not a regular file$/),
      expect.stringMatching(/^self\.json: not a worklist item: ELOOP/),
      expect.stringMatching(/^socket\.wl: not a worklist item: ENXIO/),
    ]);
  } finally {
    server.close();
    rmSync(outside, { recursive: true });
  }
});

test('keeps an item with values that cannot be read, and logs them once', async () => {
  const warnings: string[] = [];
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  logger.warn = ((_: unknown, words: string) => void warnings.push(words)) as Logger['warn'];
  const hex = [
    '0800050018000000 49534f5f4952203939393939393939393939393939393939',
    '1000100006000000 4dfc6c6c6572',
    '4000000124000000 feff00e01c000000 4000020008000000 3230323630313031 4000080004000000 74657874',
    '2800100001000000 02',
  ];
  const dataSet = Buffer.from(hex.join('').replaceAll(' ', ''), 'hex');
  const meta = encodeFileMetaInformation({
    ...{ sopClass: '1.2.840.10008.5.1.4.31', sopInstance: '1.2.3', transferSyntax: '1.2.840.10008.1.2' },
  });
  writeFileSync(join(path, 'a.wl'), Buffer.concat([meta, dataSet]));
  const seen: (readonly FolderItem[])[] = [];
  folder = await watchWorklistFolder(path, { logger, changed: (items) => void seen.push(items) });
  vi.advanceTimersByTime(31_000);
  await folder.scanned();
  expect(seen).toMatchObject([
    [
      {
        dataSet: {
          PatientName: { Alphabetic: 'Müller' },
          ScheduledProcedureStepSequence: [{ ScheduledProcedureStepStartDate: '20260101' }],
        },
      },
    ],
  ]);
  expect(warnings.slice(1)).toEqual([
    expect.stringMatching(
      /a\.wl: elements that cannot be read are left out: .*\(0008,0005\).*\(0040,0008\).*\(0028,0010\)/,
    ),
  ]);
});
