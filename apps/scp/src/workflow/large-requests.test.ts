// Requests of the greatest size that a modality sends, over associations, to the stores of the archive.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  modalityPerformedProcedureStep,
  openSession,
  type Service,
  SopClass,
  Status,
  serve,
  storageCommitment,
  type UntypedDataSet,
  verification,
} from '@x/dimse';
import {
  EventDelivery,
  PerformedProcedureStepProvider,
  PerformedProcedureStepUser,
  StorageCommitmentProvider,
  StorageCommitmentUser,
} from '@x/dimse/workflow';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlCommitmentStore } from './workflow-database/sql-commitment-store.ts';
import { sqlEventQueue } from './workflow-database/sql-event-queue.ts';
import { sqlPerformedProcedureStepStore } from './workflow-database/sql-performed-procedure-step-store.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database/workflow-database.ts';

let folder: string;
let database: WorkflowDatabase;
const open: (() => unknown)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'large-requests-'));
  database = await openWorkflowDatabase(folder);
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Starts an archive with this service and Verification; gives a function that opens associations with it. */
async function start(service: Service) {
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    services: [service, serve(verification, { echo: () => Status.Success })],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => scp.close());
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'MODALITY', calledAeTitle: 'ARCHIVE' };
  return async (...serves: readonly Service[]) => {
    const session = await openSession({
      ...peer,
      services: [storageCommitment, modalityPerformedProcedureStep, verification],
      serves,
    });
    open.push(() => session.abort());
    return session;
  };
}

const reference = (at: number): UntypedDataSet => ({
  ReferencedSOPClassUID: SopClass.CTImageStorage,
  ReferencedSOPInstanceUID: `1.2.826.0.1.3680043.2.1143.1.${at}`,
});

test('commits to 50,000 instances, and answers another association meanwhile', async () => {
  const delivery = new EventDelivery({ queue: sqlEventQueue(database), resolvePeer: () => undefined });
  let looked = 0;
  let [before, most] = [0, 0];
  const turn = () => {
    most = Math.max(most, looked - before);
    before = looked;
    if (looked < 50_000) turning = setImmediate(turn);
  };
  let turning = setImmediate(turn);
  open.push(() => clearImmediate(turning));
  const answered: number[] = [];
  let echo: (() => Promise<void>) | undefined;
  const provider = new StorageCommitmentProvider({
    delivery,
    store: sqlCommitmentStore(database),
    holds: () => {
      if (++looked === 100) void echo?.();
      return true;
    },
  });
  open.push(
    () => delivery.close(),
    () => provider.close(),
  );
  const connect = await start(provider.service);
  const user = new StorageCommitmentUser();
  const [session, other] = [await connect(user.service), await connect()];
  echo = async () => {
    await other.use(verification).echo();
    answered.push(looked);
  };
  const instances = Array.from({ length: 50_000 }, (_, at) => ({
    sopClass: SopClass.CTImageStorage,
    sopInstance: `${reference(at).ReferencedSOPInstanceUID}`,
  }));
  const report = await user.requestCommitment(session, instances);
  expect([report.committed.length, report.failed.length]).toEqual([50_000, 0]);
  expect(looked).toBe(50_000);
  // Between two turns of the event loop.
  expect(most).toBeLessThanOrEqual(16);
  expect(answered).toHaveLength(1);
  expect(answered[0]).toBeLessThan(50_000);
}, 60_000);

test('keeps a performed procedure step with 20,000 images', async () => {
  const provider = new PerformedProcedureStepProvider({ store: sqlPerformedProcedureStepStore(database) });
  const session = await (await start(provider.service))();
  const scheduled = {
    ...{ StudyInstanceUID: '1.2', ReferencedStudySequence: [], AccessionNumber: '', RequestedProcedureID: '' },
    ...{ RequestedProcedureDescription: '', ScheduledProcedureStepID: 'S', ScheduledProcedureStepDescription: '' },
    ScheduledProtocolCodeSequence: [],
  };
  const step = await new PerformedProcedureStepUser().begin(session, {
    ScheduledStepAttributesSequence: [scheduled],
    PerformedProcedureStepID: 'P1',
    PerformedStationAETitle: 'CT1',
    PerformedProcedureStepStartDate: '20260101',
    PerformedProcedureStepStartTime: '120000',
    Modality: 'CT',
  });
  const series = {
    ...{ PerformingPhysicianName: '', ProtocolName: 'HEAD', OperatorsName: '', SeriesInstanceUID: '1.2.1' },
    ...{ SeriesDescription: '', RetrieveAETitle: '', ReferencedNonImageCompositeSOPInstanceSequence: [] },
    ReferencedImageSequence: Array.from({ length: 20_000 }, (_, at) => reference(at)),
  };
  await step.set(session, { PerformedSeriesSequence: [series] });
  await step.complete(session, {
    PerformedProcedureStepEndDate: '20260101',
    PerformedProcedureStepEndTime: '121500',
    PerformedSeriesSequence: [series],
  });
  const { attributes } = await session.use(modalityPerformedProcedureStep).get({ sopInstance: step.sopInstance });
  const [found] = (attributes?.PerformedSeriesSequence ?? []) as readonly {
    ReferencedImageSequence: readonly UntypedDataSet[];
  }[];
  expect(found?.ReferencedImageSequence).toHaveLength(20_000);
  expect(found?.ReferencedImageSequence.at(-1)).toEqual(reference(19_999));
}, 60_000);
