import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { DimseError, makeUid, Status, type UntypedDataSet } from '@x/dimse';
import { toDicomJson } from '@x/dimse/data-set';
import {
  commitmentTransactionStoreContract,
  eventQueueContract,
  performedProcedureStepStoreContract,
  type StoreContract,
  sharedCommitmentTransactionStoreContract,
  sharedEventQueueContract,
  workItemStoreContract,
} from '@x/dimse/store-contracts';
import type { QueuedEvent, WorkItem } from '@x/dimse/workflow';
import { testPostgres } from '@x/testing/services';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SharingProcess, type SharingProcesses, sharingProcesses } from '../../../test/sharing-processes.ts';
import { wireTo } from '../../../test/test-database.ts';
import { openWorklist } from '../../worklist/worklist.ts';
import { sqlCommitmentStore } from './sql-commitment-store.ts';
import { sqlEventQueue } from './sql-event-queue.ts';
import {
  type SqlPerformedProcedureStepStore,
  sqlPerformedProcedureStepStore,
} from './sql-performed-procedure-step-store.ts';
import { sqlWorkItemStore } from './sql-work-item-store.ts';

const server = await testPostgres();
const quiet = createLogger({ verbosity: 0, format: 'json', quiet: true });

let processes: SharingProcesses;
beforeEach(() => {
  processes = sharingProcesses(server ?? '');
});
afterEach(async () => {
  await processes[Symbol.asyncDispose]();
});

const pair = async () => [await processes.start(), await processes.start()] as const;

const CONTRACTS: readonly (readonly [store: string, contract: readonly StoreContract[]])[] = [
  [
    'an event queue',
    eventQueueContract(async (maximumEvents) =>
      sqlEventQueue((await processes.start()).workflow, maximumEvents === undefined ? {} : { maximumEvents }),
    ),
  ],
  [
    'a store of performed procedure steps',
    performedProcedureStepStoreContract(async (maximumSteps = 100) =>
      sqlPerformedProcedureStepStore((await processes.start()).workflow, { maximumSteps }),
    ),
  ],
  [
    'a store of commitment requests',
    commitmentTransactionStoreContract(async (maximumTransactions = 100) =>
      sqlCommitmentStore((await processes.start()).workflow, { maximumTransactions }),
    ),
  ],
  [
    'a store of work items',
    workItemStoreContract(async (room = 100) =>
      sqlWorkItemStore((await processes.start()).workflow, { maximumItems: room, maximumSubscriptions: room }),
    ),
  ],
  [
    'an event queue of two processes',
    sharedEventQueueContract(async () => {
      const [one, other] = await pair();
      return [sqlEventQueue(one.workflow), sqlEventQueue(other.workflow)];
    }),
  ],
  [
    'a store of commitment requests of two processes',
    sharedCommitmentTransactionStoreContract(async () => {
      const [one, other] = await pair();
      return [storeOf(one), storeOf(other)];
    }),
  ],
];

function storeOf({ workflow }: SharingProcess) {
  return sqlCommitmentStore(workflow, { events: sqlEventQueue(workflow) });
}

describe.skipIf(server === undefined).each(CONTRACTS)('%s in a shared database', (_, contract) => {
  test.each(contract)('$name', ({ check }) => check());
});

const item: WorkItem = { state: 'SCHEDULED', attributes: { ProcedureStepLabel: 'Segment' } };
const step: UntypedDataSet = {
  PerformedProcedureStepStatus: 'IN PROGRESS',
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2', ScheduledProcedureStepID: 'S1' }],
};
const ROUNDS = 20;

