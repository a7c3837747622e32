// The instances that an identifier of a retrieval stands for, found level by level (PS3.4 §C.4.1.3.1.1).

import { text, texts } from '../data-set/access.ts';
import type { DataSet, DataSetInput, UntypedDataSet } from '../data-set/dataset.ts';
import { isUid } from '../registry/uids.ts';

/** An instance that can be retrieved by its own. */
export interface FoundInstance {
  readonly sopInstance: string;
  /** Undefined if the peer does not tell. */
  readonly sopClass: string | undefined;
  /** The transfer syntaxes in which the peer has it; none if the peer does not tell. */
  readonly transferSyntaxes: readonly string[];
  /** The identifier at IMAGE level. */
  readonly identifier: DataSetInput;
}

/** Sends an identifier by C-FIND and returns the identifiers of the matches. */
export type Find = (identifier: DataSetInput) => AsyncIterable<{
  readonly identifier?: DataSet | undefined;
  readonly unreadable?: { readonly error: Error };
}>;

/**
 * Finds the instances, and asks for their SOP class and for Available Transfer Syntax UID. The instances that an identifier
 * at IMAGE level names are given even if they are not found.
 * @throws RangeError if there are more than `MAXIMUM_FOUND` matches; the errors of `find`
 */
export async function* findInstances(
  find: Find,
  identifier: DataSetInput,
): AsyncGenerator<FoundInstance, void, undefined> {
  const level = LEVELS.findIndex(({ name }) => name === text(identifier.QueryRetrieveLevel));
  const wanted = LEVELS[level];
  if (!wanted) return;
  let count = 0;
  const counted: Find = async function* (asked) {
    for await (const match of find(asked)) {
      if (++count > MAXIMUM_FOUND) throw new RangeError(`the query has more than ${MAXIMUM_FOUND} matches`);
      yield match;
    }
  };
  const above = LEVELS.slice(0, level).map(({ key }): [string, unknown] => [key, identifier[key]]);
  const upper = Object.fromEntries(above.filter(([, value]) => value !== undefined)) as DataSetInput;
  const wantedUids = texts(identifier[wanted.key]);
  if (wanted.name === 'IMAGE') yield* named(counted, upper, wantedUids);
  // A query has one value for each level, a retrieval may have a list.
  else for (const value of wantedUids) yield* below(counted, level, { ...upper, [wanted.key]: value });
}

/** The most matches that are read, over all queries, because the instances are held in memory. */
const MAXIMUM_FOUND = 200_000;

/** The instances of a list of UIDs (PS3.4 §C.2.2.2.2). */
async function* named(find: Find, keys: DataSetInput, uids: readonly string[]): AsyncGenerator<FoundInstance> {
  const missing = new Set(uids);
  const list = uids.length === 1 ? uids[0] : uids;
  for await (const { identifier } of find({ QueryRetrieveLevel: 'IMAGE', ...keys, ...WANTED, SOPInstanceUID: list }))
    if (identifier && missing.delete(text(identifier.SOPInstanceUID))) yield instanceOf(keys, identifier);
  for (const SOPInstanceUID of missing) yield instanceOf(keys, { SOPInstanceUID });
}

/** The instances below an entity, which `keys` identify. */
async function* below(find: Find, level: number, keys: DataSetInput): AsyncGenerator<FoundInstance, void, undefined> {
  const next = LEVELS[level + 1];
  if (!next) return;
  const isLowest = next.name === 'IMAGE';
  // Some peers give an entity several times.
  const matches = new Map<string, UntypedDataSet>();
  for await (const { identifier, unreadable } of find({
    QueryRetrieveLevel: next.name,
    ...keys,
    [next.key]: '',
    ...(isLowest && WANTED),
  })) {
    // Without it, the list would not be complete.
    if (unreadable) throw unreadable.error;
    if (identifier && text(identifier[next.key]) !== '') matches.set(text(identifier[next.key]), identifier);
  }
  for (const [value, match] of matches)
    if (isLowest) yield instanceOf(keys, match);
    else yield* below(find, level + 1, { ...keys, [next.key]: value });
}

function instanceOf(keys: DataSetInput, match: UntypedDataSet): FoundInstance {
  const sopInstance = text(match.SOPInstanceUID);
  const sopClass = text(match.SOPClassUID);
  return {
    sopInstance,
    sopClass: isUid(sopClass) ? sopClass : undefined,
    transferSyntaxes: texts(match.AvailableTransferSyntaxUID).filter(isUid),
    identifier: { QueryRetrieveLevel: 'IMAGE', ...keys, SOPInstanceUID: sopInstance },
  };
}

const LEVELS = [
  { name: 'PATIENT', key: 'PatientID' },
  { name: 'STUDY', key: 'StudyInstanceUID' },
  { name: 'SERIES', key: 'SeriesInstanceUID' },
  { name: 'IMAGE', key: 'SOPInstanceUID' },
] as const;

const WANTED = { SOPClassUID: '', AvailableTransferSyntaxUID: '' };
