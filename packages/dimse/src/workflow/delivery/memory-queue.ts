// A queue in memory, of which no destination can use all.

import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import type { QueuedEntry } from './delivery-loop.ts';

/** The room of a queue in memory, in all and of each destination. */
export interface QueueRoom {
  readonly maximumEntries: number;
  readonly maximumEntriesOfDestination: number;
  /** Bytes of all entries; half of it for one destination. */
  readonly maximumLength: number;
}

/** The entries of a queue in memory, in the order in which they were put. */
export class MemoryQueue<Entry extends QueuedEntry> {
  readonly #entries = new Map<string, { readonly entry: Entry; readonly length: number }>();
  readonly #what: string;
  readonly #destinationOf: (entry: Entry) => string;
  readonly #room: QueueRoom;

  /** @param what The entries, in the plural, for the Error Comment. */
  constructor(what: string, destinationOf: (entry: Entry) => string, room: QueueRoom) {
    this.#what = what;
    this.#destinationOf = destinationOf;
    this.#room = room;
  }

  get(id: string): { readonly entry: Entry; readonly length: number } | undefined {
    return this.#entries.get(id);
  }

  /** Adds an entry of this many bytes, or replaces the one with its id. @throws DimseError (0213H) if there is no room */
  put(entry: Entry, length: number): void {
    const destination = this.#destinationOf(entry);
    if (!this.#entries.has(entry.id) && !this.#hasRoom(destination, length))
      throw new DimseError(Status.ResourceLimitation, {
        errorComment: `too many ${this.#what} are waiting for ${destination}`,
      });
    this.#entries.set(entry.id, { entry, length });
  }

  /** The entry with the earliest `notBefore` of those that `isMeant` accepts. */
  earliest(isMeant: (entry: Entry) => boolean): Entry | undefined {
    let first: Entry | undefined;
    for (const { entry } of this.#entries.values())
      if (isMeant(entry) && (!first || entry.notBefore < first.notBefore)) first = entry;
    return first;
  }

  *all(): Generator<Entry> {
    for (const { entry } of this.#entries.values()) yield entry;
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  #hasRoom(destination: string, length: number): boolean {
    const { maximumEntries, maximumEntriesOfDestination, maximumLength } = this.#room;
    const all = { count: 0, length };
    const own = { count: 0, length };
    for (const { entry, length: more } of this.#entries.values())
      for (const sum of this.#destinationOf(entry) === destination ? [all, own] : [all]) {
        sum.count++;
        sum.length += more;
      }
    return (
      all.count < maximumEntries &&
      own.count < maximumEntriesOfDestination &&
      all.length <= maximumLength &&
      // A single entry of any length has room for its destination.
      (own.count === 0 || own.length <= maximumLength / 2)
    );
  }
}
