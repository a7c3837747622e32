// The contract of a store of received instances. It is small, so that instances can be kept elsewhere than in folders.
// `instanceStoreContract` checks an implementation.

import type { DataSet, DicomFile, IncomingData } from '@x/dimse';
import type { DataSetWarning } from '@x/dimse/data-set';

/** An instance as its C-STORE request describes it. */
export interface InstanceDescription {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly sourceAeTitle: string;
}

/** The UIDs that identify an instance in the store. */
export interface InstanceKey {
  /** Study Instance UID; empty if the data set has none. */
  readonly study: string;
  /** Series Instance UID; empty if the data set has none. */
  readonly series: string;
  readonly sopInstance: string;
  /** The name of its file, if a template gave it one: see `FileNameTemplate`; or the key of its object. Absent in the default layout. */
  readonly file?: string;
}

/** The result of storing an instance. */
export interface KeptInstance extends InstanceKey {
  /** The attributes to index: see `describeInstance`. */
  readonly attributes: DataSet;
  /** The elements that could not be read, if any: see `describeInstance`. */
  readonly faults?: readonly string[];
  /** The deviations from the standard that were tolerated, if any. */
  readonly deviations?: readonly DataSetWarning[];
  /** Bytes of its data set. */
  readonly length: number;
  /** Whether the instance already existed and was complete; the existing file is kept. Never in a store of objects. */
  readonly isDuplicate: boolean;
  /** Whether it replaced a damaged file. */
  readonly isReplacement: boolean;
  /** The tags of the attributes that were changed, if any. */
  readonly coerced?: readonly number[];
  /**
   * Settles when a new instance is safe, which can be entered into the index meanwhile; absent if it is. If it fails, the
   * instance has been removed.
   */
  readonly onDisk?: Promise<void>;
}

/** The instances of a series in the default layout. */
export interface KeptSeries extends Omit<InstanceKey, 'sopInstance' | 'file'> {
  readonly sopInstances: readonly string[];
}

/** Called if more bytes are stored than arrive, before they are. It may refuse them by throwing. */
export type Grow = (bytes: number) => void;

/**
 * A method that gives a value or a promise may do either, and may change with each call. If everything that it needs is at
 * hand, it may answer at once, and throw at once. An implementation that always gives promises is as correct.
 */
export interface InstanceStore {
  /** See `RetrievableInstance.openedAhead`. */
  readonly openedAhead?: number;
  /**
   * Stores an instance while its data arrives. When it settles, the instance is safe; if it fails, nothing of it is left.
   * @throws DimseError with the status to answer; the error that interrupted the data
   */
  keep(instance: InstanceDescription, data: IncomingData, grow?: Grow): KeptInstance | Promise<KeptInstance>;
  /**
   * Opens an instance when it is safe: its entry can be found while it is being kept, and a commitment must not rely on less.
   * @param buffer Memory to read the file into if it fits; it must not be changed until the file is closed.
   * @throws the system's error, with code `ENOENT` if the file does not exist
   */
  open(instance: InstanceKey, buffer?: Uint8Array): DicomFile | Promise<DicomFile>;
  /** Whether there is a file of the instance, complete or not. */
  has(instance: InstanceKey): boolean | Promise<boolean>;
  /** Removes the file of an instance; does nothing if it does not exist. @throws the system's error */
  remove(instance: InstanceKey): Promise<void>;
  /** Removes the folders of these instances that are empty, and makes sure that all removals are on disk. */
  removed(instances: readonly InstanceKey[]): Promise<void>;
}

/** A store in which each attempt to keep an instance has an object of its own, whose key is the `file` of the instance. */
export interface SharedInstanceStore extends InstanceStore {
  /** Whether the object of an instance is there, with a data set of this length in bytes. */
  isWhole(instance: InstanceKey, length: number): Promise<boolean>;
  /**
   * Removes the remains of attempts that are older than a day, such as objects without a row. To be run by one process at a
   * time, about every hour. @throws the error of the store; the errors of the index; the reason of the signal
   */
  sweep(index: SweptIndex, options: SweepOptions): Promise<Sweep>;
}

/** The rows of an index, as a sweep needs them. */
export interface SweptIndex {
  /** The keys among these that have a row, or are listed for removal. */
  entered(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** The SOP Instance UIDs among these that have a row, whatever its key is. */
  known(sopInstances: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface SweepOptions {
  /** Ends the sweep, which the next one continues. */
  readonly signal: AbortSignal;
  /** Milliseconds since the start of the attempt after which its remains are removed. Default: a day. */
  readonly age?: number;
  /** The most keys that are listed, from 1 on; the next sweep continues. Default: 5 million. */
  readonly most?: number;
  /** The time now. Default: that of the system. */
  readonly now?: Date;
}

/** The result of a sweep. */
export interface Sweep {
  /** Keys that were listed. */
  readonly listed: number;
  /** Objects without a row that were removed. */
  readonly removed: number;
  /** Objects without a row that were left, because the index may lack their rows. */
  readonly left: number;
  /** Uploads of parts that were aborted. */
  readonly aborted: number;
  /** Whether everything that is old enough has been swept. */
  readonly isComplete: boolean;
}

/** A store that lists its instances, so that an index can be compared with them, and that keeps one file for each instance. */
export interface ListedInstanceStore extends InstanceStore {
  /** All instances in the default layout, by series. Those that arrive meanwhile may be among them. */
  series(): AsyncIterable<KeptSeries>;
  /** The names of all files that a template named, by folder. Those that arrive meanwhile may be among them. */
  named(): AsyncIterable<readonly string[]>;
  /** The number of studies; files that a template named count as studies by the first folder of their names. */
  countStudies(): number | Promise<number>;
  /** Whether it has neither series nor named files. It takes as long if it has many. */
  isEmpty(): boolean | Promise<boolean>;
}
