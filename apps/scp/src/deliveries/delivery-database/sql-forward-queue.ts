// The queue of deliveries, kept across restarts: instances to forward, calls of hooks, and notifications.

import { DimseError, Status } from '@x/dimse';
import { type ForwardQueue, forwardId, type QueuedInstance } from '@x/dimse/workflow';
import type { DeliveryDatabase } from './delivery-database.ts';

/** The entries of a destination. */
export interface QueueCounts {
  /** Entries that wait for an attempt. */
  readonly waiting: number;
  /** Entries that have failed for good. */
  readonly failed: number;
}

/** An instance, or with empty UIDs a whole study, to be delivered. */
export type DeliveryKey = Pick<QueuedInstance, 'destination' | 'study' | 'series' | 'sopInstance'>;

/** Which entries an operator means; all if nothing is given. */
export interface DeliveryFilter {
  readonly destination?: string;
  readonly study?: string;
  readonly sopInstance?: string;
  readonly isFailed?: boolean;
}

export interface SqlForwardQueueLimits {
  /** The most entries. Default: unlimited. */
  readonly maximumEntries?: number;
  /** The most entries of a destination that wait or have failed. */
  readonly maximumEntriesOf: (destination: string) => number;
}

/** The queue in a database of deliveries. */
export class SqlForwardQueue implements ForwardQueue {
  readonly #sql: ReturnType<typeof statements>;
  readonly #database: DeliveryDatabase;
  readonly #limits: SqlForwardQueueLimits;
  /** By destination. Other processes only change entries, which `recount` finds out. */
  #counts = new Map<string, { waiting: number; failed: number }>();

  constructor(database: DeliveryDatabase, limits: SqlForwardQueueLimits) {
    this.#database = database;
    this.#limits = limits;
    this.#sql = statements(database);
    this.recount();
  }

  /** The entries of each destination that has some. */
  get counts(): ReadonlyMap<string, QueueCounts> {
    return this.#counts;
  }

