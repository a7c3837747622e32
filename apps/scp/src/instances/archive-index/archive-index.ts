// The contract of the index of instances, which answers queries without opening files. A database server could provide it.
// `archiveIndexContract` checks an implementation.

import type { DataSet, MatchingOptions, UntypedDataSet } from '@x/dimse';
import type { InstanceKey } from '../instance-store.ts';

/** The levels of the Query/Retrieve information models, from the top (PS3.4 §C.6). */
export const LEVELS = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'] as const;
export type Level = (typeof LEVELS)[number];

/** An instance as the index has it, with all that opening and sending need. */
export interface IndexedInstance extends InstanceKey {
  readonly sopClass: string;
  readonly transferSyntax: string;
  /** Bytes of its data set; null if unknown. */
  readonly length: number | null;
}

export type SeriesKey = Omit<InstanceKey, 'sopInstance' | 'file'>;

/** The instances to delete: a study, one of its series, or one of its instances. */
export interface DeletionScope {
  readonly study: string;
  readonly series?: string;
  readonly sopInstance?: string;
}

export interface SeriesUsage {
  readonly study: string;
  readonly lastEntry: number;
  readonly bytes: number;
  /** When its last instance was entered, in milliseconds since 1970; absent if only the times of the files say it. */
  readonly lastEntered?: number;
}

/** The part of an index that deletions use. Its changes are safe after `sync` of the index. */
export interface DeletionList {
  /** The last entry of a scope, in the order in which entries were made; -1 if it has none. */
  lastOf(scope: DeletionScope): Promise<number>;
  /** The instances of a scope with the bytes of their data sets. */
  measure(scope: DeletionScope): Promise<{ readonly instances: number; readonly bytes: number }>;
  /** The bytes of each series, with the last entry below it in the order in which entries were made. */
  usage(): AsyncIterable<SeriesUsage>;
  /**
   * Removes up to `most` entries of a scope, up to the entry `last`, and lists their files as to be removed, in one
   * transaction. Returns them.
   */
  listForRemoval(scope: DeletionScope, last: number, most: number): Promise<readonly IndexedInstance[]>;
  /** The next files that are to be removed now. Those that other processes may still read become due some time later. */
  filesToRemove(most: number): Promise<readonly InstanceKey[]>;
  /** Whether the file of an instance is to be removed. */
  isToBeRemoved(instance: InstanceKey): Promise<boolean>;
  /** Takes files off the list: they are gone, or instances that have arrived again have them. */
  filesRemoved(files: readonly InstanceKey[]): Promise<void>;
}

/** The files that a template named. An entry without such a name has its file in the default layout. */
export interface FileNames {
  /** The entry of an instance, with its file; undefined if it has no entry. */
  find(instance: InstanceKey): InstanceKey | undefined | Promise<InstanceKey | undefined>;
  /** The instance whose file has this name. */
  ownerOf(file: string): InstanceKey | undefined | Promise<InstanceKey | undefined>;
  /** The named files of a series, by SOP Instance UID. */
  ofSeries(series: SeriesKey): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
}

/** An identifier with its level and its matching options. */
export interface ArchiveQuery extends MatchingOptions {
  readonly level: Level;
  /** Keys of the level and of those above it. */
  readonly identifier: UntypedDataSet;
}

export interface AddOptions {
  /** Whether an existing entry is replaced, because the instance has a new file. */
  readonly isReplacing?: boolean;
  /** An entry whose file is damaged. It is replaced if it still has the same file. */
  readonly instead?: IndexedInstance;
}

/** An instance to enter, with its attributes as `describeInstance` gives them. */
export interface NewInstance {
  readonly instance: IndexedInstance;
  readonly attributes: UntypedDataSet;
}

