// What the archive knows of its instances without opening a file. Narrow enough for a database server in its place.

import type { DataSet, MatchingOptions } from '@x/dimse';
import type { InstanceKey } from '../instance-store.ts';

/** The levels of the Query/Retrieve information models, from the top (PS3.4 §C.6). */
export const LEVELS = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'] as const;
export type Level = (typeof LEVELS)[number];

/** Where an instance is kept, and what is needed to send it. */
export interface IndexedInstance extends InstanceKey {
  readonly sopClass: string;
  readonly transferSyntax: string;
  /** Bytes of its data set; null where that is not known. */
  readonly length: number | null;
}

export type SeriesKey = Omit<InstanceKey, 'sopInstance'>;

/** An identifier, and how it is to be understood. */
export interface ArchiveQuery extends MatchingOptions {
  readonly level: Level;
  /** The keys, of any level down to this one. */
  readonly identifier: DataSet;
}

export interface ArchiveIndex extends AsyncDisposable {
  /** Enters an instance; one that is there stays as it is. When it settles, the entry outlives the process. */
  add(instance: IndexedInstance, attributes: DataSet): Promise<void>;
  /** Takes an instance out, and what is empty without it. */
  remove(instance: InstanceKey): Promise<void>;
  /**
   * The entities of the level that match, with all attributes of their level and of those above.
   * @throws AbortError, soon after the signal.
   */
  find(query: ArchiveQuery, signal?: AbortSignal): AsyncIterable<DataSet>;
  /** The instances below the entities that match. @throws AbortError, soon after the signal. */
  instances(query: ArchiveQuery, signal?: AbortSignal): AsyncIterable<IndexedInstance>;
  /** The instances of this SOP Instance UID. */
  locate(sopInstance: string): Promise<readonly IndexedInstance[]>;
  /** All series. */
  series(): AsyncIterable<SeriesKey>;
  /** The SOP Instance UIDs of a series. */
  sopInstancesOf(series: SeriesKey): Promise<ReadonlySet<string>>;
  /** The studies that were entered last, the last first, with how many instances each has. */
  recentStudies(most: number): Promise<readonly DataSet[]>;
  /** Takes everything out. */
  clear(): Promise<void>;
  /** Keywords of attributes that entries made by an earlier version lack, until `complete` has added them. */
  readonly lacking: readonly string[];
  /**
   * Adds what entries lack, in steps between which requests are served. Queries are right meanwhile, if slower. Settles
   * when nothing is lacking, or soon after the signal; what is left is continued by the next call.
   */
  complete(signal: AbortSignal): Promise<void>;
  /** How many there are of each. */
  counts(): Promise<{ readonly studies: number; readonly series: number; readonly instances: number }>;
}
