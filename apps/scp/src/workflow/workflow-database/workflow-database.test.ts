import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SopClass, Status, type UntypedDataSet } from '@x/dimse';
import { toDicomJson, UNITS_PER_STEP, watchSteps } from '@x/dimse/data-set';
import {
  commitmentTransactionStoreContract,
  eventQueueContract,
  performedProcedureStepStoreContract,
  workItemStoreContract,
} from '@x/dimse/store-contracts';
import type { QueuedEvent } from '@x/dimse/workflow';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlDatabase } from '../../data-folder/sql-database.ts';
import { MIGRATIONS, type Tables } from './schema.ts';
import { sqlCommitmentStore } from './sql-commitment-store.ts';
import { sqlEventQueue } from './sql-event-queue.ts';
import { scheduledStepsOf, sqlPerformedProcedureStepStore } from './sql-performed-procedure-step-store.ts';
import { sqlWorkItemStore } from './sql-work-item-store.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database.ts';

let folder: string;
let database: WorkflowDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workflow-database-'));
  database = await openWorkflowDatabase(folder);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** As after a restart. */
async function reopen(): Promise<void> {
  await database[Symbol.asyncDispose]();
  database = await openWorkflowDatabase(folder);
}

const event = (id: string, overrides: Partial<QueuedEvent> & { readonly peer?: string } = {}): QueuedEvent => {
  const { peer = 'A', ...rest } = overrides;
  const information = {
    TransactionUID: '2.25.1',
    RetrieveAETitle: ['ARCHIVE'],
    ReferencedSOPSequence: [{ ReferencedSOPClassUID: '1.2', ReferencedSOPInstanceUID: '1.2.3' }],
    FailedSOPSequence: [{ ReferencedSOPInstanceUID: '1.2.4', FailureReason: 0x0112 }],
  };
  const report = { peer, sopClass: '1.2.840.10008.1.20.1', sopInstance: '1.2.840.10008.1.20.1.1', eventType: 2 };
  return { id, report: { ...report, information }, attempts: 0, notBefore: 0, ...rest };
};
const NOW = 1_795_000_000_000;

describe.each([
  [
    'an event queue',
    eventQueueContract((maximumEvents) =>
      sqlEventQueue(database, maximumEvents === undefined ? {} : { maximumEvents }),
    ),
  ],
  [
    'a store of performed procedure steps',
    performedProcedureStepStoreContract((maximumSteps = 100) =>
      sqlPerformedProcedureStepStore(database, { maximumSteps }),
    ),
  ],
  [
    'a store of commitment requests',
    commitmentTransactionStoreContract((maximumTransactions = 100) =>
      sqlCommitmentStore(database, { maximumTransactions }),
    ),
  ],
  [
    'a store of work items',
    workItemStoreContract((room = 100) =>
      sqlWorkItemStore(database, { maximumItems: room, maximumSubscriptions: room }),
    ),
  ],
] as const)('%s in the workflow database', (_, contract) => {
  test.each(contract)('$name', ({ check }) => check());
});

