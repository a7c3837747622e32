import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { runInProcess } from '@x/testing/run-in-process';
import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sharingProcesses } from '../../test/sharing-processes.ts';
import { testSchema } from '../../test/test-database.ts';
import { scpProgram } from '../program.ts';
import { openDeliveryDatabase } from './delivery-database/embedded-delivery-database.ts';
import { openSharedDeliveryDatabase } from './delivery-database/shared-delivery-database.ts';
import { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';

const run = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forward-command-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('lists, retries and cancels while the queue is in use', async () => {
  await using database = await openDeliveryDatabase(folder);
  const queue = await SqlForwardQueue.open(database, { maximumEntriesOf: () => 10 });
  for (const destination of ['A', 'B'])
    await queue.enter(database, { destination, study: '1.2', series: '1.2.1', sopInstance: '1.2.1.1' }, 0, 0);
  const [entry] = await queue.due('A', 1, 1);
  if (entry) await queue.change({ ...entry, attempts: 5, isFailed: true, failure: 'A900H' });
  const data = ['--data', folder];
  const listed = await run('forward', 'list', ...data);
  expect(listed.stdout).toBe('A  failed  1.2.1.1  5 attempts  A900H\nB  waiting  1.2.1.1  0 attempts\n');
  const json = await run('forward', 'list', ...data, '--failed', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ destination: 'A', state: 'failed', reason: 'A900H', attempts: 5 });
  expect((await run('forward', 'retry', ...data, '--failed')).stdout).toBe('1 entry to be tried again\n');
  expect((await run('forward', 'cancel', ...data, '--destination', 'B')).stdout).toBe('1 entry cancelled\n');
  await queue.recount();
  expect([...queue.counts]).toEqual([['A', { waiting: 1, failed: 0 }]]);
});

const server = await testPostgres();

test.skipIf(server === undefined)('lists, retries and cancels in a shared database, from anywhere', async () => {
  await using processes = sharingProcesses(server ?? '');
  await using database = await openSharedDeliveryDatabase(await processes.start());
  const queue = await SqlForwardQueue.open(database, { maximumEntriesOf: () => 10 });
  for (const destination of ['A', 'B'])
    await queue.enter(database, { destination, study: '1.2', series: '1.2.1', sopInstance: '1.2.1.1' }, 0, 0);
  const [entry] = await queue.due('A', 1, 1);
  if (entry) await queue.change({ ...entry, attempts: 5, isFailed: true, failure: 'A900H' });
  const index = ['--index', processes.url];
  const listed = await run('forward', 'list', ...index);
  expect(listed.stdout).toBe('A  failed  1.2.1.1  5 attempts  A900H\nB  waiting  1.2.1.1  0 attempts\n');
  expect((await run('forward', 'retry', ...index, '--failed')).stdout).toBe('1 entry to be tried again\n');
  expect((await run('forward', 'cancel', ...index, '--destination', 'B')).stdout).toBe('1 entry cancelled\n');
  await queue.recount();
  expect([...queue.counts]).toEqual([['A', { waiting: 1, failed: 0 }]]);
});

test.skipIf(server === undefined)('refuses a shared database that no archive has used, and leaves it so', async () => {
  const { url } = testSchema(server ?? '');
  for (let times = 0; times < 2; times++) {
    const { stderr, exitCode } = await run('forward', 'list', '--index', url);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('no archive has used the database')]);
  }
});

test.each([
  [['forward', 'list'], '--data is required'],
  [['forward', 'list', '--data', 'FOLDER', '--index', 'postgres://host/archive'], 'exclude each other'],
  [['forward', 'list', '--index', 'archive'], 'must look like postgres://user@host'],
  [['forward', 'list', '--data', 'FOLDER'], 'deliveries.db does not exist'],
  [['forward', 'cancel', '--data', 'FOLDER'], 'give --destination, --study, --instance or --failed, or --all'],
  [['forward', 'stop'], 'one of list, retry, cancel is needed'],
])('%j is refused', async (argv, message) => {
  const { stderr, exitCode } = await run(...argv.map((each) => (each === 'FOLDER' ? folder : each)));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
