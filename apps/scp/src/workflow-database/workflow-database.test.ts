import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CommitmentTransactionStore,
  createCommitmentTransactionStore,
  createEventQueue,
  createPerformedProcedureStepStore,
  type DataSet,
  type EventQueue,
  type PerformedProcedureStepStore,
  type QueuedEvent,
  Status,
} from '@x/dimse';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqlCommitmentStore } from './sql-commitment-store.ts';
import { sqlEventQueue } from './sql-event-queue.ts';
import { scheduledStepsOf, sqlPerformedProcedureStepStore } from './sql-performed-procedure-step-store.ts';
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
    RetrieveAETitle: 'ARCHIVE',
    ReferencedSOPSequence: [{ ReferencedSOPClassUID: '1.2', ReferencedSOPInstanceUID: '1.2.3' }],
    FailedSOPSequence: [{ ReferencedSOPInstanceUID: '1.2.4', FailureReason: 0x0112 }],
  };
  const report = { peer, sopClass: '1.2.840.10008.1.20.1', sopInstance: '1.2.840.10008.1.20.1.1', eventType: 2 };
  return { id, report: { ...report, information }, attempts: 0, notBefore: 0, ...rest };
};
const NOW = 1_795_000_000_000;

// What every event queue does, wherever it keeps its events.
describe.each<[string, (maximumEvents?: number) => EventQueue]>([
  ['in memory', (maximumEvents) => createEventQueue(maximumEvents === undefined ? {} : { maximumEvents })],
  [
    'in the workflow database',
    (maximumEvents) => sqlEventQueue(database, maximumEvents === undefined ? {} : { maximumEvents }),
  ],
])('an event queue %s', (_, create) => {
  const nobody: ReadonlySet<string> = new Set();

  test('gives events as they were put, until they are removed', async () => {
    const queue = create();
    expect(await queue.next(nobody)).toBeUndefined();
    const { information: _, ...bare } = event('2').report;
    for (const each of [event('1', { notBefore: NOW }), { ...event('2', { notBefore: NOW + 0.5 }), report: bare }]) {
      await queue.put(each);
      expect(await queue.next(nobody)).toEqual(each);
      await queue.remove(each.id);
      expect(await queue.next(nobody)).toBeUndefined();
    }
    await queue.remove('1');
  });

  test('gives the earliest first, and of the same time the one that came first', async () => {
    const queue = create();
    for (const [id, notBefore] of Object.entries({ z: NOW, y: NOW - 1, x: NOW, w: NOW - 1 }))
      await queue.put(event(id, { notBefore }));
    const order: string[] = [];
    for (let next = await queue.next(nobody); next; next = await queue.next(nobody)) {
      order.push(next.id);
      await queue.remove(next.id);
    }
    expect(order).toEqual(['y', 'w', 'z', 'x']);
  });

  test('replaces an event of the same id', async () => {
    const queue = create();
    await queue.put(event('1', { notBefore: 1 }));
    await queue.put(event('2', { notBefore: 2 }));
    const again = event('1', { notBefore: 3, attempts: 7 });
    await queue.put(again);
    expect((await queue.next(nobody))?.id).toBe('2');
    await queue.remove('2');
    expect(await queue.next(nobody)).toEqual(again);
    await queue.remove('1');
    expect(await queue.next(nobody)).toBeUndefined();
  });

  test('leaves out peers', async () => {
    const queue = create();
    await queue.put(event('1', { peer: 'A' }));
    await queue.put(event('2', { peer: 'B', notBefore: NOW }));
    expect((await queue.next(new Set(['A'])))?.id).toBe('2');
    expect(await queue.next(new Set(['A', 'B']))).toBeUndefined();
  });

  test('is full at last; replacing needs no room', async () => {
    const queue = create(2);
    await queue.put(event('1'));
    await queue.put(event('2'));
    await expect(queue.put(event('3'))).rejects.toMatchObject({ status: Status.ResourceLimitation });
    await queue.put(event('1', { attempts: 1 }));
    await queue.remove('2');
    await queue.put(event('3'));
  });

  test('takes many at once', async () => {
    const queue = create();
    await Promise.all(Array.from({ length: 50 }, (_, index) => queue.put(event(`${index}`, { notBefore: index }))));
    expect((await queue.next(nobody))?.id).toBe('0');
  });
});

const step: DataSet = {
  SpecificCharacterSet: 'ISO_IR 192',
  Modality: 'CT',
  PatientName: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' }],
  PerformedProcedureStepID: 'P1',
  PerformedProcedureStepStatus: 'IN PROGRESS',
  PerformedSeriesSequence: [],
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2', ScheduledProcedureStepID: 'S1', AccessionNumber: '' }],
};

