// Unified procedure steps of dimse-scp: work items, subscriptions and waiting events survive a kill.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, openSession, type Scp, UnifiedProcedureStepEvent, unifiedProcedureStep } from '@x/dimse';
import { UnifiedProcedureStepUser, type WorkItemEvent } from '@x/dimse/workflow';
import { type RunningScp, startScp } from '@x/testing/processes';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inDatabaseOf, isSharedWorld, keptIn } from '../../test/world.ts';
import { openWorkflowDatabase } from './workflow-database/workflow-database.ts';

let folder: string;
let archive: RunningScp;
let subscriber: Scp | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'work-items-'));
});
afterEach(async () => {
  await subscriber?.close();
  await kill();
  rmSync(folder, { recursive: true });
});

async function kill(): Promise<void> {
  await archive.stop('SIGKILL');
}

async function connect() {
  const session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'WORKER',
    calledAeTitle: 'DIMSE',
    services: [unifiedProcedureStep],
  });
  return { session, user: new UnifiedProcedureStepUser() };
}

const NEW = {
  ScheduledProcedureStepPriority: 'HIGH',
  ProcedureStepLabel: 'Prüfen',
  ScheduledProcedureStepStartDateTime: '20261121',
  InputReadinessState: 'READY',
  SpecificCharacterSet: 'ISO_IR 192',
};

test('keeps work items, their locks and their subscribers after a kill', async () => {
  const events: WorkItemEvent[] = [];
  let wake = () => {};
  subscriber = createScp({
    aeTitle: 'BOARD',
    services: [
      new UnifiedProcedureStepUser({
        onEvent: (event) => {
          events.push(event);
          wake();
        },
      }).service,
    ],
  });
  const { port } = await subscriber.listen({ port: 0, host: '127.0.0.1' });
  const have = async (count: number) => {
    while (events.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  const args = [...keptIn(folder), '--peer', `BOARD=127.0.0.1:${port}`];
  archive = await startScp([...args]);
  const first = await connect();
  await first.user.subscribe(first.session, { receivingAeTitle: 'BOARD' });
  await first.user.create(first.session, NEW, { sopInstance: '1.2.3' });
  const transactionUid = await first.user.claim(first.session, '1.2.3');
  await have(2);
  await expect(first.user.subscribe(first.session, { receivingAeTitle: 'NOBODY' })).rejects.toMatchObject({
    status: 0xc308,
  });
  await kill();
  archive = await startScp([...args]);
  const { user, session } = await connect();
  await expect(user.claim(session, '1.2.3')).rejects.toMatchObject({ status: 0xc301 });
  const found = [];
  for await (const { identifier } of user.find(session, {
    ProcedureStepState: 'IN PROGRESS',
    ProcedureStepLabel: 'Pr*',
  }))
    found.push(identifier);
  expect(found).toMatchObject([{ SOPInstanceUID: '1.2.3', ProcedureStepLabel: 'Prüfen' }]);
  await user.changeState(session, '1.2.3', 'CANCELED', transactionUid);
  // Events sent just before the kill may be repeated, and the order of events is not fixed.
  while (!events.some(({ information }) => information.ProcedureStepState === 'CANCELED'))
    await have(events.length + 1);
  while (!events.some(({ information }) => information.SCPStatus === 'RESTARTED')) await have(events.length + 1);
  // The first start had no subscribers.
  const restarts = events.filter(({ eventType }) => eventType === UnifiedProcedureStepEvent.ScpStatusChange);
  expect(restarts).toMatchObject([{ information: { SubscriptionListStatus: 'WARM START' } }]);
  await session.release();
});

/** Lets the work items that have ended have ended at this time. */
async function finishedAt(time: number): Promise<void> {
  if (isSharedWorld)
    return inDatabaseOf(folder, `update work_item set finished_at = ${time} where finished_at is not null`);
  await using database = await openWorkflowDatabase(folder);
  await database.tables
    .updateTable('work_item')
    .set({ finished_at: time })
    .where('finished_at', 'is not', null)
    .execute();
}

test('removes work items that ended long ago, unless they are kept for ever', async () => {
  archive = await startScp([...keptIn(folder)]);
  const { user, session } = await connect();
  for (const sopInstance of ['1.1', '1.2']) await user.create(session, NEW, { sopInstance });
  await user.requestCancel(session, '1.1');
  await session.release();
  await kill();
  // As if it had been two days ago.
  await finishedAt(Date.now() - 2 * 86_400_000);
  for (const [days, isThere] of [
    ['0', true],
    ['3', true],
    ['1', false],
  ] as const) {
    archive = await startScp([...keptIn(folder), '--keep-finished', days]);
    const { user, session } = await connect();
    if (!isThere) await expect.poll(() => archive?.stderr()).toContain('ended long ago were removed');
    const outcome = await user.get(session, '1.1').catch((error) => error);
    expect([days, outcome.status]).toEqual([days, isThere ? 0 : 0xc307]);
    expect((await user.get(session, '1.2')).status).toBe(0);
    await session.release();
    await kill();
  }
  expect(archive.stderr()).toContain('1 work items and 0 performed procedure steps that ended long ago were removed');
});

test.skipIf(isSharedWorld)('answers, and stops, while very many subscribers are told of a restart', async () => {
  const subscribers = 5000;
  {
    await using database = await openWorkflowDatabase(join(folder, 'data'));
    await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${subscribers})
      insert into work_item_subscription (peer, sop_instance_uid, has_deletion_lock)
      select 'AE' || i, '1.2.' || i, 0 from n`.execute(database.tables);
  }
  archive = await startScp([...keptIn(join(folder, 'data'))]);
  const { session, user } = await connect();
  await user.create(session, NEW);
  await session.release();
  expect((await archive.stop()).exitCode).toBe(0);
  await using database = await openWorkflowDatabase(join(folder, 'data'));
  const told = await database.tables.selectFrom('event_report').select('id').where('id', 'like', 'restart%').execute();
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(subscribers);
});