/** A method that gives a value or a promise may do either, and may change with each call: see `InstanceStore`. */
export interface ArchiveIndex extends AsyncDisposable {
  /**
   * Enters an instance. An existing entry is not changed unless the options say so. When it settles, the entry outlives the
   * process or, as the index was opened, the machine. A study whose instances name several patients is an entity below each of
   * them, with the instances of that patient. Returns the entry that was there before and stays; undefined if this one has been
   * entered. An index that several processes share lists a file that has lost its entry, or did not get one, as to be removed.
   * @param attributes As `describeInstance` gives them.
   */
  add(
    instance: IndexedInstance,
    attributes: DataSet,
    options?: AddOptions,
  ): IndexedInstance | undefined | Promise<IndexedInstance | undefined>;
  /**
   * Enters several instances as `add` does, but for their safety: they can be found when it settles, and are as safe as after
   * `add` when `sync` or `setComplete` has settled. An index may enter them in one step, so the caller bounds their number.
   * @throws the error of one that could not be entered; the others are entered
   */
  addAll(instances: readonly NewInstance[]): void | Promise<void>;
  /** Settles when all entries that can be found are as safe as after `add`. */
  sync(): void | Promise<void>;
  /** Removes an instance, and its series, study and patient if they are empty then. */
  remove(instance: InstanceKey): void | Promise<void>;
  /** The files that a template named. */
  readonly names: FileNames;
  /** Deletions, with the files that they still have to remove. */
  readonly deletions: DeletionList;
  /**
   * The entities of the level that match, with all attributes of their level and of those above.
   * @throws AbortError soon after the signal
   */
  find(query: ArchiveQuery, signal?: AbortSignal): AsyncIterable<DataSet>;
  /** The instances below the entities that match. @throws AbortError soon after the signal */
  instances(query: ArchiveQuery, signal?: AbortSignal): AsyncIterable<IndexedInstance>;
  /** The number of these instances. @throws AbortError soon after the signal */
  countInstances(query: ArchiveQuery, signal?: AbortSignal): number | Promise<number>;
  /** The instances of this SOP Instance UID. */
  locate(sopInstance: string): readonly IndexedInstance[] | Promise<readonly IndexedInstance[]>;
  /** All series. */
  series(): AsyncIterable<SeriesKey>;
  /** The SOP Instance UIDs of a series. */
  sopInstancesOf(series: SeriesKey): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  /** The studies that were entered last, the newest first, with their numbers of instances. */
  recentStudies(most: number): readonly DataSet[] | Promise<readonly DataSet[]>;
  /** The order in which instances were entered. */
  readonly arrivals: ArrivalOrder;
  /** Removes all entries. The index is incomplete then. */
  clear(): void | Promise<void>;
  /**
   * Whether it has an entry of every instance that was acknowledged. An index that is new, was cleared, or may have lost
   * entries in a power failure has not, until it has been compared with the files.
   */
  readonly isComplete: boolean;
  /** Records, for this process and the next ones, whether it is complete. */
  setComplete(isComplete: boolean): void | Promise<void>;
  /** Keywords of attributes, and a name for texts, that entries made by an earlier version lack until `complete` has added them. */
  readonly lacking: readonly string[];
  /**
   * Adds what entries lack, in small steps, so that requests are served meanwhile. Queries are correct but slower until
   * then. Settles when nothing is lacking, or soon after the signal; the next call continues.
   */
  complete(signal: AbortSignal): void | Promise<void>;
  /** The next instances that an earlier version entered, which may have read their files incompletely. */
  outdated(): readonly IndexedInstance[] | Promise<readonly IndexedInstance[]>;
  /**
   * Replaces an entry that an earlier version made; another entry is not changed.
   * @param attributes If absent, the entry stays as it is, and is not outdated any more.
   */
  renew(instance: IndexedInstance, attributes?: DataSet): void | Promise<void>;
  /** The number of entities by level. Large numbers may be estimates. */
  counts(): EntityCounts | Promise<EntityCounts>;
}

/** The order in which instances were entered. */
export interface ArrivalOrder {
  state(): ArrivalState | Promise<ArrivalState>;
  /** The instances that were entered after the one with this id, in the order of their ids, at most `most`. */
  after(id: number, most: number): readonly ArrivedInstance[] | Promise<readonly ArrivedInstance[]>;
  /** The number of instances that `after` gives, at most `most`. Only if ids are left out, so that they do not tell it. */
  count?(id: number, most: number): Promise<number>;
}

export interface ArrivalState {
  /** Another one after `clear`, and in an index that was made again: its ids are other ones. */
  readonly generation: string;
  /**
   * At least the highest id of an entry that `after` gives now. An entry that it gives later has a higher one, also if instances
   * were removed.
   */
  readonly last: number;
}

/** An instance with its attributes, and its place in the order of arrival. */
export interface ArrivedInstance extends IndexedInstance {
  /** Higher than that of every instance that was entered before. */
  readonly id: number;
  /** Its own attributes, and those of its series, study and patient. */
  readonly attributes: UntypedDataSet;
}

export interface EntityCounts {
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
}
