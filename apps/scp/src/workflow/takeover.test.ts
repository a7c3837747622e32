// Several processes of an archive on one database, some of which are killed: their work is done by the others.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  makeUid,
  openSession,
  REQUEST_STORAGE_COMMITMENT,
  type Scp,
  SopClass,
  STORAGE_COMMITMENT_INSTANCE,
  Status,
  serve,
  storageCommitment,
  unifiedProcedureStep,
} from '@x/dimse';
import { UnifiedProcedureStepUser } from '@x/dimse/workflow';
import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SharingArchive, sharingArchive } from '../../test/sharing-archive.ts';
import { type SharingProcesses, sharingProcesses } from '../../test/sharing-processes.ts';
import { sqlEventQueue } from './workflow-database/sql-event-queue.ts';

const server = await testPostgres();
/** Milliseconds: short, because the tests wait until it has passed, but not for a process on a busy machine. */
const LEASE = Number(process.env.DIMSE_TEST_LEASE ?? 5000);
const PEERS = ['PEER1', 'PEER2', 'PEER3'];

interface Told {
  readonly peer: string;
  readonly uid: string;
  /** AE title of the process that told it. */
  readonly by: string;
  /** By performance.now(). */
  readonly at: number;
}

describe.skipIf(server === undefined)('processes that share a database', () => {
  let folder: string;
  let processes: SharingProcesses;
  let peer: Scp | undefined;
  let port: number;
  const archives = new Map<string, SharingArchive>();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'takeover-'));
    processes = sharingProcesses(server ?? '');
  });
  afterEach(async () => {
    for (const archive of archives.values()) await archive.stop('SIGKILL');
    archives.clear();
    await peer?.close();
    await processes[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** Starts peers that record the events they receive, all on one port. `answer` may wait. */
  async function startPeers(answer: (told: Told, count: number) => unknown): Promise<readonly Told[]> {
    const told: Told[] = [];
    const service = serve(
      storageCommitment,
      {
        async eventReport({ information }, { calledAeTitle, callingAeTitle }) {
          const uid = String(information?.TransactionUID);
          const one = { peer: calledAeTitle, uid, by: callingAeTitle, at: performance.now() };
          told.push(one);
          await answer(one, told.length);
          return Status.Success;
        },
      },
      { roles: { scu: false, scp: true } },
    );
    peer = createScp({ aeTitle: 'PEER', services: [service], accept: () => true });
    ({ port } = await peer.listen({ port: 0, host: '127.0.0.1' }));
    return told;
  }

  async function startArchive(aeTitle: string): Promise<SharingArchive> {
    const peers = PEERS.flatMap((each) => ['--peer', `${each}=127.0.0.1:${port}`]);
    const args = ['--aet', aeTitle, '--promiscuous-called', '--data', join(folder, aeTitle), ...peers];
    const archive = await sharingArchive(processes.url, LEASE, args);
    archives.set(aeTitle, archive);
    return archive;
  }

  async function kill(aeTitle: string): Promise<void> {
    const archive = archives.get(aeTitle);
    archives.delete(aeTitle);
    await archive?.stop('SIGKILL');
  }

  test('tell each event once and in order, although two of three are killed in the middle', async () => {
    const killed: Told[] = [];
    const told = await startPeers(async (one, count) => {
      if (count !== 20 && count !== 50) return undefined;
      killed.push(one);
      await kill(one.by);
      // The answer finds no association.
      return undefined;
    });
    const { workflow } = await processes.start();
    const queue = sqlEventQueue(workflow);
    const expected = new Map<string, string[]>(PEERS.map((each) => [each, []]));
    const put = async (number: number) => {
      const name = PEERS[number % 3] as string;
      const uid = `1.${number}`;
      expected.get(name)?.push(uid);
      await queue.put({
        ...{ id: uid, attempts: 0, notBefore: Date.now() },
        report: {
          ...{ peer: name, sopClass: SopClass.StorageCommitmentPushModel, sopInstance: STORAGE_COMMITMENT_INSTANCE },
          ...{ eventType: 1, information: { TransactionUID: uid } },
        },
      });
    };
    await Promise.all(['ONE', 'TWO', 'THREE'].map(startArchive));
    for (let number = 0; number < 90; number++) await put(number);
    await expect.poll(() => queue.length(), { timeout: 80_000 }).toBe(0);
    expect(killed).toHaveLength(2);
    for (const [name, uids] of expected) {
      const all = told.filter((one) => one.peer === name);
      // A process that is killed tells several peers at once. Those events are told again, before any other of their peer.
      const again = all.filter((one, at) => one.uid === all[at + 1]?.uid);
      for (const { by } of again) expect(killed.map((one) => one.by)).toContain(by);
      expect(all.filter((one) => !again.includes(one)).map(({ uid }) => uid)).toEqual(uids);
    }
    for (const { peer: name, uid, at, by } of killed) {
      const again = told.find((one) => one.peer === name && one.uid === uid && one.at > at);
      expect(again).toBeDefined();
      expect(again?.by).not.toBe(by);
      process.stdout.write(
        `taken over after ${(((again?.at ?? 0) - at) / 1000).toFixed(1)} s, lease ${LEASE / 1000} s\n`,
      );
    }
  });

  test('report a commitment request once, although the process that accepted it is killed', async () => {
    const told = await startPeers(() => {});
    const first = await startArchive('ONE');
    const second = await startArchive('TWO');
    const connect = (archive: SharingArchive) =>
      openSession({
        ...{ host: '127.0.0.1', port: archive.port, callingAeTitle: 'PEER1', calledAeTitle: 'ANY' },
        services: [storageCommitment],
      });
    const references = Array.from({ length: 5_000 }, (_, at) => ({
      ReferencedSOPClassUID: SopClass.CTImageStorage,
      ReferencedSOPInstanceUID: `1.2.${at}`,
    }));
    const ask = async (archive: SharingArchive) => {
      const uid = makeUid();
      const session = await connect(archive);
      await session.use(storageCommitment).action({
        ...{ sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: REQUEST_STORAGE_COMMITMENT },
        information: { TransactionUID: uid, ReferencedSOPSequence: references },
      });
      return { uid, session };
    };
    const lost = await ask(first);
    const killedAt = performance.now();
    await kill('ONE');
    lost.session.abort();
    const kept = await ask(second);
    await expect
      .poll(() => told.map(({ uid }) => uid).sort(), { timeout: 80_000 })
      .toEqual([lost.uid, kept.uid].sort());
    const again = told.find(({ uid }) => uid === lost.uid);
    process.stdout.write(
      `reported ${(((again?.at ?? 0) - killedAt) / 1000).toFixed(1)} s after the kill, lease ${LEASE / 1000} s\n`,
    );
    kept.session.abort();
    const { workflow } = await processes.start();
    await expect.poll(() => sqlEventQueue(workflow).length()).toBe(0);
    expect(told).toHaveLength(2);
  });

  test('tell the subscribers of work items of a start of the whole service, and of no other', async () => {
    const events: string[] = [];
    const user = new UnifiedProcedureStepUser({
      onEvent: ({ information }) => void events.push(String(information.SCPStatus ?? information.ProcedureStepState)),
    });
    peer = createScp({ aeTitle: 'PEER1', services: [user.service] });
    ({ port } = await peer.listen({ port: 0, host: '127.0.0.1' }));
    const subscribe = async (archive: SharingArchive) => {
      const session = await openSession({
        ...{ host: '127.0.0.1', port: archive.port, callingAeTitle: 'PEER1', calledAeTitle: 'ANY' },
        services: [unifiedProcedureStep],
      });
      await user.subscribe(session, { receivingAeTitle: 'PEER1' });
      await session.release();
    };
    await subscribe(await startArchive('ONE'));
    // A rolling restart.
    const two = await startArchive('TWO');
    await archives.get('ONE')?.stop('SIGTERM');
    archives.delete('ONE');
    await startArchive('THREE');
    const session = await openSession({
      ...{ host: '127.0.0.1', port: two.port, callingAeTitle: 'PEER1', calledAeTitle: 'ANY' },
      services: [unifiedProcedureStep],
    });
    await user.create(session, {
      ScheduledProcedureStepPriority: 'HIGH',
      ProcedureStepLabel: 'Segment',
      ScheduledProcedureStepStartDateTime: '20261121',
      InputReadinessState: 'READY',
    });
    await session.release();
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expect(events).not.toContain('RESTARTED');
    for (const aeTitle of ['TWO', 'THREE']) await kill(aeTitle);
    await startArchive('FOUR');
    await expect.poll(() => events).toContain('RESTARTED');
  });
});
