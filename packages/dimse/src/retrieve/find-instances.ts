// The instances that an identifier of a retrieval stands for, found level by level (PS3.4 §C.4.1.3.1.1).

import { text, texts } from '../data-set/access.ts';
import type { DataSet, DataSetInput, UntypedDataSet } from '../data-set/dataset.ts';

/** An instance that can be retrieved by its own. */
export interface FoundInstance {
  readonly sopInstance: string;
  /** Undefined if the peer does not tell. */
  readonly sopClass: string | undefined;
  /** The identifier at IMAGE level. */
  readonly identifier: DataSetInput;
}

/** Sends an identifier by C-FIND and returns the identifiers of the matches. */
export type Find = (identifier: DataSetInput) => AsyncIterable<{ readonly identifier?: DataSet | undefined }>;

/** @throws the errors of `find` */
export async function* findInstances(
  find: Find,
  identifier: DataSetInput,
): AsyncGenerator<FoundInstance, void, undefined> {
  const level = LEVELS.findIndex(({ name }) => name === text(identifier.QueryRetrieveLevel));
  const wanted = LEVELS[level];
  if (!wanted) return;
  const above = LEVELS.slice(0, level).map(({ key }): [string, unknown] => [key, identifier[key]]);
  const upper = Object.fromEntries(above.filter(([, value]) => value !== undefined)) as DataSet;
  // A query has one value for each level, a retrieval may have a list.
  for (const value of texts(identifier[wanted.key])) yield* below(find, level, { ...upper, [wanted.key]: value });
}

/** The instances below an entity, which `keys` identify. */
async function* below(
  find: Find,
  level: number,
  keys: DataSetInput,
  sopClass?: string,
): AsyncGenerator<FoundInstance, void, undefined> {
  const next = LEVELS[level + 1];
  if (!next) {
    yield { sopInstance: text(keys.SOPInstanceUID), sopClass, identifier: { QueryRetrieveLevel: 'IMAGE', ...keys } };
    return;
  }
  const matches: UntypedDataSet[] = [];
  const wanted = { [next.key]: '', ...(next.name === 'IMAGE' && { SOPClassUID: '' }) };
  for await (const match of find({ QueryRetrieveLevel: next.name, ...keys, ...wanted }))
    if (match.identifier) matches.push(match.identifier);
  for (const match of matches) {
    const value = text(match[next.key]);
    if (value !== '')
      yield* below(find, level + 1, { ...keys, [next.key]: value }, text(match.SOPClassUID) || undefined);
  }
}

const LEVELS = [
  { name: 'PATIENT', key: 'PatientID' },
  { name: 'STUDY', key: 'StudyInstanceUID' },
  { name: 'SERIES', key: 'SeriesInstanceUID' },
  { name: 'IMAGE', key: 'SOPInstanceUID' },
] as const;
