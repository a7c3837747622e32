// One work item that several associations change at the same time, in the database of the archive.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, openSession, type Scp, type Session, unifiedProcedureStep } from '@x/dimse';
import { UnifiedProcedureStepProvider, UnifiedProcedureStepUser } from '@x/dimse/workflow';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlWorkItemStore } from './workflow-database/sql-work-item-store.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database/workflow-database.ts';

let folder: string;
let database: WorkflowDatabase;
let manager: Scp;
let port: number;
const sessions: Session[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'contested-'));
  database = await openWorkflowDatabase(folder);
  const provider = new UnifiedProcedureStepProvider({ store: sqlWorkItemStore(database) });
  manager = createScp({ aeTitle: 'MANAGER', services: [provider.service] });
  ({ port } = await manager.listen({ port: 0, host: '127.0.0.1' }));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await manager.close();
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function connect(): Promise<Session> {
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'PERFORMER', calledAeTitle: 'MANAGER' };
  const session = await openSession({ ...peer, services: [unifiedProcedureStep] });
  sessions.push(session);
  return session;
}

const NEW = {
  ScheduledProcedureStepPriority: 'HIGH',
  ProcedureStepLabel: 'Segment',
  ScheduledProcedureStepStartDateTime: '20261121',
  InputReadinessState: 'READY',
  // Long enough to be converted in parts.
  CommentsOnTheScheduledProcedureStep: 'x'.repeat(500_000),
};

test('is claimed by one of them', async () => {
  const user = new UnifiedProcedureStepUser();
  await user.create(await connect(), NEW, { sopInstance: '1.2.3' });
  const performers = await Promise.all(Array.from({ length: 5 }, connect));
  const claims = await Promise.allSettled(performers.map((session) => user.claim(session, '1.2.3')));
  const reasons = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason.status] : []));
  expect(reasons).toEqual([0xc301, 0xc301, 0xc301, 0xc301]);
});

test('has the changes of all of them', async () => {
  const user = new UnifiedProcedureStepUser();
  await user.create(await connect(), NEW, { sopInstance: '1.2.3' });
  const peers = await Promise.all(Array.from({ length: 4 }, connect));
  const changes = [
    { WorklistLabel: 'A' },
    { ProcedureStepLabel: 'B' },
    { ScheduledProcedureStepPriority: 'LOW' },
    { InputReadinessState: 'INCOMPLETE' },
  ];
  // The last one ends its association in the middle.
  const ended = user.set(await connect(), '1.2.3', { ExpectedCompletionDateTime: '2027' }).catch(() => {});
  sessions.pop()?.abort();
  await Promise.all(changes.map((change, at) => user.set(peers[at] as Session, '1.2.3', change)));
  await ended;
  const { attributes } = await user.get(await connect(), '1.2.3');
  expect(attributes).toMatchObject(Object.assign({}, ...changes));
});
