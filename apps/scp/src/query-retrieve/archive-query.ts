// Turns C-FIND, C-MOVE and C-GET identifiers into queries of the index (PS3.4 §C.4.1 and §C.6).

import { DimseError, type KeyPlace, type Query, Status, type UntypedDataSet } from '@x/dimse';
import { tagOf } from '@x/dimse/data-set';
import { type ArchiveQuery, LEVELS, type Level } from '../instances/archive-index/archive-index.ts';
import { isIndexedAt, levelsDownTo, uniqueKey } from '../instances/archive-index/indexed-attributes.ts';

/** The root of an information model. In the study root model, the attributes of the patient belong to the study. */
export type Root = 'PATIENT' | 'STUDY';

/** The query of the index for the query of a C-FIND request. */
export function findQuery({ level, keys, identifier, options }: Query): ArchiveQuery {
  const { relational: _, enhancedMultiFrame: __, ...matching } = options;
  const { TimezoneOffsetFromUTC } = identifier;
  const zone = matching.timezone && TimezoneOffsetFromUTC !== undefined ? { TimezoneOffsetFromUTC } : {};
  return { level: level as Level, identifier: { ...keys, ...zone }, ...matching };
}

/** Whether the index has the attribute at the level. */
export function supportsKey(keyword: string, { level, sequences }: KeyPlace): boolean {
  return sequences.length > 0 || ANSWERED.has(keyword) || isIndexedAt(level as Level, keyword);
}

/**
 * The query of a C-MOVE or C-GET identifier: unique keys without wildcards, with a list of UIDs at its own level. The
 * issuer is used too, because it distinguishes patients with the same identifier.
 * @throws DimseError A900H that says what is wrong with the identifier
 */
export function retrieveQuery(root: Root, identifier: UntypedDataSet): ArchiveQuery {
  const level = levelOf(root, identifier);
  const key = uniqueKey(level);
  if (valuesOf(identifier[key]).length === 0) throw mismatch(`a retrieval at level ${level} needs ${key}`, key);
  const keys: Record<string, unknown> = {};
  // Unique keys of higher levels narrow the query but are not required, because a UID is unique by itself.
  for (const each of [...levelsDownTo(level).map(uniqueKey), 'IssuerOfPatientID']) {
    const values = valuesOf(identifier[each]);
    if (values.some((value) => /[*?]/.test(String(value))))
      throw mismatch(`${each} of a retrieval has wildcards`, each);
    if (values.length > 0) keys[each] = identifier[each];
  }
  return { level, identifier: keys };
}

function levelOf(root: Root, identifier: UntypedDataSet): Level {
  const level = String(valuesOf(identifier.QueryRetrieveLevel)[0] ?? '').trim() as Level;
  if (!LEVELS.includes(level) || (root === 'STUDY' && level === 'PATIENT'))
    throw mismatch(`'${level}' is not a level of the ${root.toLowerCase()} root model`, 'QueryRetrieveLevel');
  return level;
}

/** Keys with the same answer for every entity. */
const ANSWERED: ReadonlySet<string> = new Set(['RetrieveAETitle', 'InstanceAvailability']);

function valuesOf(key: unknown): unknown[] {
  return (Array.isArray(key) ? key : [key]).filter((value) => value !== undefined && value !== null && value !== '');
}

function mismatch(errorComment: string, keyword: string): DimseError {
  const tag = tagOf(keyword);
  return new DimseError(Status.DataSetDoesNotMatchSopClass, {
    errorComment,
    ...(tag !== undefined && { offendingElements: [tag] }),
  });
}
