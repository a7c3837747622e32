// Work on many rows in turns, so that other requests do not wait for all of it.

import { nextTurn } from '@x/dimse/data-set';

/** Removes rows by `removeSome`, which removes a few and gives their number, with a turn of the event loop in between. */
export async function inBatches(removeSome: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const count = await removeSome();
    removed += count;
    if (count === 0) return removed;
    await nextTurn();
  }
}

/**
 * The rows in groups of `LENGTH_AT_ONCE` together, or of one longer row, with a turn of the event loop after each group:
 * attributes of megabytes take milliseconds to read or to remove.
 */
export async function* groupsByLength<Row extends { readonly length: number }>(
  rows: readonly Row[],
): AsyncGenerator<readonly Row[]> {
  let [group, length]: [Row[], number] = [[], 0];
  for (const row of rows) {
    if (group.length > 0 && length + row.length > LENGTH_AT_ONCE) {
      yield group;
      await nextTurn();
      [group, length] = [[], 0];
    }
    group.push(row);
    length += row.length;
  }
  if (group.length > 0) yield group;
}

/** In bytes of attributes. */
const LENGTH_AT_ONCE = 4 * 1024 * 1024;

/** The number of rows that are removed in one transaction. */
export const ROWS_AT_ONCE = 100;
