// Turns C-FIND, C-MOVE and C-GET identifiers into queries of the index (PS3.4 §C.4.1 and §C.6).

import { type DataSet, DimseError, type MatchingOptions, Status } from '@x/dimse';
import { tagOf } from '@x/dimse/data-set';
import { type ArchiveQuery, LEVELS, type Level } from '../instances/archive-index/archive-index.ts';
import { isIndexedAt, levelsDownTo, uniqueKey } from '../instances/archive-index/indexed-attributes.ts';
import { AttributesAskedFor, NOT_ATTRIBUTES } from './attributes-asked-for.ts';

/** The root of an information model. In the study root model, the attributes of the patient belong to the study. */
export type Root = 'PATIENT' | 'STUDY';

/** The options that were negotiated for the SOP class (PS3.4 §C.5.1.1). */
export interface QueryOptions extends MatchingOptions {
  /** Whether the unique keys of higher levels may be absent. */
  readonly relational?: boolean;
}

/**
 * The query of a C-FIND identifier, with the keys that the archive supports at the level.
 * @throws DimseError A900H that says what is wrong with the identifier
 */
export function findQuery(root: Root, identifier: DataSet, options: QueryOptions = {}): ArchiveQuery {
  const level = levelOf(root, identifier);
  if (!options.relational)
    for (const above of levelsAbove(root, level))
      if (!isSingle(identifier[uniqueKey(above)])) throw missing(above, level);
  const { relational: _, ...matching } = options;
  return { level, identifier: knownKeys(level, identifier), ...matching };
}

/**
 * The query of a C-MOVE or C-GET identifier: unique keys without wildcards, with a list of UIDs at its own level. The
 * issuer is used too, because it distinguishes patients with the same identifier.
 * @throws DimseError A900H that says what is wrong with the identifier
 */
export function retrieveQuery(root: Root, identifier: DataSet): ArchiveQuery {
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

/** A response to C-FIND: the requested keys, and the AE title to retrieve the entity from. */
export interface FoundEntity {
  readonly identifier: DataSet;
  /** Whether all requested keys are supported. */
  readonly isComplete: boolean;
}

/** Makes the responses to an identifier, which is examined once and not for each entity. */
export function foundEntities(
  { level }: Pick<ArchiveQuery, 'level'>,
  asked: DataSet,
  retrieveAeTitle: string,
): (entity: DataSet, signal?: AbortSignal) => Promise<FoundEntity> {
  const keys = Object.entries(asked).filter(([keyword]) => !NOT_ATTRIBUTES.has(keyword));
  const known = keys.filter(([keyword]) => isKnown(keyword, level));
  const isComplete = known.length === keys.length;
  const answers = new AttributesAskedFor(Object.fromEntries(known));
  const uniqueKeys = levelsDownTo(level).map(uniqueKey);
  const always = {
    QueryRetrieveLevel: level,
    RetrieveAETitle: retrieveAeTitle,
    ...('InstanceAvailability' in asked && { InstanceAvailability: 'ONLINE' }),
  };
  return async (entity, signal) => {
    const identifier: Record<string, unknown> = { ...(await answers.of(entity, signal)), ...always };
    for (const key of uniqueKeys) if (entity[key] !== undefined) identifier[key] = entity[key];
    return { identifier, isComplete };
  };
}

function levelOf(root: Root, identifier: DataSet): Level {
  const level = String(valuesOf(identifier.QueryRetrieveLevel)[0] ?? '').trim() as Level;
  if (!LEVELS.includes(level) || (root === 'STUDY' && level === 'PATIENT'))
    throw mismatch(`'${level}' is not a level of the ${root.toLowerCase()} root model`, 'QueryRetrieveLevel');
  return level;
}

function levelsAbove(root: Root, level: Level): readonly Level[] {
  return levelsDownTo(level).slice(root === 'STUDY' ? 1 : 0, -1);
}

/** The keys of the level and of those above it. Other keys are not matched. */
function knownKeys(level: Level, identifier: DataSet): DataSet {
  return Object.fromEntries(
    Object.entries(identifier).filter(([keyword]) => isKnown(keyword, level) && !ANSWERED.has(keyword)),
  );
}

function isKnown(keyword: string, level: Level): boolean {
  return ANSWERED.has(keyword) || isIndexedAt(level, keyword);
}

/** Keys with the same answer for every entity. */
const ANSWERED: ReadonlySet<string> = new Set(['RetrieveAETitle', 'InstanceAvailability']);

function isSingle(key: unknown): boolean {
  const values = valuesOf(key);
  return values.length === 1 && !/[*?]/.test(String(values[0]));
}

function valuesOf(key: unknown): unknown[] {
  return (Array.isArray(key) ? key : [key]).filter((value) => value !== undefined && value !== null && value !== '');
}

function missing(above: Level, level: Level): DimseError {
  const key = uniqueKey(above);
  // An Error Comment has 64 characters at most.
  return mismatch(`level ${level} needs one ${key}, or relational queries`, key);
}

function mismatch(errorComment: string, keyword: string): DimseError {
  const tag = tagOf(keyword);
  return new DimseError(Status.DataSetDoesNotMatchSopClass, {
    errorComment,
    ...(tag !== undefined && { offendingElements: [tag] }),
  });
}
