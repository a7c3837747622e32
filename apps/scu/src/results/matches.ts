// Matches of a query as they come: a readable table, or a JSON object a line.

import { peerText } from '@x/cli/peer';
import type { DataSet, Element } from '@x/dimse';
import { toDicomJson, valueRepresentationOf } from '@x/dimse/data-set';
import type { Key } from '../options/keys.ts';
import type { Connecting } from '../peer/connect.ts';
import type { MatchFiles } from './match-files.ts';
import { hex, Output } from './output.ts';

/** A response to C-FIND. */
interface Match {
  readonly identifier?: DataSet | undefined;
  readonly status: number;
}

export interface MatchOptions {
  /** Matches after which it leaves, which cancels the query. */
  readonly limit: number | undefined;
  /** Where they are kept, too. */
  readonly files: MatchFiles | undefined;
}

/** Prints matches with a column for each key. */
export async function printMatches(
  { options, peer, logger }: Connecting,
  matches: AsyncIterable<Match>,
  keys: readonly Key[],
  { limit, files }: MatchOptions,
): Promise<void> {
  const output = new Output(options);
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

/** Headed by the last keyword of the way, unless another one ends alike. */
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

// What values of these VRs take; others may take more.
const WIDTHS: Readonly<Record<string, number>> = { AE: 16, AS: 4, CS: 16, DA: 8, IS: 12, SH: 16, TM: 6 };
/** The value at the end of the way, of the first items. */
function textAt(dataSet: DataSet, [name = '', ...rest]: readonly string[]): string {
  const found = dataSet[name];
  // What private attributes have.
  const value = isElement(found) ? found.value : found;
  if (rest.length > 0) {
    const [item] = Array.isArray(value) ? value : [];
    return typeof item === 'object' && item !== null ? textAt(item as DataSet, rest) : '';
  }
  return valueText(value);
}

/** Values as text, with backslashes between several. */
export function valueText(value: unknown): string {
  return (Array.isArray(value) ? value : [value]).map(textOf).join('\\');
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && 'vr' in value && 'value' in value;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Uint8Array)
    return Buffer.from(value)
      .toString('latin1')
      .replace(/[\0 ]+$/, '');
  if (typeof value !== 'object') return String(value);
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as DataSet;
  return [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '');
}
