// The matches of a query, printed: a readable table, or one JSON object per line.

import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import type { DataSet, UnreadableDataSet, UntypedDataSet } from '@x/dimse';
import { byKeyword, firstItem, text, toDicomJson, valueRepresentationOf, values } from '@x/dimse/data-set';
import type { Key } from '../options/keys.ts';
import { hex, type Output } from '../output/output.ts';
import { type TableColumn, tableLines } from '../output/table.ts';
import type { Connecting } from '../peer/connect.ts';
import type { MatchFiles } from './match-files.ts';

/** A response to C-FIND. */
interface Match {
  readonly identifier?: DataSet | undefined;
  readonly status: number;
  readonly unreadable?: UnreadableDataSet;
}

export interface MatchOptions {
  /** The number of matches after which the query is cancelled. */
  readonly limit: number | undefined;
  /** Files that the matches are also written to. */
  readonly files: MatchFiles | undefined;
  /** The keyword of the column by which the table is sorted. */
  readonly sort?: string | undefined;
}

/**
 * Prints the matches: as a table with a column for each key, or one JSON object per line as they arrive. A match that cannot be
 * decoded is reported with its bytes.
 */
export async function printMatches(
  { options, output, peer, logger }: Connecting,
  matches: AsyncIterable<Match>,
  keys: readonly Key[],
  { limit, files, sort }: MatchOptions,
): Promise<number> {
  const table = new MatchTable(columnsOf(keys), sort);
  const print = () => {
    for (const line of table.take()) output.result(line, {});
  };
  let [count, unread] = [0, 0];
  try {
    for await (const { identifier = {}, status, unreadable } of matches) {
      count++;
      if (unreadable) {
        unread++;
        reportUnreadable(output, count, hex(status), unreadable);
        if (count === limit) break;
        continue;
      }
      if (options.json) output.result('', { status: hex(status), dataSet: toDicomJson(identifier) });
      else if (!options.quiet) table.add(identifier);
      if (table.isFull) print();
      await files?.keep(identifier);
      if (count === limit) break;
    }
  } finally {
    // Also those before a failure or an interruption.
    print();
  }
  logger.info(`${peerText(peer)}: ${count} ${count === 1 ? 'match' : 'matches'}`);
  return unread > 0 ? ExitCode.Failure : ExitCode.Success;
}

function reportUnreadable(output: Output, number: number, status: string, unreadable: UnreadableDataSet): void {
  const { error, bytes, transferSyntax } = unreadable;
  const raw = Buffer.from(bytes);
  const first = raw.toString('hex', 0, SHOWN_BYTES);
  const shown = `${raw.length} bytes${raw.length > 0 ? `: ${first}${raw.length > SHOWN_BYTES ? '…' : ''}` : ''}`;
  output.failure(`failed  match ${number} cannot be read: ${error.message}; ${shown}`, {
    status,
    unreadable: { reason: error.message, transferSyntax, bytes: raw.toString('base64') },
  });
}

/** The first bytes of a match that are printed if it cannot be decoded. */
const SHOWN_BYTES = 64;

/** Collects rows, because the widths of the columns depend on all of them. */
class MatchTable {
  readonly #columns: readonly Column[];
  readonly #sort: number | undefined;
  #rows: (readonly string[])[] = [];

  /** @param sort The keyword of the column by which the rows are sorted. @throws UsageError if it is not a column */
  constructor(columns: readonly Column[], sort: string | undefined) {
    this.#columns = columns;
    if (sort === undefined) return;
    this.#sort = columns.findIndex(({ heading, path }) => heading === sort || path.join('.') === sort);
    if (this.#sort < 0)
      throw new UsageError(`--sort ${sort} is not a column: use ${columns.map(({ heading }) => heading).join(', ')}`);
  }

  /** Sorting needs all rows. */
  get isFull(): boolean {
    return this.#sort === undefined && this.#rows.length === MOST_ROWS;
  }

  add(match: DataSet): void {
    const all = byKeyword(match);
    this.#rows.push(this.#columns.map(({ path }) => textAt(all, path)));
  }

  /** The table of the rows so far, with the sums of counts. Nothing if it has no rows. */
  take(): readonly string[] {
    const [rows, sort] = [this.#rows, this.#sort];
    this.#rows = [];
    if (rows.length === 0) return [];
    if (sort !== undefined)
      rows.sort((one, other) => (one[sort] ?? '').localeCompare(other[sort] ?? '', undefined, { numeric: true }));
    const sums = this.#columns.map(({ isCount }, index) =>
      isCount ? rows.reduce((sum, cells) => sum + Number(cells[index]), 0) : undefined,
    );
    const isSummed = rows.length > 1 && sums.some((sum) => sum !== undefined && sum > 0);
    const totals = sums.map((sum, index) => (sum === undefined ? (index === 0 ? 'total' : '') : String(sum)));
    return tableLines(this.#columns, isSummed ? [...rows, totals] : rows);
  }
}

/** Rows that are printed as one table; further rows begin another one. */
const MOST_ROWS = 10_000;

interface Column extends TableColumn {
  readonly path: readonly string[];
  /** Whether it is a number of things, such as NumberOfStudyRelatedInstances, so that a sum has a meaning. */
  readonly isCount: boolean;
}

/** The heading is the last keyword of the path, or the whole path if another column ends with the same keyword. */
function columnsOf(keys: readonly Key[]): readonly Column[] {
  const paths = [...new Map(keys.map(({ path }) => [path.join('.'), path])).values()];
  const names = paths.map((path) => path.at(-1) as string);
  return paths.map((path, index) => {
    const name = names[index] as string;
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    const heading = isUnique ? name : path.join('.');
    const isNumeric = NUMERIC.test(valueRepresentationOf(name) ?? '');
    return { path, heading, isNumeric, isCount: /^NumberOf\w+Related/.test(name) };
  });
}

// The VRs of numbers (PS3.5 §6.2).
const NUMERIC = /^(?:DS|IS|FD|FL|SL|SS|SV|UL|US|UV)$/;

/** The value at the end of the path, in the first item of each sequence. */
function textAt(dataSet: UntypedDataSet, [name = '', ...rest]: readonly string[]): string {
  return rest.length > 0 ? textAt(firstItem(dataSet[name]) ?? {}, rest) : valueText(dataSet[name]);
}

/** The values as text, separated by backslashes. Bytes are read as Latin-1. */
export function valueText(value: unknown): string {
  const all = values(value);
  if (!all.some((each) => each instanceof Uint8Array)) return text(value);
  return all.map((each) => (each instanceof Uint8Array ? latin1(each) : text(each))).join('\\');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
}
