// dimse-scu find: what the peer has that matches.

import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { type DataSet, patientRoot, studyRoot, toDicomJson } from '@x/dimse';
import { encodeQueryOptions } from '@x/net';
import { type Connecting, connect } from './connect.ts';
import { identifierOf } from './keys.ts';
import type { FindOptions } from './options.ts';
import { Output } from './output.ts';

export async function find(connecting: Connecting & { readonly options: FindOptions }): Promise<number> {
  const { options, peer, logger, signal } = connecting;
  const { model, level, key: keys, limit, relational, fuzzy } = options;
  const service = model === 'patient' ? patientRoot : studyRoot;
  const sopClassUid = service.sopClasses.Find.uid;
  const session = await connect(connecting, [service], undefined, 1, [
    ...(relational || fuzzy
      ? [{ sopClassUid, applicationInformation: encodeQueryOptions({ relational, fuzzy }) }]
      : []),
  ]);
  const output = new Output(options);
  const identifier = { QueryRetrieveLevel: level, ...identifierOf(keys) };
  const columns = keys.map(({ path }) => path);
  const responses = session.use(service as typeof studyRoot).find({ identifier }, { signal });
  let count = 0;
  for await (const { identifier: match = {}, status } of responses) {
    if (count++ === 0 && !options.json) output.result(row(columns.map((path) => path.join('.'))), {});
    const dataSet = toDicomJson(match);
    output.result(row(columns.map((path) => textAt(match, path))), { status: hex(status), dataSet });
    // Leaving cancels the rest.
    if (count === limit) break;
  }
  logger.info(`${peerText(peer)}: ${count} ${count === 1 ? 'match' : 'matches'}`);
  await session.release();
  return ExitCode.Success;
}

const WIDTH = 24;

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index < cells.length - 1 ? cell.padEnd(WIDTH) : cell))
    .join('  ')
    .trimEnd();
}

/** The value at the end of the way, of the first items. */
function textAt(dataSet: DataSet, [name = '', ...rest]: readonly string[]): string {
  const value = dataSet[name] ?? dataSet[name.toUpperCase()];
  if (rest.length > 0) {
    const [item] = Array.isArray(value) ? value : [];
    return typeof item === 'object' && item !== null ? textAt(item as DataSet, rest) : '';
  }
  return (Array.isArray(value) ? value : [value]).map(textOf).join('\\');
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as DataSet;
  return [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '');
}

function hex(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}