// What every store of performed procedure steps does.
describe.each<[string, () => PerformedProcedureStepStore]>([
  ['in memory', () => createPerformedProcedureStepStore()],
  ['in the workflow database', () => sqlPerformedProcedureStepStore(database)],
])('a store of performed procedure steps %s', (_, create) => {
  test('keeps steps, each once', async () => {
    const store = create();
    expect(await store.get('1')).toBeUndefined();
    expect(await store.add('1', step)).toBe(true);
    expect(await store.add('1', { ...step, Modality: 'MR' })).toBe(false);
    expect(await store.get('1')).toEqual(step);
    const twice = await Promise.all([store.add('2', step), store.add('2', step)]);
    expect(twice.sort()).toEqual([false, true]);
  });

  test('changes steps, with nothing in between', async () => {
    const store = create();
    await store.add('1', step);
    const grow = (before: DataSet) => ({ ...before, StudyID: `${before.StudyID ?? ''}x` });
    await Promise.all(Array.from({ length: 20 }, () => store.change('1', grow)));
    expect((await store.get('1'))?.StudyID).toBe('x'.repeat(20));
    expect(await store.change('2', grow)).toBeUndefined();
  });

  test('leaves a step as it was when the change is refused', async () => {
    const store = create();
    await store.add('1', step);
    const refusal = new Error('no');
    await expect(
      (async () =>
        store.change('1', () => {
          throw refusal;
        }))(),
    ).rejects.toBe(refusal);
    expect(await store.get('1')).toEqual(step);
    expect(await store.change('1', (before) => ({ ...before, StudyID: 'S' }))).toEqual({ ...step, StudyID: 'S' });
  });
});

const transaction = (transactionUid: string, peer = 'A', count = 2) => ({
  transactionUid,
  peer,
  instances: Array.from({ length: count }, (_, index) => ({ sopClass: '1.2', sopInstance: `1.2.${index}` })),
});

// What every store of requests for storage commitment does.
describe.each<[string, (maximumTransactions?: number) => CommitmentTransactionStore]>([
  ['in memory', (maximumTransactions = 10) => createCommitmentTransactionStore({ maximumTransactions })],
  ['in the workflow database', (maximumTransactions = 10) => sqlCommitmentStore(database, { maximumTransactions })],
])('a store of commitment requests %s', (_, create) => {
  test('keeps requests by peer and transaction, until they are removed', async () => {
    const store = create();
    const requests = [transaction('1'), transaction('1', 'B', 1), transaction('2', 'A', 0)];
    for (const each of requests) await store.put(each);
    expect(await store.get('A', '1')).toEqual(requests[0]);
    expect(await store.get('B', '2')).toBeUndefined();
    expect(await store.all()).toEqual(requests);
    await store.remove('A', '1');
    await store.remove('A', '9');
    expect(await store.all()).toEqual(requests.slice(1));
  });

  test('is full at last', async () => {
    const store = create(1);
    await store.put(transaction('1'));
    await expect(store.put(transaction('2'))).rejects.toMatchObject({ status: Status.ResourceLimitation });
  });
});

describe('the workflow database', () => {
  test('has all there was after a restart', async () => {
    const instances = transaction('1', 'A', 3);
    await sqlEventQueue(database).put(event('1', { attempts: 3, notBefore: NOW }));
    await sqlPerformedProcedureStepStore(database).add('1', step);
    await sqlCommitmentStore(database).put(instances);
    await reopen();
    expect(await sqlEventQueue(database).next(new Set())).toEqual(event('1', { attempts: 3, notBefore: NOW }));
    expect(await sqlPerformedProcedureStepStore(database).get('1')).toEqual(step);
    expect(await sqlCommitmentStore(database).all()).toEqual([instances]);
  });

  test('tells what was performed for scheduled steps, the latest change last', async () => {
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

  test.each<[string, DataSet, readonly string[]]>([
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
  ])('knows which scheduled steps were performed: %s', (_, item, expected) => {
    const found = scheduledStepsOf({ ScheduledStepAttributesSequence: [item] });
    expect(found.map((key) => Object.values(key).join(' '))).toEqual(expected);
  });

  test('is made together or not at all', async () => {
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

  test('that is full refuses for want of resources, and has all there was', async () => {
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

  test('is one process’s alone', async () => {
    await expect(openWorkflowDatabase(folder)).rejects.toThrow(/the workflow database .*workflow\.db is in use/);
  });

  test('that is damaged is told, with what to do', async () => {
    const other = mkdtempSync(join(folder, 'damaged-'));
    writeFileSync(join(other, 'workflow.db'), 'no database '.repeat(1000));
    await expect(openWorkflowDatabase(other)).rejects.toMatchObject({
      name: 'DatabaseError',
      message: expect.stringMatching(/is damaged .*: restore it, or move it away/),
    });
  });
});
