// Where received instances are kept. Narrow enough for other places than folders.

import type { DataSet, DicomFile, IncomingData } from '@x/dimse';

/** An instance as C-STORE announces it. */
export interface InstanceDescription {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly sourceAeTitle: string;
}

/** Where an instance is. */
export interface InstanceKey {
  /** Study Instance UID; empty when the data set has none. */
  readonly study: string;
  /** Series Instance UID; empty when the data set has none. */
  readonly series: string;
  readonly sopInstance: string;
}

/** What became of a received instance. */
export interface KeptInstance extends InstanceKey {
  /** Its attributes by which it can be found. */
  readonly attributes: DataSet;
  /** Bytes of its data set. */
  readonly length: number;
  /** Whether the same instance was there before, whole: that one is kept. */
  readonly isDuplicate: boolean;
  /** Whether it took the place of a damaged file. */
  readonly isReplacement: boolean;
}

/** The instances of a series. */
export interface KeptSeries extends Omit<InstanceKey, 'sopInstance'> {
  readonly sopInstances: readonly string[];
}

export interface InstanceStore {
  /**
   * Takes an instance as its data arrive. When it settles, the instance is safe; when it rejects, nothing of it is left.
   * @throws DimseError with the status to answer; whatever broke off the data.
   */
  keep(instance: InstanceDescription, data: IncomingData): Promise<KeptInstance>;
  /**
   * @param buffer To read it into, unchanged until it is closed: one that fits is read at once.
   * @throws the system's error, with code `ENOENT` when it is not there.
   */
  open(instance: InstanceKey, buffer?: Uint8Array): Promise<DicomFile>;
  /** All there is, series by series. */
  series(): AsyncIterable<KeptSeries>;
}
