// The provider of storage commitment: looks for the instances of a request and reports the outcome by event delivery
// (PS3.4 Annex J).

import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { items, uid } from '../../data-set/access.ts';
import type { DataSet, DataSetInput } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import {
  CommitmentFailure,
  REQUEST_STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  StorageCommitmentEvent,
  storageCommitment,
} from '../../services/storage-commitment.ts';
import { type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import { inTurns, nextTurn } from '../../turns.ts';
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import type { EventReport } from '../event-delivery/event-queue.ts';
import { type OnFailure, type Provider, reportFailure } from '../provider.ts';
import {
  type CommitmentTransaction,
  type CommitmentTransactionStore,
  createCommitmentTransactionStore,
} from './commitment-transaction-store.ts';
import { asItem, isSameList, type ReferencedInstance, referencedInstances } from './referenced-instance.ts';

/** Options of a `StorageCommitmentProvider`. */
export interface StorageCommitmentProviderOptions {
  /**
   * Decides whether an instance is stored safely: `true`, or the Failure Reason (see `CommitmentFailure`). An error it throws
   * is reported as a processing failure of that instance; a DimseError 0213H means that it cannot be known now, and delays the
   * report until `resume`. `signal` aborts when the provider is closed. `session` is the one
   * the request came on; undefined if that was before a restart.
   */
  readonly holds: (
    instance: ReferencedInstance,
    signal: AbortSignal,
    session?: ServiceSession,
  ) => true | number | Promise<true | number>;
  /** Delivers the reports. */
  readonly delivery: EventDelivery;
  /** Keeps accepted requests. Default: a store in memory, which is lost with the process. */
  readonly store?: CommitmentTransactionStore;
  /** AE title from which the instances can be retrieved, for the report. Default: the report names none. */
  readonly retrieveAeTitle?: string;
  /** Maximum number of instances in a request. Default 100,000. */
  readonly maximumInstances?: number;
  /** Maximum number of requests whose instances are looked for at the same time; the others wait. Default 8. */
  readonly maximumRunning?: number;
  /** The same for the requests of one peer. Default 2. */
  readonly maximumRunningOfPeer?: number;
  /** Called when the delivery has taken over the report of a request, with the numbers of instances in it, `committed` and `failed`. */
  readonly onReport?: (
    transaction: CommitmentTransaction,
    counts: { readonly committed: number; readonly failed: number },
    session?: ServiceSession,
  ) => void;
  /** Called if a request could not be reported. The request stays in the store; `resume` tries it again. */
  readonly onFailure?: OnFailure;
}

/** Commits to the storage of instances. */
export class StorageCommitmentProvider implements Provider {
  readonly service: Service;
  readonly #options: StorageCommitmentProviderOptions;
  readonly #store: CommitmentTransactionStore;
  readonly #closing = new AbortController();
  readonly #running = new Map<CommitmentTransaction, Promise<void>>();
  /** Requests that wait for their turn. They are in the store. */
  readonly #waiting = new Map<CommitmentTransaction, ServiceSession | undefined>();
  /** Requests that could not be reported, if this process has claimed them. */
  readonly #failed = new Set<CommitmentTransaction>();

  constructor(options: StorageCommitmentProviderOptions) {
    this.#options = checkOptions(PROVIDER_OPTIONS, options);
    this.#store = options.store ?? createCommitmentTransactionStore();
    this.service = serve(storageCommitment, {
      action: async ({ sopInstance, actionType, information }, { callingAeTitle, session }) => {
        if (sopInstance !== STORAGE_COMMITMENT_INSTANCE) throw new DimseError(Status.NoSuchSopInstance);
        if (actionType !== REQUEST_STORAGE_COMMITMENT) throw new DimseError(Status.NoSuchActionType);
        await this.#accept(await this.#read(callingAeTitle, information), session);
        return Status.Success;
      },
    });
  }

  /**
   * Continues with the requests in the store: those accepted before a restart, and those whose report failed. If several
   * processes use the store: with those that no other process has claimed.
   */
  async resume(): Promise<void> {
    if (this.#store.claim) {
      for (const transaction of this.#failed) this.#run(transaction);
      this.#failed.clear();
      return this.takeOver();
    }
    this.#runNew(await this.#store.all());
  }

  /**
   * Continues with the requests that no process has claimed, because theirs has ended. Call it every few seconds if several
   * processes use the store.
   */
  async takeOver(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#runNew((await this.#store.claim?.()) ?? []);
  }

  /** Stops looking for instances. Requests that are not reported yet stay in the store. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the storage commitment provider is closed'));
    await Promise.all(this.#running.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read(peer: string, information: DataSet | undefined): Promise<CommitmentTransaction> {
    const { maximumInstances = 100_000 } = this.#options;
    const refuse = (errorComment: string) => new DimseError(Status.InvalidArgumentValue, { errorComment });
    if (!information)
      throw new DimseError(Status.NoSuchArgument, {
        errorComment: 'the action information is missing',
      });
    const transactionUid = uid(information.TransactionUID);
    if (transactionUid === undefined) throw refuse('the Transaction UID is missing');
    const { length } = items(information.ReferencedSOPSequence);
    if (length === 0) throw refuse('the Referenced SOP Sequence is missing');
    if (length > maximumInstances)
      throw new DimseError(Status.ResourceLimitation, {
        errorComment: `${length} instances, at most ${maximumInstances} in a request`,
      });
    const instances = await inTurns(referencedInstances(information.ReferencedSOPSequence));
    if (instances.some(({ sopClass, sopInstance }) => !sopClass || !sopInstance))
      throw refuse('a reference lacks a UID');
    return { transactionUid, peer, instances };
  }

  async #accept(transaction: CommitmentTransaction, session: ServiceSession): Promise<void> {
    if (this.#closing.signal.aborted) throw new DimseError(Status.ResourceLimitation);
    const { peer, transactionUid } = transaction;
    const before = await this.#store.get(peer, transactionUid);
    if (before) {
      // A peer that missed the response repeats its request, and still receives one report.
      if (await inTurns(isSameList(before.instances, transaction.instances))) return;
      throw new DimseError(Status.ProcessingFailure, {
        errorId: CommitmentFailure.DuplicateTransactionUid,
        errorComment: 'the Transaction UID is in use',
      });
    }
    await this.#store.put(transaction);
    this.#run(transaction, session);
  }

  /** Runs those that are not running. */
  #runNew(transactions: readonly CommitmentTransaction[]): void {
    const known = [...this.#running.keys(), ...this.#waiting.keys()];
    const running = new Set(known.map(({ peer, transactionUid }) => `${peer}\\${transactionUid}`));
    for (const transaction of transactions)
      if (!running.has(`${transaction.peer}\\${transaction.transactionUid}`)) this.#run(transaction);
  }

  #run(transaction: CommitmentTransaction, session?: ServiceSession): void {
    this.#waiting.set(transaction, session);
    this.#startNext();
  }

  /** Starts the first requests that wait, as far as the limits allow: a peer with many requests does not delay others. */
  #startNext(): void {
    const { maximumRunning = 8, maximumRunningOfPeer = 2 } = this.#options;
    if (this.#closing.signal.aborted) return;
    const ofPeers = new Map<string, number>();
    for (const { peer } of this.#running.keys()) ofPeers.set(peer, (ofPeers.get(peer) ?? 0) + 1);
    for (const [transaction, session] of this.#waiting) {
      if (this.#running.size >= maximumRunning) return;
      const ofPeer = ofPeers.get(transaction.peer) ?? 0;
      if (ofPeer >= maximumRunningOfPeer) continue;
      ofPeers.set(transaction.peer, ofPeer + 1);
      this.#waiting.delete(transaction);
      this.#start(transaction, session);
    }
  }

  #start(transaction: CommitmentTransaction, session: ServiceSession | undefined): void {
    const running = this.#report(transaction, session)
      .catch((error) => {
        if (this.#closing.signal.aborted) return;
        const { peer, transactionUid } = transaction;
        if (this.#store.claim) this.#failed.add(transaction);
        reportFailure(this.#options.onFailure, {
          error,
          peer,
          transactionUid,
          ...(session && { session }),
        });
      })
      .finally(() => {
        this.#running.delete(transaction);
        this.#startNext();
      });
    this.#running.set(transaction, running);
  }

  async #report(transaction: CommitmentTransaction, session: ServiceSession | undefined): Promise<void> {
    const { signal } = this.#closing;
    const { retrieveAeTitle, onReport } = this.#options;
    const { peer, transactionUid, instances } = transaction;
    // The response to the request goes first.
    await nextTurn();
    const committed: DataSetInput[] = [];
    const failed: DataSetInput[] = [];
    // An instance may be referenced many times, but looking for it may mean reading it.
    const reasons = new Map<string, number | undefined>();
    for (const [index, instance] of instances.entries()) {
      if (index % INSTANCES_AT_ONCE === INSTANCES_AT_ONCE - 1) await nextTurn();
      const key = `${instance.sopClass}\\${instance.sopInstance}`;
      if (!reasons.has(key)) reasons.set(key, await this.#failureReason(instance, session));
      const reason = reasons.get(key);
      signal.throwIfAborted();
      if (reason === undefined) committed.push(asItem(instance));
      else failed.push({ ...asItem(instance), FailureReason: reason });
    }
    const information: DataSetInput = {
      TransactionUID: transactionUid,
      ...(retrieveAeTitle !== undefined && committed.length > 0 && { RetrieveAETitle: retrieveAeTitle }),
      ...(committed.length > 0 && { ReferencedSOPSequence: committed }),
      ...(failed.length > 0 && { FailedSOPSequence: failed }),
    };
    const { Successful, FailuresExist } = StorageCommitmentEvent;
    const eventType = failed.length > 0 ? FailuresExist : Successful;
    const sopClass = storageCommitment.sopClasses.PushModel.uid;
    const report = {
      peer,
      sopClass,
      sopInstance: STORAGE_COMMITMENT_INSTANCE,
      eventType,
      information,
    };
    // The id makes the delivery replace the report if the process ends before `remove`, and the request is reported again.
    const id = `${sopClass}\\${peer}\\${transactionUid}`;
    if (!(await this.#handOver(transaction, report, session, id))) return;
    onReport?.(transaction, { committed: committed.length, failed: failed.length }, session);
  }

  /** Gives the report to the delivery. False if another process has reported the request or does so. */
  async #handOver(
    transaction: CommitmentTransaction,
    report: EventReport,
    session: ServiceSession | undefined,
    id: string,
  ): Promise<boolean> {
    const { delivery } = this.#options;
    const store = this.#store;
    if (!store.handOver) {
      await delivery.deliver(report, session, id);
      await store.remove(transaction.peer, transaction.transactionUid);
      return true;
    }
    let isHandedOver = false;
    await delivery.deliver(report, session, id, async (event, isNear) => {
      isHandedOver = (await store.handOver?.(transaction, event, isNear)) ?? false;
    });
    return isHandedOver;
  }

  async #failureReason(instance: ReferencedInstance, session: ServiceSession | undefined): Promise<number | undefined> {
    try {
      const held = await this.#options.holds(instance, this.#closing.signal, session);
      return held === true ? undefined : held;
    } catch (error) {
      if (error instanceof DimseError && error.status === Status.ResourceLimitation) throw error;
      return CommitmentFailure.ProcessingFailure;
    }
  }
}

/** The number of instances that are looked for between two turns of the event loop: an archive asks its database for each. */
const INSTANCES_AT_ONCE = 16;

const PROVIDER_OPTIONS: OptionTable<StorageCommitmentProviderOptions> = {
  of: 'StorageCommitmentProvider',
  rules: {
    holds: aValueOf('function'),
    delivery: aValueOf('object'),
    store: aValueOf('object'),
    retrieveAeTitle: aValueOf('string'),
    maximumInstances: aNumber,
    maximumRunning: aNumber,
    maximumRunningOfPeer: aNumber,
    onReport: aValueOf('function'),
    onFailure: aValueOf('function'),
  },
  required: ['holds', 'delivery'],
};
