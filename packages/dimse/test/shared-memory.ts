// An event queue and a store of commitment requests in memory, as several processes use them.

import { DimseError } from '../src/message/errors.ts';
import { Status } from '../src/message/status.ts';
import type { EventClaim, EventQueue, QueuedEvent } from '../src/workflow/event-delivery/event-queue.ts';
import type {
  CommitmentTransaction,
  CommitmentTransactionStore,
} from '../src/workflow/storage-commitment/commitment-transaction-store.ts';
import { createCommitmentTransactionStore } from '../src/workflow/storage-commitment/commitment-transaction-store.ts';

/** What the processes share. */
export class SharedMemory {
  readonly #events: QueuedEvent[] = [];
  readonly #owners = new Map<string, object>();
  readonly #claims = new Map<string, AbortController>();
  readonly #looks = new Set<() => void>();
  readonly #transactions = createCommitmentTransactionStore();

  /** AE titles of the peers that are claimed. */
  get claimed(): readonly string[] {
    return [...this.#owners.keys()];
  }

  get events(): readonly QueuedEvent[] {
    return this.#events;
  }

  /** Ends all claims of a process, as if it had ended, or had not renewed them. */
  lose(process: EventQueue): void {
    for (const [name, owner] of this.#owners)
      if (owner === process) {
        this.#owners.delete(name);
        this.#claims.get(name)?.abort(new Error('the claim is lost'));
        this.#claims.delete(name);
      }
    this.#look();
  }

  /** The queue as another process uses it. */
  queue(): EventQueue {
    const find = (id: string) => this.#events.findIndex((event) => event.id === id);
    const queue: EventQueue = {
      put: async (event, isNear = false) => {
        const at = find(event.id);
        if (at >= 0) this.#events[at] = event;
        else this.#events.push(event);
        const { peer } = event.report;
        if (isNear && !this.#owners.has(peer)) this.#owners.set(peer, queue);
        queueMicrotask(() => this.#look());
      },
      next: async (except) =>
        this.#events.filter(({ report }) => !except.has(report.peer)).sort((a, b) => a.notBefore - b.notBefore)[0],
      remove: async (id) => {
        const at = find(id);
        if (at >= 0) this.#events.splice(at, 1);
      },
      claim: async (except) => {
        const isDue = ({ attempts, notBefore, report: { peer } }: QueuedEvent) =>
          (attempts === 0 || notBefore <= Date.now()) &&
          !except.has(peer) &&
          !this.#claims.has(peer) &&
          (this.#owners.get(peer) ?? queue) === queue;
        const event = this.#events.find(isDue);
        return event && this.#claim(queue, event);
      },
      watch: (look) => {
        this.#looks.add(look);
        return () => void this.#looks.delete(look);
      },
    };
    return queue;
  }

  #claim(queue: EventQueue, event: QueuedEvent): EventClaim {
    const { peer } = event.report;
    this.#owners.set(peer, queue);
    const controller = new AbortController();
    this.#claims.set(peer, controller);
    const isHeld = () => this.#claims.get(peer) === controller && !controller.signal.aborted;
    return {
      event,
      signal: controller.signal,
      postpone: async (attempts, milliseconds) => {
        const at = this.#events.findIndex(({ id }) => id === event.id);
        if (isHeld() && at >= 0)
          this.#events[at] = {
            ...event,
            attempts,
            notBefore: Date.now() + milliseconds,
          };
      },
      end: async () => {
        if (!isHeld()) return;
        this.#owners.delete(peer);
        this.#claims.delete(peer);
        queueMicrotask(() => this.#look());
      },
    };
  }

  /** The store of commitment requests as another process uses it. */
  transactions(queue: EventQueue): CommitmentTransactionStore {
    const all = this.#transactions;
    const nameOf = ({ peer, transactionUid }: CommitmentTransaction) => `${peer}\\${transactionUid}`;
    return {
      get: (peer, uid) => all.get(peer, uid),
      all: () => all.all(),
      remove: async (peer, transactionUid) => {
        await all.remove(peer, transactionUid);
        this.#owners.delete(`${peer}\\${transactionUid}`);
      },
      put: async (transaction) => {
        const before = await all.get(transaction.peer, transaction.transactionUid);
        if (!before) {
          this.#owners.set(nameOf(transaction), queue);
          await all.put(transaction);
        } else if (before.instances.length !== transaction.instances.length)
          throw new DimseError(Status.ProcessingFailure);
      },
      claim: async () => {
        const free = (await all.all()).filter((transaction) => !this.#owners.has(nameOf(transaction)));
        for (const transaction of free) this.#owners.set(nameOf(transaction), queue);
        return free;
      },
      handOver: async (transaction, event, isNear) => {
        if (this.#owners.get(nameOf(transaction)) !== queue) return false;
        this.#owners.delete(nameOf(transaction));
        await all.remove(transaction.peer, transaction.transactionUid);
        await queue.put(event, isNear);
        return true;
      },
    };
  }

  #look(): void {
    for (const look of this.#looks) look();
  }
}
