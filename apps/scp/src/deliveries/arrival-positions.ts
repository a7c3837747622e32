// How far each reader of the arrivals of an archive has read.

import { nextTurn } from '@x/dimse/data-set';
import type { ArrivalOrder } from '../instances/archive-index/archive-index.ts';
import type { DeliveryQueries } from './delivery-database/delivery-database.ts';

export interface Position {
  /** The index whose ids these are. An index that was emptied or made again is another one. */
  readonly generation: string;
  /** The id that was read up to. */
  readonly position: number;
  /** The time of the file of the last arrival, in milliseconds since 1970. */
  readonly mark: number;
  /** Ids up to this one are of files that were found when the index was made. */
  readonly found_to: number;
}

/** The positions in the database, by the names of the readers. */
export async function positionsOf(queries: DeliveryQueries): Promise<ReadonlyMap<string, Position>> {
  const rows = await queries.rows<Position & { name: string }>(
    'select name, generation, position, mark, found_to from consumer',
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** A reader that may not have read an instance of a study yet; undefined if all have read all. */
export async function unreadBy(
  positions: ReadonlyMap<string, Position>,
  arrivals: ArrivalOrder,
  study: string,
): Promise<string | undefined> {
  const { generation, last } = await arrivals.state();
  for (const [name, { position, generation: known }] of positions) {
    // The ids of an index that was made again say nothing about what was read in the one before.
    if (known !== generation || position > last) return name;
    if (await isAfter(arrivals, position, study)) return name;
  }
  return undefined;
}

async function isAfter(arrivals: ArrivalOrder, position: number, study: string): Promise<boolean> {
  let from = position;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await arrivals.after(from, PAGE);
    if (page.some((arrival) => arrival.study === study)) return true;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return false;
    from = last.id;
    await nextTurn();
  }
  return true;
}

/** Arrivals that are read at once. */
export const PAGE = 100;
/** Pages that are searched for a study; if there are more, the study counts as unread. */
const MOST_PAGES = 100;
