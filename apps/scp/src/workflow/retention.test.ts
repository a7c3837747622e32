import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { UnifiedProcedureStepProvider } from '@x/dimse/workflow';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { steadyTime } from '../sweeps.ts';
import { startRetention } from './retention.ts';
import { sqlPerformedProcedureStepStore } from './workflow-database/sql-performed-procedure-step-store.ts';
import { sqlWorkItemStore } from './workflow-database/sql-work-item-store.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database/workflow-database.ts';

const DAY = 86_400_000;
const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });

let folder: string;
let database: WorkflowDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retention-'));
  database = await openWorkflowDatabase(folder);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('does not take a jump of the clock for time that has passed', () => {
  let [now, elapsed] = [DAY, 5];
  const time = steadyTime(
    () => now,
    () => elapsed,
  );
  expect(time()).toBe(DAY);
  now += 10 * DAY;
  elapsed += 7;
  expect(time()).toBe(DAY + 7);
  now = DAY / 2;
  expect(time()).toBe(DAY / 2);
});

test.each([
  [0, ['1 day', '3 days', '3 days, locked', '5 days, locked', 'open']],
  [2, ['1 day', '3 days, locked', 'open']],
  [4, ['1 day', '3 days', '3 days, locked', '5 days, locked', 'open']],
])('keeps work items for %i days, and as long again with a lock', async (days, expected) => {
  const store = sqlWorkItemStore(database);
  for (const uid of ['1 day', '3 days', '3 days, locked', '5 days, locked', 'open']) {
    const finished = uid === 'open' ? {} : { finishedAt: Date.now() - Number(uid[0]) * DAY };
    await store.add(uid, { state: uid === 'open' ? 'SCHEDULED' : 'COMPLETED', attributes: {}, ...finished });
    await store.subscribe({ peer: 'A', sopInstance: uid, hasDeletionLock: uid.includes('locked') });
  }
  const workItems = new UnifiedProcedureStepProvider({ store });
  const performedSteps = sqlPerformedProcedureStepStore(database);
  const kept = { workItems, performedSteps, worklist: undefined };
  await using retention = startRetention({ keepFinished: days * DAY }, kept, logger);
  await retention.firstSweep;
  const left: string[] = [];
  for await (const [uid] of store.items()) left.push(uid);
  expect(left).toEqual(expected);
});
