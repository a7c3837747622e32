// A provider of storage commitment: looks for the instances, and reports by event delivery (PS3.4 Annex J).

import type { DataSet } from '../../data-set/dataset.ts';
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
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import { asInstance, asItem, itemsOf, type ReferencedInstance } from './storage-commitment-user.ts';

/** A request for storage commitment that was accepted, and has not been reported yet. */
export interface CommitmentTransaction {
  readonly transactionUid: string;
  /** AE title of who is to be told. */
  readonly peer: string;
  readonly instances: readonly ReferencedInstance[];
}

/**
 * Where accepted requests are kept until their report is in the hands of the event delivery.
 * `commitmentTransactionStoreContract` of `@x/dimse/store-contracts` tries whether an implementation does what is said here.
 */
export interface CommitmentTransactionStore {
  /** @throws DimseError (0213H) when there is no room. */
  put(transaction: CommitmentTransaction): Promise<void>;
  get(peer: string, transactionUid: string): Promise<CommitmentTransaction | undefined>;
  remove(peer: string, transactionUid: string): Promise<void>;
  /** In the order they were put. */
  all(): Promise<readonly CommitmentTransaction[]>;
}

/** A store that ends with the process. `maximumTransactions` is 1,000 by default. */
export function createCommitmentTransactionStore({
  maximumTransactions = 1000,
}: {
  readonly maximumTransactions?: number;
} = {}): CommitmentTransactionStore {
  const transactions = new Map<string, CommitmentTransaction>();
  // An AE title has no backslash.
  const key = (peer: string, transactionUid: string) => `${peer}\\${transactionUid}`;
  return {
    async put(transaction) {
      if (transactions.size >= maximumTransactions) throw new DimseError(Status.ResourceLimitation);
      transactions.set(key(transaction.peer, transaction.transactionUid), transaction);
    },
    async get(peer, transactionUid) {
      return transactions.get(key(peer, transactionUid));
    },
    async remove(peer, transactionUid) {
      transactions.delete(key(peer, transactionUid));
    },
    async all() {
      return [...transactions.values()];
    },
  };
}

export interface StorageCommitmentProviderOptions {
  /**
   * Whether an instance is held for good: `true`, or the Failure Reason why not (see `CommitmentFailure`). What it throws
   * is reported as a processing failure of that instance. `session` is the one the request came on, unless that was
   * before a restart.
   */
  readonly holds: (
    instance: ReferencedInstance,
    signal: AbortSignal,
    session?: ServiceSession,
  ) => true | number | Promise<true | number>;
  /** What reports are delivered by. */
  readonly delivery: EventDelivery;
  /** Default: in memory, lost with the process. */
  readonly transactions?: CommitmentTransactionStore;
  /** AE title that the instances can be retrieved from, told in the report. Default none. */
  readonly retrieveAeTitle?: string;
  /** Most instances of one request. Default 100,000. */
  readonly maximumInstances?: number;
  /** Told when the report of a request is in the hands of the delivery, with how many instances it is about. */
  readonly reported?: (
    transaction: CommitmentTransaction,
    counts: { readonly committed: number; readonly failed: number },
    session?: ServiceSession,
  ) => void;
  /** Told when a report could not be handed to the delivery: `resume` tries it again. */
  readonly failed?: (error: unknown, transaction: CommitmentTransaction, session?: ServiceSession) => void;
}

/** Gives storage commitment: its `service` is for `createScp`. */
export class StorageCommitmentProvider implements AsyncDisposable {
  readonly service: Service;
  readonly #options: StorageCommitmentProviderOptions;
  readonly #transactions: CommitmentTransactionStore;
  readonly #closing = new AbortController();
  readonly #running = new Map<CommitmentTransaction, Promise<void>>();

  constructor(options: StorageCommitmentProviderOptions) {
    this.#options = options;
    this.#transactions = options.transactions ?? createCommitmentTransactionStore();
    this.service = serve(storageCommitment, {
      action: async ({ sopInstance, actionType, information }, { callingAeTitle, session }) => {
        if (sopInstance !== STORAGE_COMMITMENT_INSTANCE) throw new DimseError(Status.NoSuchSopInstance);
        if (actionType !== REQUEST_STORAGE_COMMITMENT) throw new DimseError(Status.NoSuchActionType);
        await this.#accept(this.#read(callingAeTitle, information), session);
        return Status.Success;
      },
    });
  }

