import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger } from '@x/cli/logger';
import { afterAll, expect, test } from 'vitest';
import { openAuditFile } from './audit-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'audit-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function listeningLogger(): { readonly logger: Logger; readonly said: string[] } {
  const said: string[] = [];
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  for (const level of ['warn', 'error'] as const) logger[level] = ((words: string) => void said.push(words)) as never;
  return { logger, said };
}

test('keeps what waits within its bound, and tells of what was lost when it can', async () => {
  const { logger, said } = listeningLogger();
  const path = join(folder, 'bounded');
  const file = await openAuditFile(path, logger, 10);
  for (const line of ['12345\n', '123\n', 'lost\n', 'lost too\n']) file.write(line);
  expect(file.lost).toBe(2);
  await file.flush();
  file.write('later\n');
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('12345\n123\n{"lost":2}\nlater\n');
  expect(said).toEqual([
    expect.stringMatching(/cannot be written, entries are lost: more than 10 bytes wait/),
    expect.stringMatching(/is being written again; 2 entries were lost/),
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('writes to a new file after it is opened again, and appends to an existing one', async () => {
  const { logger } = listeningLogger();
  const path = join(folder, 'rotated');
  const file = await openAuditFile(path, logger);
  file.write('one\n');
  renameSync(path, `${path}.1`);
  file.write('two\n');
  await file.reopen();
  file.write('three\n');
  await file.close();
  const again = await openAuditFile(path, logger);
  again.write('four\n');
  await again.close();
  expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['one\ntwo\n', 'three\nfour\n']);
});

test('does not stop when writing fails', async () => {
  const { logger, said } = listeningLogger();
  const path = join(folder, 'failing');
  const file = await openAuditFile(path, logger);
  symlinkSync('/dev/full', join(folder, 'full'));
  await expect(openAuditFile(join(folder, 'full'), logger)).rejects.toThrow('not a regular file');
  await file.close();
  file.write('late\n');
  await file.flush();
  expect([file.lost, said.length]).toEqual([1, 1]);
});

test('begins a new line after one that a crash of the machine cut off', async () => {
  const { logger } = listeningLogger();
  const path = join(folder, 'cut-off');
  writeFileSync(path, 'one\ntw');
  const file = await openAuditFile(path, logger);
  file.write('three\n');
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('one\ntw\nthree\n');
});

test('has only whole lines after a disk was full, and tells how many were lost', async (context) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk], { stdio: 'ignore' });
  if (status !== 0) {
    process.stderr.write('nothing can be mounted: the test of an audit log on a full disk is skipped\n');
    return context.skip();
  }
  try {
    const { logger } = listeningLogger();
    const path = join(disk, 'audit');
    const other = join(disk, 'other');
    writeFileSync(other, Buffer.alloc(4096));
    const file = await openAuditFile(path, logger);
    const line = (number: number) => `${JSON.stringify({ number, text: 'x'.repeat(97) })}\n`;
    for (let number = 0; number < 100; number++) file.write(line(number));
    await file.flush();
    const { lost } = file;
    expect(lost).toBeGreaterThan(50);
    rmSync(other);
    file.write(line(100));
    await file.close();
    const lines = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(lines.slice(-2)).toMatchObject([{ number: 100 }, { lost }]);
    expect(lines).toHaveLength(100 - lost + 2);
  } finally {
    spawnSync('umount', [disk]);
  }
});
