// Reads what arrives in the archive, and enters what is to be delivered. Storing does not know of it: the ids of the index grow,
// and each consumer keeps the id that it has read up to. Entries and position change in one transaction, so that a crash
// neither loses an arrival nor enters it twice. If several processes share the database, one of them reads for a consumer, and
// an entry that another one has made meanwhile undoes the transaction.

import { stat } from 'node:fs/promises';
import type { Logger } from '@x/cli/logger';
import { nextTurn } from '@x/dimse/data-set';
import type { ArrivedInstance } from '../instances/archive-index/archive-index.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { InstanceKey } from '../instances/instance-store.ts';
import { PAGE, type Position, positionsOf } from './arrival-positions.ts';
import type { DeliveryDatabase, DeliveryQueries } from './delivery-database/delivery-database.ts';
import { STUDIES } from './delivery-need.ts';

/** Somebody to whom all that arrives is shown once. */
export interface Consumer {
  readonly name: string;
  /** Whether it is shown what the archive had when it was first known. */
  readonly existing: boolean;
  /** The number of arrivals that it can take now. */
  room(): number;
  /** Prepares what it makes of an arrival; undefined if nothing. Before the transaction. */
  examine(arrival: ArrivedInstance): Promise<Enter | undefined>;
}

/** Enters what was prepared, as part of a transaction. @param isFound Whether the file was found when the index was made again. */
export type Enter = (queries: DeliveryQueries, isFound: boolean) => Promise<void>;

/**
 * Files that were written this much before the last arrival that was read are known to have been read, when an index is made
 * again: between the end of a file and its entry are less than this. Entries that are done are kept for as long. In milliseconds.
 */
const SLACK = 120_000;
/** The index is still being made again: files that are found and instances that arrive are entered side by side. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;
/** Arrivals that are counted, of several processes: a full queue may have many behind it. */
const MOST_COUNTED = 10_000;

export class Arrivals {
  readonly #instances: InstanceArchive;
  readonly #database: DeliveryDatabase;
  readonly #logger: Logger;
  #consumers: readonly Consumer[] = [];
  readonly #positions = new Map<string, Position>();
  /** The ids up to which nothing has arrived after the positions. */
  readonly #empty = new Map<string, number>();
  /** The names of consumers that another process reads for. */
  #isElsewhere: ReadonlySet<string> = new Set();
  /** The names of consumers that have no room. */
  readonly #full = new Set<string>();
  /** The numbers of arrivals that consumers have not read, if they were counted. */
  readonly #counted = new Map<string, number>();
  #last = 0;

  constructor(instances: InstanceArchive, database: DeliveryDatabase, logger: Logger) {
    this.#instances = instances;
    this.#database = database;
    this.#logger = logger;
  }

