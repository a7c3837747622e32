import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventQueue, type QueuedEvent } from '@x/dimse/workflow';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlEventQueue } from './sql-event-queue.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database.ts';

let folder: string;
let database: WorkflowDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'event-queue-'));
  database = await openWorkflowDatabase(folder);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const peers = fc.constantFrom('A', 'B', 'C');
const ids = fc.integer({ min: 0, max: 6 }).map(String);
const event: fc.Arbitrary<QueuedEvent> = fc.record({
  id: ids,
  attempts: fc.nat(100),
  notBefore: fc.oneof(fc.nat(5), fc.double({ min: 1.7e12, max: 1.8e12, noNaN: true })),
  report: fc.record({
    peer: peers,
    sopClass: fc.constant('1.2.840.10008.1.20.1'),
    sopInstance: fc.constantFrom('1.2', '1.3'),
    eventType: fc.nat(0xffff),
    information: fc.record({ TransactionUID: fc.constantFrom('1.2', '2.25.3'), PatientComments: fc.string() }).map(
      // As it comes from a data set: without the spaces that mean nothing, and without control characters.
      ({ PatientComments, ...rest }) => ({ ...rest, PatientComments: PatientComments.replace(/[^\w ]/g, '').trim() }),
    ),
  }),
});
const step = fc.oneof(
  fc.record({ does: fc.constant('put' as const), event }),
  fc.record({ does: fc.constant('remove' as const), id: ids }),
  fc.record({ does: fc.constant('next' as const), except: fc.uniqueArray(peers) }),
  fc.record({ does: fc.constant('restart' as const) }),
);

test('behaves like a queue in memory across restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await database.tables.deleteFrom('event_report').execute();
      const options = { maximumEvents: 5 };
      const memory = createEventQueue(options);
      const outcome = (done: Promise<unknown>) => done.catch((error: { status: number }) => error.status);
      for (const one of steps) {
        const queue = sqlEventQueue(database, options);
        if (one.does === 'put')
          expect(await outcome(queue.put(one.event))).toEqual(await outcome(memory.put(one.event)));
        else if (one.does === 'remove') await Promise.all([queue.remove(one.id), memory.remove(one.id)]);
        else if (one.does === 'next') {
          const except = new Set(one.except);
          expect(await queue.next(except)).toEqual(await memory.next(except));
        } else {
          await database[Symbol.asyncDispose]();
          database = await openWorkflowDatabase(folder);
        }
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
