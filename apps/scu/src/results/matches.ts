// The matches of a query, printed as they arrive: a readable table, or one JSON object per line.

import { peerText } from '@x/cli/peer';
import type { DataSet } from '@x/dimse';
import { firstItem, text, toDicomJson, valueRepresentationOf, values } from '@x/dimse/data-set';
import type { Key } from '../options/keys.ts';
import { hex } from '../output/output.ts';
import type { Connecting } from '../peer/connect.ts';
import type { MatchFiles } from './match-files.ts';

/** A response to C-FIND. */
interface Match {
  readonly identifier?: DataSet | undefined;
  readonly status: number;
}

export interface MatchOptions {
  /** The number of matches after which the query is cancelled. */
  readonly limit: number | undefined;
  /** Files that the matches are also written to. */
  readonly files: MatchFiles | undefined;
}

/** Prints the matches, with a column for each key. */
export async function printMatches(
  { options, output, peer, logger }: Connecting,
  matches: AsyncIterable<Match>,
  keys: readonly Key[],
  { limit, files }: MatchOptions,
): Promise<void> {
  const columns = columnsOf(keys);
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(columns[index]?.width ?? 0))
      .join('  ')
      .trimEnd();
  let count = 0;
  for await (const { identifier = {}, status } of matches) {
    if (count++ === 0 && !options.json) output.result(row(columns.map(({ heading }) => heading)), {});
    const dataSet = toDicomJson(identifier);
    output.result(row(columns.map(({ path }) => textAt(identifier, path))), { status: hex(status), dataSet });
    await files?.keep(identifier);
    if (count === limit) break;
  }
  logger.info(`${peerText(peer)}: ${count} ${count === 1 ? 'match' : 'matches'}`);
}

interface Column {
  readonly path: readonly string[];
  readonly heading: string;
  readonly width: number;
}

/** The heading is the last keyword of the path, or the whole path if another column ends with the same keyword. */
function columnsOf(keys: readonly Key[]): readonly Column[] {
  const paths = [...new Map(keys.map(({ path }) => [path.join('.'), path])).values()];
  const names = paths.map((path) => path.at(-1) as string);
  return paths.map((path, index) => {
    const name = names[index] as string;
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    const heading = isUnique ? name : path.join('.');
    return { path, heading, width: Math.max(heading.length, WIDTHS[valueRepresentationOf(name) ?? ''] ?? 24) };
  });
}

// The widths of values of these VRs (PS3.5 §6.2).
const WIDTHS: Readonly<Record<string, number>> = { AE: 16, AS: 4, CS: 16, DA: 8, IS: 12, SH: 16, TM: 6 };

/** The value at the end of the path, in the first item of each sequence. */
function textAt(dataSet: DataSet, [name = '', ...rest]: readonly string[]): string {
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