  /**
   * Replaces the consumers. A new one is shown what arrives from now on. One that is missing is forgotten, unless other
   * processes may have it: see `tend`.
   */
  async watch(consumers: readonly Consumer[]): Promise<void> {
    const { generation, last } = await this.#instances.index.arrivals.state();
    const now = this.#database.clock.now();
    await this.#database.change(async (queries) => {
      const known = await positionsOf(queries);
      if (!this.#database.claims)
        for (const name of known.keys())
          if (!consumers.some((each) => each.name === name)) await queries.run(FORGET, name);
      for (const { name, existing } of consumers) {
        const before = known.get(name);
        if (!before) await queries.run(ADD, name, generation, existing ? 0 : last, now, 0);
        else if (before.generation !== generation || before.position > last) {
          this.#logger.info(`the index was made again: ${name} goes on after the instance that it saw last`);
          await move(queries, name, before, { ...before, generation, position: 0, found_to: UNKNOWN });
        }
      }
    });
    this.#consumers = consumers;
    await this.#database.claims?.leave(new Set(consumers.map(({ name }) => readerOf(name))));
    this.#positions.clear();
    this.#empty.clear();
    await this.#load();
  }

  /** Reads the positions again, which other processes change. */
  async #load(): Promise<void> {
    const known = await positionsOf(this.#database);
    for (const { name } of this.#consumers) {
      const position = known.get(name);
      if (position) this.#positions.set(name, position);
      else this.#positions.delete(name);
    }
  }

  /**
   * Of several processes, each tells from time to time which consumers it has. Those that none has told of for long are
   * forgotten, with the studies that wait for them.
   */
  async tend(): Promise<void> {
    if (!this.#database.claims) return;
    const now = this.#database.clock.now();
    let isForgotten = false;
    for (const { name } of this.#consumers) isForgotten ||= (await this.#database.run(SEEN, now, name)) === 0;
    const forgotten = await this.#database.rows<{ name: string }>(FORGET_UNSEEN, now - LONGEST_ABSENCE);
    if (forgotten.some(({ name }) => name === STUDIES)) await this.#database.run(FORGET_STUDIES);
    if (isForgotten) await this.watch(this.#consumers);
  }

  /**
   * The number of arrivals that a consumer has not read, at most: ids may be left out. Of several processes, the one that reads
   * for the consumer knows it, up to MOST_COUNTED.
   */
  behind(name: string): number {
    const unread = this.#unread(name);
    return this.#isElsewhere.has(name) ? 0 : Math.min(unread, this.#counted.get(name) ?? unread);
  }

  #unread(name: string): number {
    const { position = this.#last } = this.#positions.get(name) ?? {};
    return Math.max(0, this.#last - Math.max(position, this.#empty.get(name) ?? 0));
  }

  /** Whether a consumer has no room, so that arrivals wait in the archive. */
  isFull(name: string): boolean {
    return this.#full.has(name);
  }

  /** Entries that were done before this time need not be remembered. */
  get forgettable(): number {
    return Math.min(...[...this.#positions.values()].map(({ mark }) => mark), this.#database.clock.now()) - SLACK;
  }

  /** Shows the consumers what has arrived since the last time. Returns whether anything has. */
  async read(signal: AbortSignal): Promise<boolean> {
    if (this.#consumers.length === 0) return false;
    const { index } = this.#instances;
    const { last } = await index.arrivals.state();
    this.#last = last;
    if (this.#database.claims) await this.#load();
    if (index.isComplete) await this.#endFinding(last);
    const waiting = this.#consumers.filter(({ name }) => this.#unread(name) > 0);
    const mine = waiting.length === 0 ? [] : await this.#mine(waiting);
    if (mine.length === 0) return false;
    // An entry that a failure of the machine could take back must not be read.
    await index.sync();
    const isAny = await this.#showAll(mine, last, signal);
    await this.#count(mine);
    return isAny;
  }

  async #showAll(mine: readonly Consumer[], last: number, signal: AbortSignal): Promise<boolean> {
    const { index } = this.#instances;
    let isAny = false;
    while (!signal.aborted) {
      const able = mine.filter(({ name }) => this.#unread(name) > 0).filter((each) => this.#hasRoom(each));
      const from = Math.min(...able.map(({ name }) => this.#positions.get(name)?.position ?? last));
      if (able.length === 0 || from >= last) return isAny;
      const page = (await index.arrivals.after(from, PAGE)).filter(({ id }) => id <= last);
      for (const consumer of able) if (!(await this.#show(consumer, page, last))) return isAny;
      isAny ||= page.length > 0;
      await nextTurn();
    }
    return isAny;
  }

  /** Counts what is left for those that have no room, if the ids do not tell. */
  async #count(consumers: readonly Consumer[]): Promise<void> {
    const { arrivals } = this.#instances.index;
    for (const { name } of consumers) {
      const { position } = this.#positions.get(name) ?? {};
      if (arrivals.count && position !== undefined && this.#unread(name) > 0)
        this.#counted.set(name, await arrivals.count(position, MOST_COUNTED));
      else this.#counted.delete(name);
    }
  }

  /** The consumers that no other process reads for. */
  async #mine(consumers: readonly Consumer[]): Promise<readonly Consumer[]> {
    const { claims } = this.#database;
    if (!claims) return consumers;
    const kept = await claims.keep(consumers.map(({ name }) => readerOf(name)));
    const isMine = ({ name }: Consumer) => kept.has(readerOf(name));
    this.#isElsewhere = new Set(consumers.filter((each) => !isMine(each)).map(({ name }) => name));
    return consumers.filter(isMine);
  }

  /** Whether a consumer has been shown all that has arrived. Of several processes, only the one that reads for it knows that. */
  async hasRead(name: string): Promise<boolean> {
    const { claims } = this.#database;
    if (!claims) return true;
    const isKnown = this.#consumers.some((each) => each.name === name);
    return isKnown && (await claims.keep([readerOf(name)])).has(readerOf(name)) && this.#unread(name) === 0;
  }

  /** The files of an index that is made again are all entered: later ones have arrived. */
  async #endFinding(last: number): Promise<void> {
    for (const [name, position] of this.#positions)
      if (position.found_to === UNKNOWN) await this.#move(name, position, { ...position, found_to: last });
  }

  #hasRoom(consumer: Consumer): boolean {
    const { name } = consumer;
    const hasRoom = consumer.room() > 0;
    if (hasRoom) this.#full.delete(name);
    else if (!this.#full.has(name)) {
      this.#full.add(name);
      const line = { event: 'delivery', destination: name };
      this.#logger.warn(line, `the queue of ${name} is full: instances are stored, and are queued when it has room`);
    }
    return hasRoom;
  }

  /** Returns whether no other process has read for the consumer meanwhile. */
  async #show(consumer: Consumer, page: readonly ArrivedInstance[], last: number): Promise<boolean> {
    const { name } = consumer;
    const before = this.#positions.get(name);
    if (!before) return false;
    const rows = page.filter(({ id }) => id > before.position);
    const room = consumer.room();
    const entering: ((queries: DeliveryQueries) => Promise<void>)[] = [];
    let [position, read] = [before.position, undefined as ArrivedInstance | undefined];
    for (const row of rows) {
      if (entering.length >= room) break;
      const isFound = row.id <= before.found_to;
      const isKnown = isFound && (await this.#timeOf(row, before.mark)) < before.mark - SLACK;
      const enter = isKnown ? undefined : await consumer.examine(row);
      if (enter) entering.push((queries) => enter(queries, isFound));
      position = row.id;
      read = row;
    }
    // The ids after the last row of a page that is not full belong to instances that were removed, or to nothing. They are not
    // worth a change.
    if (rows.length === page.length && page.length < PAGE && read === rows.at(-1)) this.#empty.set(name, last);
    if (position === before.position) return true;
    const mark = read ? Math.max(before.mark, await this.#timeOf(read, before.mark)) : before.mark;
    return this.#move(name, before, { ...before, position, mark }, async (queries) => {
      for (const enter of entering) await enter(queries);
    });
  }

  /** Moves a position, with other changes. Returns false, and changes nothing, if another process has moved it. */
  async #move(
    name: string,
    before: Position,
    after: Position,
    change: (queries: DeliveryQueries) => Promise<void> = async () => {},
  ): Promise<boolean> {
    const isMoved = await this.#database.change(async (queries) => {
      const isFirst = await move(queries, name, before, after);
      if (isFirst) await change(queries);
      return isFirst;
    });
    if (isMoved) this.#positions.set(name, after);
    return isMoved;
  }

  /** When the file of an instance was written. */
  async #timeOf(key: InstanceKey, otherwise: number): Promise<number> {
    // The objects of a shared store outlive its index, which is not made again.
    if (this.#database.claims) return this.#database.clock.now();
    try {
      await using file = await this.#instances.open(key);
      return Math.floor((await stat(file.path)).mtimeMs);
    } catch {
      return otherwise;
    }
  }
}

/** The name of the claim of a process that reads for a consumer. */
const readerOf = (name: string) => `delivery reader ${name}`;

async function move(queries: DeliveryQueries, name: string, before: Position, after: Position): Promise<boolean> {
  const { generation, position, mark, found_to } = after;
  const values = [generation, position, mark, found_to, name, before.generation, before.position];
  return (await queries.run(MOVE, ...values)) > 0;
}

const ADD = `insert into consumer (name, generation, position, mark, found_to) values (?, ?, ?, ?, ?)
  on conflict do nothing`;
const MOVE = `update consumer set generation = ?, position = ?, mark = ?, found_to = ?
  where name = ? and generation = ? and position = ?`;
const FORGET = 'delete from consumer where name = ?';
const SEEN = 'update consumer set seen_at = ? where name = ?';
const FORGET_UNSEEN = 'delete from consumer where seen_at < ? returning name';
const FORGET_STUDIES = 'delete from arriving_study';
/** Milliseconds after which a consumer is forgotten that none of several processes has. */
const LONGEST_ABSENCE = 86_400_000;
