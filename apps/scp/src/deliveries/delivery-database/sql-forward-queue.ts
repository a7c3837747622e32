// The queue of deliveries, kept across restarts: instances to forward, calls of hooks, and notifications.

import { DimseError, Status } from '@x/dimse';
import { type ForwardQueue, forwardId, type QueuedInstance } from '@x/dimse/workflow';
import type { DeliveryDatabase, DeliveryQueries, DestinationClaims } from './delivery-database.ts';
import {
  conditionOf,
  type DeliveryFilter,
  type DeliveryRow,
  entryOf,
  INSERT,
  stateOf,
  valuesOf,
} from './delivery-row.ts';

/** The entries of a destination. */
export interface QueueCounts {
  /** Entries that wait for an attempt. */
  readonly waiting: number;
  /** Entries that have failed for good. */
  readonly failed: number;
}

/** An instance, or with empty UIDs a whole study, to be delivered. */
export type DeliveryKey = Pick<QueuedInstance, 'destination' | 'study' | 'series' | 'sopInstance'>;

export interface SqlForwardQueueLimits {
  /** The most entries. Default: unlimited. */
  readonly maximumEntries?: number;
  /** The most entries of a destination that wait or have failed. */
  readonly maximumEntriesOf: (destination: string) => number;
}

/** The queue in a database of deliveries. */
export class SqlForwardQueue implements ForwardQueue {
  readonly #database: DeliveryDatabase;
  readonly #limits: SqlForwardQueueLimits;
  /** By destination. `recount` finds out the changes that others have made. */
  #counts = new Map<string, { waiting: number; failed: number }>();
  /** Changes of the counts that have begun and that have ended. */
  readonly #changes = { begun: 0, ended: 0 };
  #isExact = false;
  /** When destinations are attempted again that rest in all processes. */
  #rests: ReadonlyMap<string, number> = new Map();

  private constructor(database: DeliveryDatabase, limits: SqlForwardQueueLimits) {
    this.#database = database;
    this.#limits = limits;
  }

  static async open(database: DeliveryDatabase, limits: SqlForwardQueueLimits): Promise<SqlForwardQueue> {
    const queue = new SqlForwardQueue(database, limits);
    await queue.recount();
    return queue;
  }

  get claims(): DestinationClaims | undefined {
    return this.#database.claims;
  }

  /** The entries of each destination that has some. */
  get counts(): ReadonlyMap<string, QueueCounts> {
    return this.#counts;
  }

  /** When a destination is attempted again that rests in all processes. */
  restsUntil(destination: string): number | undefined {
    return this.#rests.get(destination);
  }

  /** The number of entries that a destination has room for. */
  roomOf(destination: string): number {
    const { waiting = 0, failed = 0 } = this.#counts.get(destination) ?? {};
    return Math.max(0, this.#limits.maximumEntriesOf(destination) - waiting - failed);
  }

  /** Whether the counts are those of the queue, apart from what others have changed; otherwise `recount` should follow. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** Counts again what others may have changed. */
  async recount(): Promise<void> {
    const { begun, ended } = this.#changes;
    const counts = new Map<string, { waiting: number; failed: number }>();
    for (const { destination, state, count } of await this.#database.rows<CountRow>(COUNT)) {
      const of = counts.get(destination) ?? { waiting: 0, failed: 0 };
      counts.set(destination, { ...of, [state]: count });
    }
    this.#counts = counts;
    // A change that was made meanwhile may have been counted twice or not at all.
    this.#isExact = begun === ended && this.#changes.begun === begun;
    if (this.claims) this.#rests = await this.claims.rests();
  }

  async put(entry: QueuedInstance): Promise<void> {
    await this.#database.change(async (queries) => {
      if (await this.#update(entry, queries)) return;
      const { destination } = entry;
      const { maximumEntries = Number.POSITIVE_INFINITY } = this.#limits;
      const all = [...this.#counts.values()].reduce((sum, { waiting, failed }) => sum + waiting + failed, 0);
      if (all >= maximumEntries || this.roomOf(destination) === 0)
        throw new DimseError(Status.ResourceLimitation, {
          errorComment: `too many entries are waiting for ${destination}`,
        });
      await queries.run(INSERT, ...valuesOf(entry, this.#database.clock.now()));
    });
    await this.recount();
  }

  async change(entry: QueuedInstance): Promise<void> {
    if ((await this.#update(entry, this.#database)) && entry.isFailed) await this.recount();
  }

  next(exceptDestinations: ReadonlySet<string>): Promise<QueuedInstance | undefined> {
    return this.#next([...this.#counts.keys()].filter((each) => !exceptDestinations.has(each)));
  }

  async due(destination: string, now: number, most: number): Promise<readonly QueuedInstance[]> {
    return (await this.#database.rows<DeliveryRow>(DUE, destination, now, most)).map(entryOf);
  }

  async remove(id: string): Promise<void> {
    await this.#counting(async () => {
      const [removed] = await this.#database.rows<{ destination: string; state: string }>(REMOVE, id);
      if (removed) this.#count(removed.destination, removed.state, -1);
    });
  }

  /** Removes an entry, but remembers it as done for a while. */
  async finish(id: string): Promise<void> {
    await this.#counting(async () => {
      const [done] = await this.#database.rows<{ destination: string }>(FINISH, id);
      if (done) this.#count(done.destination, 'waiting', -1);
    });
  }

  /**
   * The part of the queue with some destinations: others are left alone, by this process. An entry that leaves it is remembered
   * as done for a while.
   */
  of(destinations: () => readonly string[]): ForwardQueue {
    return {
      claims: this.claims,
      put: (entry) => this.put(entry),
      change: (entry) => this.change(entry),
      due: (destination, now, most) => this.due(destination, now, most),
      remove: (id) => this.finish(id),
      next: (except) => this.#next(destinations().filter((each) => !except.has(each))),
    };
  }

  /**
   * Enters what is not in the queue, as part of a transaction. An entry that is done is entered again, unless `isOnce`.
   */
  async enter(
    queries: DeliveryQueries,
    key: DeliveryKey,
    priority: number,
    now: number,
    isOnce = false,
  ): Promise<void> {
    const id = forwardId(key);
    const entry = { id, ...key, priority, attempts: 0, notBefore: now };
    await this.#counting(async () => {
      const isNew = (await queries.run(INSERT, ...valuesOf(entry, now))) > 0;
      if (isNew || (!isOnce && (await queries.run(REVIVE, priority, now, now, id)) > 0))
        this.#count(key.destination, 'waiting', 1);
    });
  }

