// Accepted requests for storage commitment: the interface of their store, and a store in memory (PS3.4 §J.3.2).

import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { inTurns, Step, type Steps } from '../../turns.ts';
import type { QueuedEvent } from '../event-delivery/event-queue.ts';
import type { ReferencedInstance } from './referenced-instance.ts';

/** An accepted request for storage commitment that has not been reported yet. */
export interface CommitmentTransaction {
  /** (0008,1195) Transaction UID. */
  readonly transactionUid: string;
  /** AE title of the peer that receives the report. */
  readonly peer: string;
  /** The instances to commit. */
  readonly instances: readonly ReferencedInstance[];
}

/**
 * Keeps accepted requests until the event delivery has taken over their report. `commitmentTransactionStoreContract` of
 * `@x/dimse/store-contracts` checks an implementation, and `sharedCommitmentTransactionStoreContract` one with `claim`.
 */
export interface CommitmentTransactionStore {
  /** Keeps a request. @throws DimseError (0213H) if the store is full. */
  put(transaction: CommitmentTransaction): Promise<void>;
  /** The request of a peer; undefined if the store does not have it. */
  get(peer: string, transactionUid: string): Promise<CommitmentTransaction | undefined>;
  /** Forgets a request; does nothing if the store does not have it. */
  remove(peer: string, transactionUid: string): Promise<void>;
  /** All requests, in the order they were put. */
  all(): Promise<readonly CommitmentTransaction[]>;
  /**
   * For a store that several processes use: claims the requests that no process has claimed, and gives them in the order they
   * were put. `put` claims its request. A claim ends when its request is removed, and some time after its process has ended.
   */
  claim?(): Promise<readonly CommitmentTransaction[]>;
  /**
   * For a store in the database of the event queue: removes a request and adds the event of its report to the queue, both or
   * neither. False, without any change, if the store does not have the request or if another process has claimed it.
   * @throws the error of `put` of the queue
   */
  handOver?(transaction: CommitmentTransaction, event: QueuedEvent, isNear?: boolean): Promise<boolean>;
}

interface CommitmentTransactionLimits {
  readonly maximumTransactions?: number;
  readonly maximumTransactionsOfPeer?: number;
  readonly maximumInstances?: number;
  readonly maximumLength?: number;
}

/**
 * Creates a store in memory, which is lost with the process. `maximumTransactions` is 1,000 by default,
 * `maximumTransactionsOfPeer` half of that, and `maximumInstances` in all transactions together 1,000,000. `maximumLength`
 * is 256 MiB: twice the characters of all UIDs, and 128 bytes for each instance.
 */
export function createCommitmentTransactionStore(limits?: CommitmentTransactionLimits): CommitmentTransactionStore {
  const {
    maximumTransactions = 1000,
    maximumTransactionsOfPeer = Math.ceil(maximumTransactions / 2),
    maximumInstances = 1_000_000,
    maximumLength = 256 * 1024 * 1024,
  } = checkOptions(STORE_LIMITS, limits);
  const transactions = new Map<string, CommitmentTransaction>();
  const lengths = new Map<string, number>();
  // AE titles cannot contain a backslash.
  const key = (peer: string, transactionUid: string) => `${peer}\\${transactionUid}`;
  return {
    async put(transaction) {
      const length = await inTurns(lengthOf(transaction.instances));
      const { size } = transactions;
      let [ofPeer, waiting] = [0, 0];
      for (const { peer, instances } of transactions.values()) {
        if (peer === transaction.peer) ofPeer++;
        waiting += instances.length;
      }
      if (size >= maximumTransactions || ofPeer >= maximumTransactionsOfPeer)
        throw new DimseError(Status.ResourceLimitation, {
          errorComment: `${size} requests are waiting`,
        });
      if (waiting + transaction.instances.length > maximumInstances)
        throw new DimseError(Status.ResourceLimitation, {
          errorComment: `${waiting} instances are waiting`,
        });
      const kept = [...lengths.values()].reduce((sum, one) => sum + one, 0);
      if (kept + length > maximumLength)
        throw new DimseError(Status.ResourceLimitation, {
          errorComment: `requests of ${kept} bytes are waiting`,
        });
      const name = key(transaction.peer, transaction.transactionUid);
      transactions.set(name, transaction);
      lengths.set(name, length);
    },
    async get(peer, transactionUid) {
      return transactions.get(key(peer, transactionUid));
    },
    async remove(peer, transactionUid) {
      transactions.delete(key(peer, transactionUid));
      lengths.delete(key(peer, transactionUid));
    },
    async all() {
      return [...transactions.values()];
    },
  };
}

/** The memory of a list in bytes. */
function* lengthOf(instances: readonly ReferencedInstance[]): Steps<number> {
  const step = new Step();
  let length = 0;
  for (const { sopClass, sopInstance } of instances) {
    length += INSTANCE_SIZE + 2 * (sopClass.length + sopInstance.length);
    if (step.add(1)) yield step.end();
  }
  return length;
}

/** The memory of the objects of an instance, in bytes. */
const INSTANCE_SIZE = 128;

const STORE_LIMITS: OptionTable<CommitmentTransactionLimits> = {
  of: 'createCommitmentTransactionStore',
  rules: {
    maximumTransactions: aNumber,
    maximumTransactionsOfPeer: aNumber,
    maximumInstances: aNumber,
    maximumLength: aNumber,
  },
};