  /** Takes up the requests that were accepted before a restart. */
  async resume(): Promise<void> {
    const running = new Set([...this.#running.keys()].map(({ peer, transactionUid }) => `${peer}\\${transactionUid}`));
    for (const transaction of await this.#transactions.all())
      if (!running.has(`${transaction.peer}\\${transaction.transactionUid}`)) this.#run(transaction);
  }

  /** Stops looking for instances; what is not reported stays in the store. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the storage commitment provider is closed'));
    await Promise.all(this.#running.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #read(peer: string, information: DataSet | undefined): CommitmentTransaction {
    const { maximumInstances = 100_000 } = this.#options;
    const refuse = (errorComment: string) => new DimseError(Status.InvalidArgumentValue, { errorComment });
    if (!information) throw new DimseError(Status.NoSuchArgument, { errorComment: 'there is no action information' });
    const transactionUid = information.TransactionUID;
    if (typeof transactionUid !== 'string' || transactionUid === '') throw refuse('there is no Transaction UID');
    const instances = itemsOf(information.ReferencedSOPSequence).map(asInstance);
    if (instances.length === 0) throw refuse('there is no Referenced SOP Sequence');
    if (instances.length > maximumInstances) throw new DimseError(Status.ResourceLimitation);
    if (instances.some(({ sopClass, sopInstance }) => !sopClass || !sopInstance))
      throw refuse('a reference lacks a UID');
    return { transactionUid, peer, instances };
  }

  async #accept(transaction: CommitmentTransaction, session: ServiceSession): Promise<void> {
    if (this.#closing.signal.aborted) throw new DimseError(Status.ResourceLimitation);
    const { peer, transactionUid } = transaction;
    const before = await this.#transactions.get(peer, transactionUid);
    if (before) {
      // Who missed our answer asks again: there will be one report.
      if (JSON.stringify(before.instances) === JSON.stringify(transaction.instances)) return;
      throw new DimseError(Status.ProcessingFailure, {
        errorId: CommitmentFailure.DuplicateTransactionUid,
        errorComment: 'the Transaction UID is in use',
      });
    }
    await this.#transactions.put(transaction);
    this.#run(transaction, session);
  }

  #run(transaction: CommitmentTransaction, session?: ServiceSession): void {
    const running = this.#report(transaction, session)
      .catch((error) => {
        if (!this.#closing.signal.aborted) this.#options.failed?.(error, transaction, session);
      })
      .catch(() => {})
      .finally(() => this.#running.delete(transaction));
    this.#running.set(transaction, running);
  }

  async #report(transaction: CommitmentTransaction, session: ServiceSession | undefined): Promise<void> {
    const { signal } = this.#closing;
    const { delivery, retrieveAeTitle, reported } = this.#options;
    const { peer, transactionUid, instances } = transaction;
    // The answer to the request goes first.
    await new Promise((settle) => setImmediate(settle));
    const committed: DataSet[] = [];
    const failed: DataSet[] = [];
    for (const instance of instances) {
      const reason = await this.#reasonAgainst(instance, session);
      signal.throwIfAborted();
      if (reason === undefined) committed.push(asItem(instance));
      else failed.push({ ...asItem(instance), FailureReason: reason });
    }
    const information: DataSet = {
      TransactionUID: transactionUid,
      ...(retrieveAeTitle !== undefined && committed.length > 0 && { RetrieveAETitle: retrieveAeTitle }),
      ...(committed.length > 0 && { ReferencedSOPSequence: committed }),
      ...(failed.length > 0 && { FailedSOPSequence: failed }),
    };
    const { Successful, FailuresExist } = StorageCommitmentEvent;
    const eventType = failed.length > 0 ? FailuresExist : Successful;
    const sopClass = storageCommitment.sopClasses.PushModel.uid;
    const report = { peer, sopClass, sopInstance: STORAGE_COMMITMENT_INSTANCE, eventType, information };
    // Interrupted between the two, it is reported once all the same, unless it has been delivered by then.
    await delivery.deliver(report, session, `${sopClass}\\${peer}\\${transactionUid}`);
    await this.#transactions.remove(peer, transactionUid);
    reported?.(transaction, { committed: committed.length, failed: failed.length }, session);
  }

  async #reasonAgainst(instance: ReferencedInstance, session: ServiceSession | undefined): Promise<number | undefined> {
    try {
      const held = await this.#options.holds(instance, this.#closing.signal, session);
      return held === true ? undefined : held;
    } catch {
      return CommitmentFailure.ProcessingFailure;
    }
  }
}