  /** Forgets entries of a destination that were entered before a time and are done. */
  async forget(before: number): Promise<void> {
    await this.#database.run(FORGET, before);
  }

  /** A destination that something of a study is in the queue for, also if it has failed for good. */
  async destinationOf(study: string): Promise<string | undefined> {
    return (await this.#database.rows<{ destination: string }>(OF_STUDY, study))[0]?.destination;
  }

  /** The entries that an operator means, the oldest first, after the one with this number. */
  async list(
    filter: DeliveryFilter,
    after = 0,
    most = 1000,
  ): Promise<readonly (QueuedInstance & { readonly sequence: number })[]> {
    const { condition, given } = conditionOf(filter);
    const statement = `select * from delivery where ${condition} and sequence > ? order by sequence limit ?`;
    const rows = await this.#database.rows<DeliveryRow>(statement, ...given, after, most);
    return rows.map((row) => ({ ...entryOf(row), sequence: row.sequence }));
  }

  /** Has entries attempted at once, as if they were new. Returns their number. */
  async retry(filter: DeliveryFilter): Promise<number> {
    const { condition, given } = conditionOf(filter);
    const statement = `update delivery set state = 'waiting', attempts = 0, not_before = 0 where ${condition}`;
    const changes = await this.#database.run(statement, ...given);
    await this.#told();
    return changes;
  }

  /** Removes entries. Returns their number. */
  async cancel(filter: DeliveryFilter): Promise<number> {
    const { condition, given } = conditionOf(filter);
    const changes = await this.#database.run(`delete from delivery where ${condition}`, ...given);
    await this.#told();
    return changes;
  }

  async #told(): Promise<void> {
    await this.#database.tellOthers();
    await this.recount();
  }

  async #next(destinations: readonly string[]): Promise<QueuedInstance | undefined> {
    const row = await (this.claims ? this.#claimed(destinations) : this.#earliest(destinations));
    return row && entryOf(row);
  }

  /** One by one: the entries of a destination that is down may be many. */
  async #earliest(destinations: readonly string[]): Promise<DeliveryRow | undefined> {
    let first: DeliveryRow | undefined;
    for (const destination of destinations) {
      const row = await this.#firstOf(destination);
      const isEarlier =
        row &&
        (!first ||
          row.not_before < first.not_before ||
          (row.not_before === first.not_before && row.sequence < first.sequence));
      if (isEarlier) first = row;
    }
    return first;
  }

  /** Claims the destination of an entry that is due; an entry that is not is given without a claim. */
  async #claimed(destinations: readonly string[]): Promise<DeliveryRow | undefined> {
    const destination = await this.claims?.claimNext(destinations);
    if (destination === undefined) return this.claims?.later(destinations);
    const row = await this.#firstOf(destination);
    const claim = this.claims?.of(destination);
    // It was removed meanwhile.
    if (!row) await claim?.release({ failures: claim.failures });
    return row;
  }

  async #firstOf(destination: string): Promise<DeliveryRow | undefined> {
    return (await this.#database.rows<DeliveryRow>(NEXT, destination))[0];
  }

  async #update(entry: QueuedInstance, queries: DeliveryQueries): Promise<boolean> {
    const { id, attempts, notBefore, failure, priority } = entry;
    return (await queries.run(UPDATE, attempts, notBefore, stateOf(entry), failure ?? null, priority, id)) > 0;
  }

  async #counting(work: () => Promise<void>): Promise<void> {
    this.#changes.begun++;
    try {
      await work();
    } finally {
      this.#changes.ended++;
    }
  }

  #count(destination: string, state: string, change: number): void {
    const counts = this.#counts.get(destination) ?? { waiting: 0, failed: 0 };
    if (state === 'waiting') counts.waiting += change;
    else if (state === 'failed') counts.failed += change;
    this.#counts.set(destination, counts);
  }
}

interface CountRow {
  readonly destination: string;
  readonly state: 'waiting' | 'failed';
  readonly count: number;
}

const REVIVE = `update delivery set state = 'waiting', attempts = 0, failure = null, priority = ?, not_before = ?,
  entered_at = ? where id = ? and state = 'done'`;
const UPDATE = `update delivery set attempts = ?, not_before = ?, state = ?, failure = ?, priority = ?
  where id = ? and state <> 'done'`;
const NEXT = `select * from delivery where state = 'waiting' and destination = ? order by not_before, sequence limit 1`;
const DUE = `select * from delivery where state = 'waiting' and destination = ? and not_before <= ?
  order by priority desc, not_before, sequence limit ?`;
const REMOVE = 'delete from delivery where id = ? returning destination, state';
const FINISH = `update delivery set state = 'done' where id = ? and state = 'waiting' returning destination`;
const FORGET = `delete from delivery where state = 'done' and entered_at < ?`;
const OF_STUDY = `select destination from delivery where study = ? and state <> 'done' limit 1`;
const COUNT = `select destination, state, count(*) as count from delivery where state <> 'done'
  group by destination, state`;
