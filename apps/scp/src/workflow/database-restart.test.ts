// A shared database that is stopped without warning while events are delivered, and started again.

import {
  createScp,
  openSession,
  SopClass,
  STORAGE_COMMITMENT_INSTANCE,
  Status,
  serve,
  storageCommitment,
  unifiedProcedureStep,
} from '@x/dimse';
import { EventDelivery, UnifiedProcedureStepProvider, UnifiedProcedureStepUser } from '@x/dimse/workflow';
import { testPostgres } from '@x/testing/services';
import { expect, test } from 'vitest';
import { ownPostgresql } from '../../test/own-postgresql.ts';
import { type SharingProcess, sharingProcesses } from '../../test/sharing-processes.ts';
import { sqlEventQueue } from './workflow-database/sql-event-queue.ts';
import { sqlWorkItemStore } from './workflow-database/sql-work-item-store.ts';

const PEERS = ['PEER1', 'PEER2', 'PEER3'];
const NEW = {
  ScheduledProcedureStepPriority: 'HIGH',
  ProcedureStepLabel: 'Segment',
  ScheduledProcedureStepStartDateTime: '20261121',
  InputReadinessState: 'READY',
};

test.skipIf((await testPostgres()) === undefined)(
  'all events are delivered in order, and requests succeed again, when the database is back',
  async () => {
    await using postgresql = await ownPostgresql();
    await using processes = sharingProcesses(postgresql.url);
    const told: { readonly peer: string; readonly uid: string }[] = [];
    let stopped: Promise<void> | undefined;
    const service = serve(
      storageCommitment,
      {
        async eventReport({ information }, { calledAeTitle }) {
          told.push({ peer: calledAeTitle, uid: String(information?.TransactionUID) });
          if (told.length === 15) stopped = postgresql.stopImmediately();
          // Some reports are answered while the database is away.
          if (told.length >= 15) await stopped;
          return Status.Success;
        },
      },
      { roles: { scu: false, scp: true } },
    );
    await using peer = createScp({ aeTitle: 'PEER', services: [service], accept: () => true });
    const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
    const [first, second] = [await processes.start({ fsync: true }), await processes.start({ fsync: true })];
    const queue = sqlEventQueue(first.workflow);
    const uids = Array.from({ length: 60 }, (_, number) => `1.${number}`);
    for (const [number, uid] of uids.entries())
      await queue.put({
        ...{ id: uid, attempts: 0, notBefore: Date.now() },
        report: {
          ...{ peer: PEERS[number % 3] as string, sopClass: SopClass.StorageCommitmentPushModel, eventType: 1 },
          ...{ sopInstance: STORAGE_COMMITMENT_INSTANCE, information: { TransactionUID: uid } },
        },
      });
    await using manager = createScp({
      aeTitle: 'MANAGER',
      services: [new UnifiedProcedureStepProvider({ store: sqlWorkItemStore(first.workflow) }).service],
    });
    const listener = await manager.listen({ port: 0, host: '127.0.0.1' });
    const address = { host: '127.0.0.1', port: listener.port, callingAeTitle: 'USER', calledAeTitle: 'MANAGER' };
    await using session = await openSession({ ...address, services: [unifiedProcedureStep] });
    const user = new UnifiedProcedureStepUser();
    await user.create(session, NEW, { sopInstance: '1.2.3' });
    const delivering = ({ workflow }: SharingProcess) =>
      new EventDelivery({
        queue: sqlEventQueue(workflow),
        firstDelay: 100,
        resolvePeer: (calledAeTitle) => ({ host: '127.0.0.1', port, callingAeTitle: 'ARCHIVE', calledAeTitle }),
      });
    await using _one = delivering(first);
    await using _other = delivering(second);
    await expect.poll(() => stopped !== undefined).toBe(true);
    await stopped;
    await expect(user.get(session, '1.2.3')).rejects.toMatchObject({ status: Status.ResourceLimitation });
    await expect(user.create(session, NEW)).rejects.toMatchObject({ status: Status.ResourceLimitation });
    const search = async () => {
      let count = 0;
      for await (const _ of user.find(session, {})) count++;
      return count;
    };
    await expect(search()).rejects.toMatchObject({ status: Status.OutOfResources });
    await postgresql.start();
    await expect.poll(() => queue.length().catch(() => -1), { timeout: 80_000 }).toBe(0);
    expect((await user.get(session, '1.2.3')).attributes).toMatchObject({ ProcedureStepLabel: 'Segment' });
    await user.create(session, NEW);
    expect(await search()).toBe(2);
    for (const name of PEERS) {
      const all = told.filter((one) => one.peer === name).map(({ uid }) => uid);
      // A report may be sent again if its removal was lost with the database, before any other.
      const once = all.filter((uid, at) => uid !== all[at - 1]);
      expect(once).toEqual(uids.filter((_, number) => PEERS[number % 3] === name));
    }
  },
);
