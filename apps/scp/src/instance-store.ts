// Where received instances are kept. Narrow enough for other places than folders.

import type { IncomingData } from '@x/dimse';

/** An instance as C-STORE announces it. */
export interface InstanceDescription {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly sourceAeTitle: string;
}

/** What became of a received instance. */
export interface KeptInstance {
  readonly study: string;
  readonly series: string;
  /** Bytes of its data set. */
  readonly length: number;
  /** Whether the same instance was there before: that one is kept. */
  readonly isDuplicate: boolean;
}

export interface InstanceStore {
  /**
   * Takes an instance as its data arrive. When it settles, the instance is safe; when it rejects, nothing of it is left.
   * @throws DimseError with the status to answer; whatever broke off the data.
   */
  keep(instance: InstanceDescription, data: IncomingData): Promise<KeptInstance>;
}