const step: UntypedDataSet = {
  SpecificCharacterSet: ['ISO_IR 192'],
  Modality: 'CT',
  PatientName: { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' },
  PerformedProcedureStepID: 'P1',
  PerformedProcedureStepStatus: 'IN PROGRESS',
  PerformedSeriesSequence: [],
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2', ScheduledProcedureStepID: 'S1', AccessionNumber: '' }],
};

const transaction = (transactionUid: string, peer = 'A', count = 2) => ({
  transactionUid,
  peer,
  instances: Array.from({ length: count }, (_, index) => ({ sopClass: '1.2', sopInstance: `1.2.${index}` })),
});

describe('the workflow database', () => {
  test('keeps everything across a restart', async () => {
    const instances = transaction('1', 'A', 3);
    await sqlEventQueue(database).put(event('1', { attempts: 3, notBefore: NOW }));
    await sqlPerformedProcedureStepStore(database).add('1', step);
    await sqlCommitmentStore(database).put(instances);
    await reopen();
    expect(await sqlEventQueue(database).next(new Set())).toEqual(event('1', { attempts: 3, notBefore: NOW }));
    expect(await sqlPerformedProcedureStepStore(database).get('1')).toEqual(step);
    expect(await sqlCommitmentStore(database).all()).toEqual([instances]);
  });

  test('keeps and returns a large commitment request in steps', async () => {
    const large = transaction('1', 'A', 50_000);
    const work: number[] = [];
    const stop = watchSteps((units) => work.push(units));
    await sqlCommitmentStore(database).put(large);
    const written = work.length;
    expect(await sqlCommitmentStore(database).get('A', '1')).toEqual(large);
    stop();
    expect(written).toBeGreaterThan(10);
    expect(work.length - written).toBeGreaterThan(10);
    expect(Math.max(...work)).toBeLessThan(2 * UNITS_PER_STEP);
  });

  test('keeps text that the character set of the data set does not have', async () => {
    const store = sqlPerformedProcedureStepStore(database);
    const item = { SpecificCharacterSet: ['ISO_IR 100'], ScheduledProcedureStepDescription: 'Kopf-Übersicht' };
    const named = {
      ...step,
      SpecificCharacterSet: ['ISO_IR 100'],
      StudyDescription: '山',
      RequestAttributesSequence: [item],
    };
    await store.add('1', named);
    expect(await store.get('1')).toEqual({ ...named, SpecificCharacterSet: ['ISO_IR 192'] });
  });

  test('reads the data sets and requests that an earlier version wrote in JSON', async () => {
    const json = JSON.stringify(toDicomJson(step));
    await sql`insert into performed_procedure_step (sop_instance_uid, status, change, attributes)
      values ('1', 'IN PROGRESS', 1, ${json})`.execute(database.tables);
    const pairs = JSON.stringify([['1.2', '1.2.0']]);
    await sql`insert into storage_commitment (peer, transaction_uid, instances, instance_count)
      values ('A', '1', ${pairs}, 1)`.execute(database.tables);
    expect(await sqlPerformedProcedureStepStore(database).get('1')).toEqual(step);
    expect(await sqlCommitmentStore(database).get('A', '1')).toEqual(transaction('1', 'A', 1));
  });

  test('gives the steps performed for scheduled steps, the latest change last', async () => {
    const store = sqlPerformedProcedureStepStore(database);
    const scheduled = (study: string, ...ids: string[]) => ({
      ...step,
      ScheduledStepAttributesSequence: ids.map((id) => ({ StudyInstanceUID: study, ScheduledProcedureStepID: id })),
    });
    await store.add('1', scheduled('1.2', 'S1', 'S2'));
    await store.add('2', scheduled('1.2', 'S1', ''));
    await store.add('3', scheduled('1.3', 'S1'));
    await store.change('1', (before) => ({ ...before, PerformedProcedureStepStatus: 'COMPLETED' }));
    await reopen();
    const found = await sqlPerformedProcedureStepStore(database).performedFor(['1.2', '1.9']);
    expect(found.map((each) => Object.values(each).join(' '))).toEqual([
      '1.2 S1 IN PROGRESS',
      '1.2 S1 COMPLETED',
      '1.2 S2 COMPLETED',
    ]);
  });

  test('keeps performed steps that the worklist needs', async () => {
    const store = sqlPerformedProcedureStepStore(database);
    for (const [uid, study] of Object.entries({ '1': '1.2', '2': '1.3' })) {
      const scheduled = [{ StudyInstanceUID: study, ScheduledProcedureStepID: 'S1' }];
      const ended = { ...step, PerformedProcedureStepStatus: 'COMPLETED' };
      await store.add(uid, { ...ended, ScheduledStepAttributesSequence: scheduled });
    }
    expect(await store.removeFinished(Date.now() + 1000, new Set(['1.3']))).toBe(1);
    expect([await store.get('1'), (await store.performedFor(['1.2', '1.3'])).length]).toEqual([undefined, 1]);
  });

  test.each<[string, UntypedDataSet, readonly string[]]>([
    ['no step', {}, []],
    ['none that was scheduled', { StudyInstanceUID: '1.2', ScheduledProcedureStepID: '' }, []],
    ['one', { StudyInstanceUID: '1.2', ScheduledProcedureStepID: 'S1', ReferencedStudySequence: [] }, ['1.2 S1']],
    [
      'one whose study is referenced',
      {
        StudyInstanceUID: '1.9',
        ScheduledProcedureStepID: 'S1',
        ReferencedStudySequence: [{ ReferencedSOPInstanceUID: '1.2' }, { ReferencedSOPInstanceUID: '1.9' }],
      },
      ['1.9 S1', '1.2 S1'],
    ],
  ])('finds the scheduled steps that were performed: %s', (_, item, expected) => {
    const found = scheduledStepsOf({ ScheduledStepAttributesSequence: [item] });
    expect(found.map((key) => Object.values(key).join(' '))).toEqual(expected);
  });

  test('of a version without end times counts the end of steps from the update', async () => {
    const old = mkdtempSync(join(folder, 'old-'));
    const migrations = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '006'));
    const before = await openSqlDatabase<Tables>(join(old, 'workflow.db'), {
      name: 'it',
      remedy: '',
      durable: 'later',
      migrations,
    });
    await sql`insert into work_item (sop_instance_uid, state, attributes)
      values ('1', 'COMPLETED', '{}'), ('2', 'IN PROGRESS', '{}')`.execute(before.tables);
    await sql`insert into performed_procedure_step (sop_instance_uid, status, change, attributes)
      values ('1', 'DISCONTINUED', 1, '{}'), ('2', 'IN PROGRESS', 2, '{}')`.execute(before.tables);
    before.close();
    await using updated = await openWorkflowDatabase(old);
    for (const store of [sqlWorkItemStore(updated), sqlPerformedProcedureStepStore(updated)]) {
      expect(await store.removeFinished(Date.now() - 60_000)).toBe(0);
      expect(await store.removeFinished(Date.now() + 60_000)).toBe(1);
      expect(await store.get('2')).toBeDefined();
    }
  });

  test('removes many steps and work items that have ended in short transactions', async () => {
    const steps = sqlPerformedProcedureStepStore(database);
    const items = sqlWorkItemStore(database);
    const numbers = sql`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 1000)`;
    await sql`${numbers} insert into performed_procedure_step (sop_instance_uid, status, change, finished_at, attributes)
      select '1.' || n, 'COMPLETED', n, 7, '{}' from numbers`.execute(database.tables);
    await sql`insert into performed_for values ('1.2', 'S', '1.5'), ('1.3', 'S', '1.6')`.execute(database.tables);
    await sql`${numbers} insert into work_item (sop_instance_uid, state, finished_at, attributes)
      select '1.' || n, 'COMPLETED', 7, '{}' from numbers`.execute(database.tables);
    await items.subscribe({ peer: 'A', sopInstance: '1.7', hasDeletionLock: true });
    let turns = 0;
    let isRunning = true;
    const turn = () => {
      turns++;
      if (isRunning) setImmediate(turn);
    };
    setImmediate(turn);
    expect(await steps.removeFinished(8, new Set(['1.2']))).toBe(999);
    expect(await items.removeFinished(8)).toBe(999);
    isRunning = false;
    expect(turns).toBeGreaterThanOrEqual(18);
    expect(await steps.get('1.5')).toBeDefined();
    expect(await items.get('1.7')).toBeDefined();
    expect(await items.removeFinished(8, { evenLocked: true })).toBe(1);
  });

  test('keeps and returns a large event report in steps', async () => {
    const references = Array.from({ length: 20_000 }, (_, index) => ({
      ReferencedSOPClassUID: '1.2',
      ReferencedSOPInstanceUID: `1.2.${index}`,
    }));
    const plain = event('1');
    const large = { ...plain, report: { ...plain.report, information: { ReferencedSOPSequence: references } } };
    const queue = sqlEventQueue(database);
    const work: number[] = [];
    const unwatch = watchSteps((units) => work.push(units));
    await queue.put(large);
    const written = work.length;
    expect(await queue.next(new Set())).toEqual(large);
    unwatch();
    const expected = Math.floor((3 * references.length) / UNITS_PER_STEP) - 1;
    expect(written).toBeGreaterThanOrEqual(expected);
    expect(work.length - written).toBeGreaterThanOrEqual(expected);
    for (const units of work) expect(units).toBeLessThan(2 * UNITS_PER_STEP);
  });

  test('does not write a report again after a failed attempt', async () => {
    const queue = sqlEventQueue(database);
    await queue.put(event('1'));
    const given = (await queue.next(new Set())) as QueuedEvent;
    await sql`create trigger no_report before update of information on event_report
      begin select raise(abort, 'written again'); end`.execute(database.tables);
    await queue.put({ ...given, attempts: 1, notBefore: NOW });
    expect(await queue.next(new Set())).toEqual(event('1', { attempts: 1, notBefore: NOW }));
    await queue.remove('1');
    await queue.put({ ...given, attempts: 2 });
    expect(await queue.next(new Set())).toEqual(event('1', { attempts: 2 }));
  });

  test('keeps no more requests for storage commitment than its limits, in all and of one peer', async () => {
    const store = sqlCommitmentStore(database, { maximumTransactions: 4, maximumInstances: 5 });
    const put = (peer: string, transactionUid: string, count = 1) =>
      store.put({
        peer,
        transactionUid,
        instances: Array.from({ length: count }, (_, at) => ({ sopClass: '1.2', sopInstance: `1.${at}` })),
      });
    await put('A', '1');
    await put('A', '2');
    const full = { status: Status.ResourceLimitation };
    await expect(put('A', '3')).rejects.toMatchObject({ ...full, errorComment: '2 requests are waiting' });
    await expect(put('B', '3', 4)).rejects.toMatchObject({ ...full, errorComment: '2 instances are waiting' });
    await put('B', '3', 3);
    await store.remove('A', '1');
    await put('A', '3');
  });

  test('keeps no more subscriptions of one peer than its limit', async () => {
    const store = sqlWorkItemStore(database, { maximumSubscriptions: 4 });
    const item = { state: 'SCHEDULED', attributes: {} } as const;
    for (const uid of ['1', '2', '3']) await store.add(uid, item);
    const subscribe = (peer: string, sopInstance: string) =>
      store.subscribe({ peer, sopInstance, hasDeletionLock: false });
    expect([await subscribe('A', '1'), await subscribe('A', '2'), await subscribe('A', '2')]).toEqual([
      true,
      true,
      true,
    ]);
    await expect(subscribe('A', '3')).rejects.toMatchObject({
      status: Status.ResourceLimitation,
      errorComment: 'A has 2 subscriptions',
    });
    expect(await subscribe('B', '3')).toBe(true);
  });

  test('counts a row that could not be added only until the table seems full', async () => {
    const store = sqlWorkItemStore(database, { maximumItems: 2, maximumItemsOfPeer: 2 });
    const item = { state: 'SCHEDULED', attributes: {} } as const;
    await store.add('1', item);
    await expect(store.add('2', { ...item, state: null as never })).rejects.toThrow();
    expect(await store.add('2', item)).toBe(true);
    await expect(store.add('3', item)).rejects.toMatchObject({ status: Status.ResourceLimitation });
  });

  test('keeps half of its room for peers other than one, across restarts, and tells why a peer is refused', async () => {
    const told: string[] = [];
    await database[Symbol.asyncDispose]();
    database = await openWorkflowDatabase(folder, (why) => told.push(why));
    const item = { state: 'SCHEDULED', attributes: {} } as const;
    const items = () => sqlWorkItemStore(database, { maximumItems: 4 });
    const steps = () => sqlPerformedProcedureStepStore(database, { maximumSteps: 4 });
    for (const uid of ['1', '2']) {
      await items().add(uid, item, 'FLOOD');
      await steps().add(uid, step, 'FLOOD');
    }
    await expect(items().add('3', item, 'FLOOD')).rejects.toMatchObject({ status: Status.ResourceLimitation });
    await expect(steps().add('3', step, 'FLOOD')).rejects.toMatchObject({ status: Status.ResourceLimitation });
    expect(told).toEqual(['FLOOD has 2 work items', 'FLOOD has 2 performed procedure steps']);
    await reopen();
    await expect(items().add('3', item, 'FLOOD')).rejects.toMatchObject({ status: Status.ResourceLimitation });
    expect(await items().add('3', item, 'OTHER')).toBe(true);
    expect(await steps().add('3', step, 'OTHER')).toBe(true);
    const change = (before: UntypedDataSet) => ({ ...before, PerformedProcedureStepStatus: 'COMPLETED' });
    const store = steps();
    await store.change('1', change);
    await store.removeFinished(Number.POSITIVE_INFINITY);
    expect(await store.add('4', step, 'FLOOD')).toBe(true);
  });

  test('finds and removes long work items and steps in turns, with megabytes at once', async () => {
    const comments = { CommentsOnTheScheduledProcedureStep: 'x'.repeat(3_000_000) };
    const items = sqlWorkItemStore(database);
    const steps = sqlPerformedProcedureStepStore(database);
    for (const uid of ['1', '2', '3', '4']) {
      await items.add(uid, { state: 'COMPLETED', attributes: comments, finishedAt: 1 });
      await steps.add(uid, { ...step, ...comments, PerformedProcedureStepStatus: 'COMPLETED' });
    }
    // The page of the operator shows them all.
    const shown = await steps.latest(50);
    expect(shown.map((each) => Object.keys(each).length > 1)).toEqual([true, false, false, false]);
    expect(shown.map((each) => each.PerformedProcedureStepStatus)).toEqual(Array(4).fill('COMPLETED'));
    const read: { readonly turn: number; readonly uid: string }[] = [];
    let turn = 0;
    const count = () => {
      turn++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    for await (const [uid] of items.items()) read.push({ turn, uid });
    const removed = async (remove: Promise<number>) => {
      const before = turn;
      expect(await remove).toBe(4);
      return turn - before;
    };
    const turns = [
      await removed(items.removeFinished(Number.POSITIVE_INFINITY)),
      await removed(steps.removeFinished(Number.POSITIVE_INFINITY)),
    ];
    clearImmediate(counting);
    expect(read.map(({ uid }) => uid)).toEqual(['1', '2', '3', '4']);
    expect(new Set(read.map((each) => each.turn)).size).toBe(4);
    // A turn after each of them but the last, one before the commit, and one after the batch.
    for (const each of turns) expect(each).toBeGreaterThanOrEqual(5);
  });

  test('rejects a step for more scheduled steps than its limit, and attributes that are too long', async () => {
    const steps = sqlPerformedProcedureStepStore(database);
    const study = { ReferencedSOPClassUID: '1.2', ReferencedSOPInstanceUID: '' };
    const references = Array.from({ length: 1001 }, (_, at) => ({ ...study, ReferencedSOPInstanceUID: `1.${at}` }));
    const scheduled = { StudyInstanceUID: '1', ScheduledProcedureStepID: 'S', ReferencedStudySequence: references };
    const step = { PerformedProcedureStepStatus: 'IN PROGRESS' };
    const full = { status: Status.ResourceLimitation };
    await expect(steps.add('1', { ...step, ScheduledStepAttributesSequence: [scheduled] })).rejects.toMatchObject({
      ...full,
      errorComment: 'for 1002 scheduled steps, more than 1000',
    });
    await expect(
      steps.add('1', { ...step, PerformedProcedureStepDescription: 'x'.repeat(17 * 1024 * 1024) }),
    ).rejects.toMatchObject(full);
    expect(await steps.get('1')).toBeUndefined();
  });

  test('keeps the event reports that a version without their abstract syntax had queued', async () => {
    const old = mkdtempSync(join(folder, 'old-'));
    const migrations = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '007'));
    const path = join(old, 'workflow.db');
    const before = await openSqlDatabase<Tables>(path, { name: 'it', remedy: '', durable: 'later', migrations });
    await sql`insert into event_report
      (id, peer, sop_class_uid, sop_instance_uid, event_type, information, attempts, not_before) values
      ('1', 'A', ${SopClass.UnifiedProcedureStepPush}, '1.2.3', 1, null, 2, 0),
      ('2', 'B', ${SopClass.StorageCommitmentPushModel}, '1.2.4', 1, null, 0, 1)`.execute(before.tables);
    before.close();
    await using updated = await openWorkflowDatabase(old);
    const queue = sqlEventQueue(updated);
    expect(await queue.next(new Set())).toEqual({
      id: '1',
      report: {
        peer: 'A',
        sopClass: SopClass.UnifiedProcedureStepPush,
        abstractSyntax: SopClass.UnifiedProcedureStepEvent,
        sopInstance: '1.2.3',
        eventType: 1,
      },
      attempts: 2,
      notBefore: 0,
    });
    await queue.remove('1');
    expect((await queue.next(new Set()))?.report).toEqual({
      peer: 'B',
      sopClass: SopClass.StorageCommitmentPushModel,
      sopInstance: '1.2.4',
      eventType: 1,
    });
  });

  test('is made completely or not at all', async () => {
    const failing = database.change(async (tables) => {
      await tables
        .insertInto('storage_commitment')
        .values({ peer: 'A', transaction_uid: '1', instances: '[]' })
        .execute();
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    expect(await sqlCommitmentStore(database).all()).toEqual([]);
  });

  test('refuses changes if the disk is full, and keeps its content', async () => {
    const store = sqlPerformedProcedureStepStore(database);
    await store.add('1', step);
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.tables);
    await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(database.tables);
    const large = { ...step, CommentsOnThePerformedProcedureStep: 'x'.repeat(100_000) };
    await expect(store.add('2', large)).rejects.toMatchObject({ status: Status.ResourceLimitation });
    await expect(store.change('1', () => large)).rejects.toMatchObject({ status: Status.ResourceLimitation });
    expect(await store.get('1')).toEqual(step);
    expect(await store.get('2')).toBeUndefined();
  });

  test('can only be used by one process', async () => {
    await expect(openWorkflowDatabase(folder)).rejects.toThrow(/the workflow database .*workflow\.db is in use/);
  });

  test('is refused with a remedy if it is damaged', async () => {
    const other = mkdtempSync(join(folder, 'damaged-'));
    writeFileSync(join(other, 'workflow.db'), 'no database '.repeat(1000));
    await expect(openWorkflowDatabase(other)).rejects.toMatchObject({
      name: 'DatabaseError',
      message: expect.stringMatching(/is damaged .*: restore it, or move it away/),
    });
  });
});
