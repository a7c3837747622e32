// Studies are deleted some time after their last instance arrived, only if --keep-studies says so, and only if they are not needed.

import { existsSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DeliveringArchive, deliveringArchive } from '../test/delivering-archive.ts';
import { runArchive } from '../test/running-archive.ts';
import { sharingProcesses } from '../test/sharing-processes.ts';
import { inDatabaseOf, isSharedWorld, keptIn } from '../test/world.ts';
import type { SharedDatabase } from './shared-database/shared-database.ts';
import { startStudyRetention } from './study-retention.ts';

const DAY = 86_400_000;
const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });

let archive: DeliveringArchive;
beforeEach(() => {
  archive = deliveringArchive();
});
afterEach(() => archive.remove());

const pathOf = (study: string, number: number) =>
  join(archive.folder, 'instances', study, `${study}.1`, `${study}.1.${number}.dcm`);
const hasFile = (study: string, number: number) => isSharedWorld || existsSync(pathOf(study, number));
async function has(study: string): Promise<boolean> {
  if (!isSharedWorld) return existsSync(join(archive.folder, 'instances', study));
  return ((await archive.instances?.index.deletions.measure({ study }))?.instances ?? 0) > 0;
}
const have = (...studies: readonly string[]) => Promise.all(studies.map(has));

/** Keeps an instance that arrived some days ago. */
async function keep(study: string, number: number, days: number): Promise<void> {
  await archive.keep({ study, series: `${study}.1`, sopInstance: `${study}.1.${number}` });
  if (isSharedWorld)
    return inDatabaseOf(
      archive.folder,
      `update instance set entered = entered - interval '${days} days' where sop_instance_uid = '${study}.1.${number}'`,
    );
  const time = new Date(Date.now() - days * DAY);
  utimesSync(pathOf(study, number), time, time);
}

async function sweep(keepStudies: number | undefined, database?: SharedDatabase): Promise<string[]> {
  const audited: string[] = [];
  const { instances } = archive;
  if (!instances) return audited;
  await instances.compare();
  const options = { aet: 'ARCHIVE', ...(keepStudies !== undefined && { keepStudies }) };
  const audit = { deleted: (event: object) => void audited.push(JSON.stringify(event)) };
  await using retention = startStudyRetention([{ options, instances, database }], audit as never, logger);
  await retention.firstSweep;
  return audited;
}

test('deletes studies whose last instance is old, and says so in the audit log', async () => {
  await archive.start();
  await keep('1.1', 1, 40);
  await keep('1.2', 1, 40);
  await keep('1.2', 2, 20);
  await keep('1.3', 1, 0);
  expect(await sweep(undefined)).toEqual([]);
  expect(await sweep(30 * DAY)).toEqual(['{"study":"1.1","instances":1,"aeTitle":"ARCHIVE"}']);
  expect(await have('1.1', '1.2', '1.3')).toEqual([false, true, true]);
  expect(await archive.instances?.index.counts()).toMatchObject({ studies: 2, instances: 3 });
  expect(await sweep(10 * DAY)).toHaveLength(1);
  expect(await have('1.2', '1.3')).toEqual([false, true]);
});

const server = await testPostgres();

test.skipIf(server === undefined)('leaves old studies to another process that looks for them now', async () => {
  await using processes = sharingProcesses(server ?? '');
  const [{ database }, other] = [await processes.start(), await processes.start()];
  await archive.start();
  await keep('1.1', 1, 40);
  const whileOther = await other.database.once('retention of studies', async () => {
    expect(await sweep(30 * DAY, database)).toEqual([]);
  });
  expect([whileOther, await has('1.1')]).toEqual([true, true]);
  await expect.poll(() => sweep(30 * DAY, database)).toEqual(['{"study":"1.1","instances":1,"aeTitle":"ARCHIVE"}']);
});

test('keeps studies that a retrieval or a delivery needs, and those with a file that cannot be read', async () => {
  await archive.start();
  for (const study of ['1.1', '1.2', '1.3', '1.4']) await keep(study, 1, 40);
  await archive.instances?.compare();
  const use = archive.instances?.needs.beginUse();
  use?.add('1.1');
  archive.instances?.needs.add((study) => (study === '1.2' ? 'for forwarding to PACS' : undefined));
  if (isSharedWorld) await archive.instances?.delete({ study: '1.3' });
  else rmSync(pathOf('1.3', 1));
  expect(await sweep(30 * DAY)).toEqual(['{"study":"1.4","instances":1,"aeTitle":"ARCHIVE"}']);
  use?.end();
  expect(await sweep(30 * DAY)).toHaveLength(1);
  expect(await have('1.1', '1.2')).toEqual([false, true]);
});

test('an instance that arrives after the study was looked at keeps it', async () => {
  await archive.start();
  await keep('1.1', 1, 40);
  const last = await archive.instances?.index.deletions.lastOf({ study: '1.1' });
  await keep('1.1', 2, 0);
  await expect(archive.instances?.delete({ study: '1.1' }, { onlyUpTo: last ?? 0 })).rejects.toThrow('just arrived');
  expect([await has('1.1'), hasFile('1.1', 1)]).toEqual([true, true]);
});

test('--keep-studies deletes at the start of the archive, in areas only if they have it', async () => {
  await archive.start();
  await keep('1.1', 1, 40);
  await keep('1.2', 1, 1);
  await archive.stop();
  const log = join(archive.folder, 'audit');
  const running = await runArchive(...keptIn(archive.folder), '--keep-studies', '30', '--audit-log', log);
  // It runs beside this one in the shared world.
  if (isSharedWorld) await archive.start();
  await expect.poll(() => has('1.1'), { timeout: 20_000 }).toBe(false);
  await expect.poll(() => running.log(), { timeout: 20_000 }).toMatch(/study 1\.1 of DIMSE is deleted/);
  expect(await running.stop()).toBe(0);
  expect(await has('1.2')).toBe(true);
});