  /** The number of entries that a destination has room for. */
  roomOf(destination: string): number {
    const { waiting = 0, failed = 0 } = this.#counts.get(destination) ?? {};
    return Math.max(0, this.#limits.maximumEntriesOf(destination) - waiting - failed);
  }

  /** Counts again what another process may have changed. */
  recount(): void {
    const counts = new Map<string, { waiting: number; failed: number }>();
    for (const { destination, state, count } of this.#sql.count.all() as CountRow[]) {
      const of = counts.get(destination) ?? { waiting: 0, failed: 0 };
      counts.set(destination, { ...of, [state]: count });
    }
    this.#counts = counts;
  }

  async put(entry: QueuedInstance): Promise<void> {
    this.#database.change(() => {
      if (this.#update(entry)) return;
      const { destination } = entry;
      const { maximumEntries = Number.POSITIVE_INFINITY } = this.#limits;
      const all = [...this.#counts.values()].reduce((sum, { waiting, failed }) => sum + waiting + failed, 0);
      if (all >= maximumEntries || this.roomOf(destination) === 0)
        throw new DimseError(Status.ResourceLimitation, {
          errorComment: `too many entries are waiting for ${destination}`,
        });
      this.#insert(entry);
    });
    this.recount();
  }

  async change(entry: QueuedInstance): Promise<void> {
    if (this.#update(entry) && entry.isFailed) this.recount();
  }

  async next(exceptDestinations: ReadonlySet<string>): Promise<QueuedInstance | undefined> {
    let first: DeliveryRow | undefined;
    // One by one: the entries of a destination that is down may be many.
    for (const [destination, { waiting }] of this.#counts) {
      if (waiting === 0 || exceptDestinations.has(destination)) continue;
      const [row] = this.#sql.next.all(destination) as DeliveryRow[];
      const isEarlier =
        row &&
        (!first ||
          row.not_before < first.not_before ||
          (row.not_before === first.not_before && row.sequence < first.sequence));
      if (isEarlier) first = row;
    }
    return first && entryOf(first);
  }

  async due(destination: string, now: number, most: number): Promise<readonly QueuedInstance[]> {
    return (this.#sql.due.all(destination, now, most) as DeliveryRow[]).map(entryOf);
  }

  async remove(id: string): Promise<void> {
    const [removed] = this.#sql.remove.all(id) as { destination: string; state: string }[];
    if (removed) this.#count(removed.destination, removed.state, -1);
  }

  /** Removes an entry, but remembers it as done for a while. */
  async finish(id: string): Promise<void> {
    const [done] = this.#sql.finish.all(id) as { destination: string }[];
    if (done) this.#count(done.destination, 'waiting', -1);
  }

  /** The part of the queue with some destinations. An entry that leaves it is remembered as done for a while. */
  of(isOwn: (destination: string) => boolean): ForwardQueue {
    return {
      put: (entry) => this.put(entry),
      change: (entry) => this.change(entry),
      due: (destination, now, most) => this.due(destination, now, most),
      remove: (id) => this.finish(id),
      next: (except) => {
        const others = [...this.#counts.keys()].filter((each) => !isOwn(each));
        return this.next(new Set([...except, ...others]));
      },
    };
  }

  /**
   * Enters what is not in the queue, as part of a transaction; `recount` must follow if that fails. An entry that is done is
   * entered again, unless `isOnce`.
   */
  enter(key: DeliveryKey, priority: number, now: number, isOnce = false): void {
    const id = forwardId(key);
    if (this.#sql.insert.run(...values({ id, ...key, priority, attempts: 0, notBefore: now }, now)).changes > 0)
      this.#count(key.destination, 'waiting', 1);
    else if (!isOnce && this.#sql.revive.run(priority, now, now, id).changes > 0)
      this.#count(key.destination, 'waiting', 1);
  }

  /** Forgets entries of a destination that were entered before a time and are done. */
  forget(before: number): void {
    this.#sql.forget.run(before);
  }

  /** A destination that something of a study is in the queue for, also if it has failed for good. */
  destinationOf(study: string): string | undefined {
    const [row] = this.#sql.ofStudy.all(study) as { destination: string }[];
    return row?.destination;
  }

  /** The entries that an operator means, the oldest first, after the one with this number. */
  list(filter: DeliveryFilter, after = 0, most = 1000): readonly (QueuedInstance & { readonly sequence: number })[] {
    const { condition, given } = conditionOf(filter);
    const rows = this.#database
      .prepare(`select * from delivery where ${condition} and sequence > ? order by sequence limit ?`)
      .all(...given, after, most) as DeliveryRow[];
    return rows.map((row) => ({ ...entryOf(row), sequence: row.sequence }));
  }

  /** Has entries attempted at once, as if they were new. Returns their number. */
  retry(filter: DeliveryFilter): number {
    const { condition, given } = conditionOf(filter);
    const { changes } = this.#database
      .prepare(`update delivery set state = 'waiting', attempts = 0, not_before = 0 where ${condition}`)
      .run(...given);
    this.recount();
    return changes;
  }

  /** Removes entries. Returns their number. */
  cancel(filter: DeliveryFilter): number {
    const { condition, given } = conditionOf(filter);
    const { changes } = this.#database.prepare(`delete from delivery where ${condition}`).run(...given);
    this.recount();
    return changes;
  }

  #insert(entry: QueuedInstance): void {
    this.#sql.insert.run(...values(entry, Date.now()));
  }

  #update({ id, attempts, notBefore, isFailed, failure, priority }: QueuedInstance): boolean {
    const state = isFailed ? 'failed' : 'waiting';
    return this.#sql.update.run(attempts, notBefore, state, failure ?? null, priority, id).changes > 0;
  }

  #count(destination: string, state: string, change: number): void {
    const counts = this.#counts.get(destination) ?? { waiting: 0, failed: 0 };
    if (state === 'waiting') counts.waiting += change;
    else if (state === 'failed') counts.failed += change;
    this.#counts.set(destination, counts);
  }
}

interface DeliveryRow {
  readonly sequence: number;
  readonly id: string;
  readonly destination: string;
  readonly study: string;
  readonly series: string;
  readonly sop_instance: string;
  readonly priority: number;
  readonly attempts: number;
  readonly not_before: number;
  readonly state: 'waiting' | 'failed' | 'done';
  readonly failure: string | null;
}

interface CountRow {
  readonly destination: string;
  readonly state: 'waiting' | 'failed';
  readonly count: number;
}

function entryOf(row: DeliveryRow): QueuedInstance {
  return {
    id: row.id,
    ...{ destination: row.destination, study: row.study, series: row.series, sopInstance: row.sop_instance },
    ...{ priority: row.priority, attempts: row.attempts, notBefore: row.not_before },
    ...(row.failure !== null && { failure: row.failure }),
    ...(row.state === 'failed' && { isFailed: true }),
  };
}

function values(entry: QueuedInstance, now: number): unknown[] {
  const { id, destination, study, series, sopInstance, priority, attempts, notBefore, isFailed, failure } = entry;
  const state = isFailed ? 'failed' : 'waiting';
  return [id, destination, study, series, sopInstance, priority, attempts, notBefore, state, failure ?? null, now];
}

function conditionOf({ destination, study, sopInstance, isFailed }: DeliveryFilter) {
  const parts: readonly (readonly [condition: string, value: string | undefined])[] = [
    ['destination = ?', destination],
    ['study = ?', study],
    ['sop_instance = ?', sopInstance],
    ['state = ?', isFailed ? 'failed' : undefined],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  return {
    condition: ["state <> 'done'", ...given.map(([condition]) => condition)].join(' and '),
    given: given.map(([, value]) => value),
  };
}

function statements({ prepare }: DeliveryDatabase) {
  return {
    insert: prepare(`insert into delivery (id, destination, study, series, sop_instance, priority, attempts, not_before,
      state, failure, entered_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`),
    revive: prepare(`update delivery set state = 'waiting', attempts = 0, failure = null, priority = ?, not_before = ?,
      entered_at = ? where id = ? and state = 'done'`),
    update: prepare(`update delivery set attempts = ?, not_before = ?, state = ?, failure = ?, priority = ?
      where id = ? and state <> 'done'`),
    next: prepare(`select * from delivery where state = 'waiting' and destination = ?
      order by not_before, sequence limit 1`),
    due: prepare(`select * from delivery where state = 'waiting' and destination = ? and not_before <= ?
      order by priority desc, not_before, sequence limit ?`),
    remove: prepare('delete from delivery where id = ? returning destination, state'),
    finish: prepare(`update delivery set state = 'done' where id = ? and state = 'waiting' returning destination`),
    forget: prepare(`delete from delivery where state = 'done' and entered_at < ?`),
    ofStudy: prepare(`select destination from delivery where study = ? and state <> 'done' limit 1`),
    count: prepare(`select destination, state, count(*) as count from delivery where state <> 'done'
      group by destination, state`),
  };
}