describe.skipIf(server === undefined)('the workflow tables of a shared database', () => {
  test('have a work item and a performed step that two processes add at the same time from one of them', async () => {
    const [one, other] = await pair();
    const items = [sqlWorkItemStore(one.workflow), sqlWorkItemStore(other.workflow)] as const;
    const steps = [
      sqlPerformedProcedureStepStore(one.workflow),
      sqlPerformedProcedureStepStore(other.workflow),
    ] as const;
    for (let round = 0; round < ROUNDS; round++) {
      const uid = `1.2.${round}`;
      const added = await Promise.all([items[0].add(uid, item, 'A'), items[1].add(uid, item, 'B')]);
      expect(added.toSorted()).toEqual([false, true]);
      const created = await Promise.all([steps[0].add(uid, step, 'A'), steps[1].add(uid, step, 'B')]);
      expect(created.toSorted()).toEqual([false, true]);
    }
    expect((await steps[0].performedFor(['1.2'])).length).toBe(ROUNDS);
  });

  test('give a work item to one of two performers, and refuse the other one', async () => {
    const both = (await pair()).map(({ workflow }) => sqlWorkItemStore(workflow));
    const claim =
      (transactionUid: string) =>
      (before: WorkItem): WorkItem => {
        if (before.state !== 'SCHEDULED') throw new DimseError(0xc302);
        return { ...before, state: 'IN PROGRESS', transactionUid };
      };
    for (let round = 0; round < ROUNDS; round++) {
      const uid = `1.2.${round}`;
      await both[0]?.add(uid, item);
      const outcomes = await Promise.allSettled(both.map((store) => store.change(uid, claim(makeUid()))));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const won = outcomes.find(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<WorkItem>;
      expect(await both[1]?.get(uid)).toEqual(won.value);
      const lost = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
      expect(lost.reason.status).toBe(0xc302);
    }
  });

  test('have every change of a step that several processes make at the same time', async () => {
    const stores = (await pair()).map(({ workflow }) => sqlPerformedProcedureStepStore(workflow));
    await stores[0]?.add('1', step);
    const grow = (before: UntypedDataSet) => ({ ...before, StudyID: `${before.StudyID ?? ''}x` });
    await Promise.all(Array.from({ length: 30 }, (_, at) => stores[at % 2]?.change('1', grow)));
    expect((await stores[1]?.get('1'))?.StudyID).toBe('x'.repeat(30));
  });

  test('keep a work item that is locked against deletion while it is removed', async () => {
    const [one, other] = (await pair()).map(({ workflow }) => sqlWorkItemStore(workflow));
    for (let round = 0; round < ROUNDS; round++) {
      const uid = `1.2.${round}`;
      await one?.add(uid, { ...item, state: 'COMPLETED', transactionUid: '1', finishedAt: 1 });
      const [removed, isSubscribed] = await Promise.all([
        one?.removeFinished(2),
        other?.subscribe({ peer: 'A', sopInstance: uid, hasDeletionLock: true }),
      ]);
      expect([removed, (await one?.get(uid)) !== undefined]).toEqual(isSubscribed ? [0, true] : [1, false]);
    }
  });

  test('give a worklist of one process the status of a step that another process has set', async () => {
    const [one, other] = (await pair()).map(({ workflow }) => sqlPerformedProcedureStepStore(workflow)) as [
      SqlPerformedProcedureStepStore,
      SqlPerformedProcedureStepStore,
    ];
    const folder = mkdtempSync(join(tmpdir(), 'shared-worklist-'));
    const items = Array.from({ length: 600 }, (_, at) => ({
      StudyInstanceUID: `1.${at}`,
      ScheduledProcedureStepSequence: [{ ScheduledProcedureStepID: 'S1' }],
    }));
    writeFileSync(join(folder, 'items.json'), JSON.stringify(items.map((each) => toDicomJson(each))));
    await using worklist = await openWorklist(folder, other, quiet, true);
    const statuses = async () => {
      const found: Record<string, number> = {};
      for await (const { ScheduledProcedureStepSequence } of worklist.itemsFor('ANY')) {
        const [item] = ScheduledProcedureStepSequence as readonly UntypedDataSet[];
        const status = String(item?.ScheduledProcedureStepStatus);
        found[status] = (found[status] ?? 0) + 1;
      }
      return found;
    };
    expect(await statuses()).toEqual({ SCHEDULED: 600 });
    const scheduled = [{ StudyInstanceUID: '1.599', ScheduledProcedureStepID: 'S1' }];
    await one.add('1', { ...step, ScheduledStepAttributesSequence: scheduled });
    expect(await statuses()).toEqual({ SCHEDULED: 599, STARTED: 1 });
    await one.change('1', (before) => ({ ...before, PerformedProcedureStepStatus: 'COMPLETED' }));
    expect(await statuses()).toEqual({ SCHEDULED: 599, COMPLETED: 1 });
    rmSync(folder, { recursive: true });
  });

  test('count what other processes have added', async () => {
    const [one, other] = (await pair()).map(({ workflow }) => sqlWorkItemStore(workflow, { maximumItems: 4 }));
    for (const uid of ['1', '2']) await one?.add(uid, item, 'A');
    for (const store of [other, one])
      await expect(store?.add('3', item, 'A')).rejects.toMatchObject({ status: Status.ResourceLimitation });
    for (const uid of ['3', '4']) await other?.add(uid, item, 'B');
    await expect(other?.add('5', item, 'C')).rejects.toMatchObject({ status: Status.ResourceLimitation });
  });

  test('refuse requests while the database cannot be used, and say so', async () => {
    await using wire = await wireTo(processes.url);
    const { workflow } = await processes.start({ url: wire.url });
    const items = sqlWorkItemStore(workflow);
    const steps = sqlPerformedProcedureStepStore(workflow);
    await items.add('1', item);
    wire.cut();
    const refusal = { status: Status.ResourceLimitation, errorComment: 'the database cannot be used now' };
    await expect(items.get('1')).rejects.toMatchObject(refusal);
    await expect(items.add('2', item)).rejects.toMatchObject(refusal);
    await expect(steps.change('1', (before) => before)).rejects.toMatchObject(refusal);
    await expect(items.items()[Symbol.asyncIterator]().next()).rejects.toMatchObject(refusal);
    wire.mend();
    expect(await items.get('1')).toEqual(item);
  });

  test('keep milliseconds and parts of them', async () => {
    const { workflow } = await processes.start();
    const queue = sqlEventQueue(workflow);
    const report = { peer: 'A', sopClass: '1.2', sopInstance: '1.2.3', eventType: 1 };
    const event: QueuedEvent = { id: '1', attempts: 3, notBefore: 1_795_000_000_000.25, report };
    await queue.put(event);
    expect(await queue.next(new Set())).toEqual(event);
    const steps = sqlPerformedProcedureStepStore(workflow);
    await steps.add('1', { ...step, PerformedProcedureStepStatus: 'COMPLETED' });
    expect(await steps.removeFinished(Date.now() - 60_000.5)).toBe(0);
    expect(await steps.removeFinished(Number.POSITIVE_INFINITY)).toBe(1);
  });

  test('give the steps that ended long ago in batches, and keep those of listed studies', async () => {
    const { workflow } = await processes.start();
    const steps = sqlPerformedProcedureStepStore(workflow);
    await sql`insert into performed_procedure_step (sop_instance_uid, status, change, finished_at, attributes)
      select '1.' || n, 'COMPLETED', nextval('performed_procedure_step_change'), 7, '' from generate_series(1, 250) n`.execute(
      workflow.tables,
    );
    await sql`insert into performed_for values ('1.2', 'S', '1.5'), ('1.3', 'S', '1.6')`.execute(workflow.tables);
    expect(await steps.removeFinished(8, new Set(['1.2']))).toBe(249);
    expect((await steps.latest(10)).length).toBe(1);
  });
});
