// Reads what arrives in the archive, and enters what is to be delivered. Storing does not know of it: the ids of the index grow,
// and each consumer keeps the id that it has read up to. Entries and position change in one transaction, so that a crash
// neither loses an arrival nor enters it twice.

import { stat } from 'node:fs/promises';
import type { Logger } from '@x/cli/logger';
import { nextTurn } from '@x/dimse/data-set';
import type { ArrivedInstance } from '../instances/archive-index/archive-index.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { InstanceKey } from '../instances/instance-store.ts';
import { PAGE, type Position, positionsOf } from './arrival-positions.ts';
import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';

/** Somebody to whom all that arrives is shown once. */
export interface Consumer {
  readonly name: string;
  /** Whether it is shown what the archive had when it was first known. */
  readonly existing: boolean;
  /** The number of arrivals that it can take now. */
  room(): number;
  /** Prepares what it makes of an arrival; undefined if nothing. Before the transaction. */
  examine(arrival: ArrivedInstance): Promise<((isFound: boolean) => void) | undefined>;
}

/**
 * Files that were written this much before the last arrival that was read are known to have been read, when an index is made
 * again: between the end of a file and its entry are less than this. Entries that are done are kept for as long. In milliseconds.
 */
const SLACK = 120_000;
/** The index is still being made again: files that are found and instances that arrive are entered side by side. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;

export class Arrivals {
  readonly #instances: InstanceArchive;
  readonly #database: DeliveryDatabase;
  readonly #logger: Logger;
  readonly #sql: ReturnType<typeof statements>;
  #consumers: readonly Consumer[] = [];
  readonly #positions = new Map<string, Position>();
  /** The names of consumers that have no room. */
  readonly #full = new Set<string>();
  #last = 0;

  constructor(instances: InstanceArchive, database: DeliveryDatabase, logger: Logger) {
    this.#instances = instances;
    this.#database = database;
    this.#logger = logger;
    this.#sql = statements(database);
  }

  /** Replaces the consumers. A new one is shown what arrives from now on; one that is missing is forgotten. */
  async watch(consumers: readonly Consumer[]): Promise<void> {
    const { generation, last } = await this.#instances.index.arrivals.state();
    const known = positionsOf(this.#database);
    const now = Date.now();
    this.#database.change(() => {
      for (const name of known.keys()) if (!consumers.some((each) => each.name === name)) this.#sql.forget.run(name);
      for (const { name, existing } of consumers) {
        const before = known.get(name);
        if (before?.generation === generation && before.position <= last) this.#positions.set(name, before);
        else if (before) {
          this.#logger.info(`the index was made again: ${name} goes on after the instance that it saw last`);
          this.#store(name, { ...before, generation, position: 0, found_to: UNKNOWN });
        } else this.#store(name, { generation, position: existing ? 0 : last, mark: now, found_to: 0 });
      }
    });
    for (const name of this.#positions.keys())
      if (!consumers.some((each) => each.name === name)) this.#positions.delete(name);
    this.#consumers = consumers;
  }

  /** The number of arrivals that a consumer has not read, at most. */
  behind(name: string): number {
    return Math.max(0, this.#last - (this.#positions.get(name)?.position ?? this.#last));
  }

  /** Whether a consumer has no room, so that arrivals wait in the archive. */
  isFull(name: string): boolean {
    return this.#full.has(name);
  }

  /** How far each consumer has read, by name. */
  get positions(): ReadonlyMap<string, Position> {
    return this.#positions;
  }

  /** Entries that were done before this time need not be remembered. */
  get forgettable(): number {
    return Math.min(...[...this.#positions.values()].map(({ mark }) => mark), Date.now()) - SLACK;
  }

  /** Shows the consumers what has arrived since the last time. Returns whether anything has. */
  async read(signal: AbortSignal): Promise<boolean> {
    const { index } = this.#instances;
    const { last } = await index.arrivals.state();
    this.#last = last;
    if (index.isComplete) this.#endFinding(last);
    if (this.#consumers.every(({ name }) => this.behind(name) === 0)) return false;
    // An entry that a failure of the machine could take back must not be read.
    await index.sync();
    let isAny = false;
    while (!signal.aborted) {
      const able = this.#consumers.filter(({ name }) => this.behind(name) > 0).filter((each) => this.#hasRoom(each));
      const from = Math.min(...able.map(({ name }) => this.#positions.get(name)?.position ?? last));
      if (able.length === 0 || from >= last) return isAny;
      const page = (await index.arrivals.after(from, PAGE)).filter(({ id }) => id <= last);
      for (const consumer of able) await this.#show(consumer, page, last);
      isAny = true;
      await nextTurn();
    }
    return isAny;
  }

  /** The files of an index that is made again are all entered: later ones have arrived. */
  #endFinding(last: number): void {
    for (const [name, position] of this.#positions)
      if (position.found_to === UNKNOWN) this.#store(name, { ...position, found_to: last });
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

  async #show(consumer: Consumer, page: readonly ArrivedInstance[], last: number): Promise<void> {
    const { name } = consumer;
    const before = this.#positions.get(name);
    if (!before) return;
    const rows = page.filter(({ id }) => id > before.position);
    const room = consumer.room();
    const entering: (() => void)[] = [];
    let [position, read] = [before.position, undefined as ArrivedInstance | undefined];
    for (const row of rows) {
      if (entering.length >= room) break;
      const isFound = row.id <= before.found_to;
      const isKnown = isFound && (await this.#timeOf(row, before.mark)) < before.mark - SLACK;
      const enter = isKnown ? undefined : await consumer.examine(row);
      if (enter) entering.push(() => enter(isFound));
      position = row.id;
      read = row;
    }
    // The ids after the last row of a page that is not full belong to instances that were removed.
    if (rows.length === page.length && page.length < PAGE && read === rows.at(-1)) position = Math.max(position, last);
    if (position === before.position) return;
    const mark = read ? Math.max(before.mark, await this.#timeOf(read, before.mark)) : before.mark;
    this.#database.change(() => {
      for (const enter of entering) enter();
      this.#store(name, { ...before, position, mark });
    });
  }

  /** When the file of an instance was written. */
  async #timeOf(key: InstanceKey, otherwise: number): Promise<number> {
    try {
      await using file = await this.#instances.open(key);
      return Math.floor((await stat(file.path)).mtimeMs);
    } catch {
      return otherwise;
    }
  }

  #store(name: string, position: Position): void {
    const { generation, position: at, mark, found_to } = position;
    this.#sql.store.run(name, generation, at, mark, found_to);
    this.#positions.set(name, position);
  }
}

function statements({ prepare }: DeliveryDatabase) {
  return {
    store: prepare(`insert or replace into consumer (name, generation, position, mark, found_to)
      values (?, ?, ?, ?, ?)`),
    forget: prepare('delete from consumer where name = ?'),
  };
}
