import { afterEach, describe, expect, test } from 'vitest';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { SopClass } from '../../registry/uids.generated.ts';
import {
  CommitmentFailure,
  STORAGE_COMMITMENT_INSTANCE,
  storageCommitment,
} from '../../services/storage-commitment.ts';
import { createScp } from '../../session/scp.ts';
import { openSession } from '../../session/scu.ts';
import { EventDelivery } from '../event-delivery/event-delivery.ts';
import { createEventQueue } from '../event-delivery/event-queue.ts';
import { createCommitmentTransactionStore } from './commitment-transaction-store.ts';
import { StorageCommitmentProvider, type StorageCommitmentProviderOptions } from './storage-commitment-provider.ts';
import { StorageCommitmentUser, type StorageCommitmentUserOptions } from './storage-commitment-user.ts';

const CT = SopClass.CTImageStorage;
const [one, two, three] = ['1.1', '1.2', '1.3'].map((sopInstance) => ({ sopClass: CT, sopInstance })) as [
  { sopClass: string; sopInstance: string },
  { sopClass: string; sopInstance: string },
  { sopClass: string; sopInstance: string },
];

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Starts a modality, which listens for reports, and an archive. */
async function start(
  provider: Partial<StorageCommitmentProviderOptions> = {},
  userOptions: StorageCommitmentUserOptions = {},
) {
  const user = new StorageCommitmentUser(userOptions);
  const modality = createScp({ aeTitle: 'MODALITY', services: [user.service] });
  const listening = await modality.listen({ port: 0, host: '127.0.0.1' });
  const delivery = new EventDelivery({
    resolvePeer: (calledAeTitle) => ({
      host: '127.0.0.1',
      port: listening.port,
      callingAeTitle: 'ARCHIVE',
      calledAeTitle,
    }),
  });
  const archive = new StorageCommitmentProvider({ holds: () => true, delivery, ...provider });
  const scp = createScp({ aeTitle: 'ARCHIVE', services: [archive.service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  open.push(modality, delivery, archive, scp);
  const connect = (serves = true) =>
    openSession({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'MODALITY',
      calledAeTitle: 'ARCHIVE',
      services: [storageCommitment],
      ...(serves && { serves: [user.service] }),
    });
  return { user, archive, delivery, connect };
}

describe('storage commitment', () => {
  test('is reported on the same association', async () => {
    const { user, connect } = await start();
    await using session = await connect();
    const report = await user.requestCommitment(session, [one, two]);
    expect(report).toMatchObject({ committed: [one, two], failed: [], unreported: [] });
    expect(user.pending).toBe(0);
  });

  test('is reported on a new association when the first has ended', async () => {
    const held = deferred();
    const { user, connect } = await start({ holds: () => held.promise.then(() => true as const) });
    const session = await connect();
    const reported = user.requestCommitment(session, [one]);
    await expect.poll(() => session.completed).toBe(1);
    await session.release();
    held.resolve(undefined);
    expect(await reported).toMatchObject({ committed: [one], failed: [] });
  });

  test('is reported later if it cannot be known now whether an instance is held', async () => {
    const failures: unknown[] = [];
    let isReachable = false;
    const { user, archive, connect } = await start({
      onFailure: ({ error }) => failures.push(error),
      holds: () => {
        if (!isReachable) throw new DimseError(Status.ResourceLimitation);
        return true;
      },
    });
    await using session = await connect();
    const reported = user.requestCommitment(session, [one, two]);
    await expect.poll(() => failures.length).toBe(1);
    isReachable = true;
    await archive.resume();
    expect(await reported).toMatchObject({ committed: [one, two], failed: [] });
  });

  test('is not delayed by the many requests of another peer', async () => {
    const held = deferred();
    const looked: string[] = [];
    const { delivery } = await start();
    const store = createCommitmentTransactionStore();
    const resumed = new StorageCommitmentProvider({
      delivery,
      store,
      holds: async ({ sopInstance }) => {
        looked.push(sopInstance);
        if (sopInstance.startsWith('1.')) await held.promise;
        return true as const;
      },
      onReport: ({ peer }) => looked.push(peer),
    });
    open.push(resumed);
    for (let at = 0; at < 20; at++)
      await store.put({
        peer: 'GREEDY',
        transactionUid: `1.${at}`,
        instances: [{ sopClass: CT, sopInstance: `1.${at}` }],
      });
    await store.put({ peer: 'MODEST', transactionUid: '2.1', instances: [{ sopClass: CT, sopInstance: '2.1' }] });
    await resumed.resume();
    await expect.poll(() => looked).toContain('MODEST');
    expect(looked).toEqual(['1.0', '1.1', '2.1', 'MODEST']);
    held.resolve(undefined);
    await expect.poll(() => looked.filter((each) => each === 'GREEDY').length).toBe(20);
  });

  test('is reported with the reason for each instance that is not stored', async () => {
    const { user, connect } = await start({
      holds: ({ sopInstance }) => {
        if (sopInstance === two.sopInstance) return CommitmentFailure.NoSuchObjectInstance;
        if (sopInstance === three.sopInstance) throw new Error('the disk is broken');
        return true;
      },
    });
    await using session = await connect();
    expect(await user.requestCommitment(session, [one, two, three])).toMatchObject({
      committed: [one],
      failed: [
        { ...two, reason: 0x0112 },
        { ...three, reason: 0x0110 },
      ],
    });
  });

  test('looks once for an instance that is referenced many times', async () => {
    const looked: string[] = [];
    const holds = ({ sopInstance }: { readonly sopInstance: string }) => {
      looked.push(sopInstance);
      return sopInstance === '1.1' || CommitmentFailure.NoSuchObjectInstance;
    };
    const { user, connect } = await start({ holds });
    const session = await connect();
    const report = await user.requestCommitment(session, [one, one, two, one, two, { ...one, sopClass: '1.2' }]);
    expect(looked).toEqual(['1.1', '1.2', '1.1']);
    expect([report.committed.length, report.failed.length]).toEqual([4, 2]);
    await session.release();
  });

  test('times out or is aborted, and a late report is handed over separately', async () => {
    const held = deferred();
    const late: string[] = [];
    const { user, connect } = await start(
      { holds: () => held.promise.then(() => true as const) },
      { onUnexpectedReport: ({ transactionUid }) => void late.push(transactionUid) },
    );
    await using session = await connect();
    const request = user.requestCommitment(session, [one], { transactionUid: '1.5', reportTimeout: 20 });
    await expect(request).rejects.toMatchObject({ name: 'CommitmentTimeoutError', transactionUid: '1.5' });
    const controller = new AbortController();
    const aborted = user.requestCommitment(session, [one], { signal: controller.signal });
    await expect.poll(() => session.completed).toBe(2);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    held.resolve(undefined);
    await expect.poll(() => late.includes('1.5')).toBe(true);
  });

  test.each<[string, object, number]>([
    ['another instance', { sopInstance: '1.2.3' }, 0x0112],
    ['another action', { actionType: 2 }, 0x0123],
    ['no information', { information: undefined }, 0x0114],
    ['no transaction', { information: { ReferencedSOPSequence: [{}] } }, 0x0115],
    ['no references', { information: { TransactionUID: '1.2' } }, 0x0115],
    ['empty references', { information: { TransactionUID: '1.2', ReferencedSOPSequence: [] } }, 0x0115],
    ['a reference without UIDs', { information: { TransactionUID: '1.2', ReferencedSOPSequence: [{}] } }, 0x0115],
  ])('is rejected for %s', async (_, changes, status) => {
    const { connect } = await start();
    await using session = await connect();
    const request = { sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: 1, ...changes };
    await expect(session.use(storageCommitment).action(request)).rejects.toMatchObject({ status });
  });

  test('is reported once if it is requested twice, and rejected if the Transaction UID is in use', async () => {
    const held = deferred();
    const reports: unknown[] = [];
    const { connect } = await start(
      { holds: () => held.promise.then(() => true as const) },
      { onUnexpectedReport: (report) => void reports.push(report) },
    );
    await using session = await connect();
    const { action } = session.use(storageCommitment);
    const request = (sopInstance: string) => {
      const reference = { ReferencedSOPClassUID: CT, ReferencedSOPInstanceUID: sopInstance };
      const information: DataSet = { TransactionUID: '1.7', ReferencedSOPSequence: [reference] };
      return action({ sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: 1, information });
    };
    await request('1.1');
    await request('1.1');
    await expect(request('1.2')).rejects.toMatchObject({ status: 0x0110, errorId: 0x0131 });
    held.resolve(undefined);
    await expect.poll(() => reports.length).toBe(1);
    expect(reports).toMatchObject([{ transactionUid: '1.7', committed: [one] }]);
  });

  test('is queued once if its report is handed to the delivery twice', async () => {
    const queue = createEventQueue();
    const unreachable = new EventDelivery({ queue, resolvePeer: () => undefined, firstDelay: 60_000 });
    open.push(unreachable);
    const store = createCommitmentTransactionStore();
    const failures: unknown[] = [];
    const { archive, connect } = await start({
      delivery: unreachable,
      store: {
        ...store,
        // As if the process ended just before.
        remove: () => (failures.length < 2 ? Promise.reject(new Error('no')) : store.remove('MODALITY', '1.2.3')),
      },
      onFailure: ({ error }) => void failures.push(error),
    });
    const session = await connect(false);
    const reference = { ReferencedSOPClassUID: CT, ReferencedSOPInstanceUID: '1.1' };
    const information: DataSet = { TransactionUID: '1.2.3', ReferencedSOPSequence: [reference] };
    const request = { sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: 1, information };
    await session.use(storageCommitment).action(request);
    await expect.poll(() => failures.length).toBe(1);
    await archive.resume();
    await expect.poll(() => failures.length).toBe(2);
    await archive.resume();
    await expect.poll(() => store.all()).toEqual([]);
    const first = await queue.next(new Set());
    await queue.remove(first?.id ?? '');
    expect([first?.report.peer, await queue.next(new Set())]).toEqual(['MODALITY', undefined]);
    await session.release();
  });

  test('is reported after a restart if it was accepted before', async () => {
    const store = createCommitmentTransactionStore();
    const reports: unknown[] = [];
    const { archive, delivery, connect } = await start(
      {
        store,
        holds: (_, signal) => new Promise((_settle, reject) => signal.addEventListener('abort', reject)),
      },
      { onUnexpectedReport: (report) => void reports.push(report) },
    );
    await using session = await connect();
    const information = {
      TransactionUID: '1.8',
      ReferencedSOPSequence: [{ ReferencedSOPClassUID: CT, ReferencedSOPInstanceUID: '1.1' }],
    };
    await session
      .use(storageCommitment)
      .action({ sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: 1, information });
    await archive.close();
    expect(await store.all()).toHaveLength(1);
    const restarted = new StorageCommitmentProvider({ holds: () => true, delivery, store });
    open.push(restarted);
    await restarted.resume();
    await expect.poll(() => reports.length).toBe(1);
    expect(reports).toMatchObject([{ transactionUid: '1.8', committed: [one] }]);
    expect(await store.all()).toHaveLength(0);
  });
});

function deferred(): { readonly promise: Promise<unknown>; readonly resolve: (value: unknown) => void } {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise<unknown>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
