// The values of the archive that the metrics read.

import type { AreaDeliveryStatus } from './delivery-metrics.ts';

/** Values that are read at each scrape. */
export interface MeasuredArchive {
  /** The number of associations by state. */
  associations(): Readonly<Record<string, number>>;
  /** Instances that were kept although they are unusual, by kind. */
  notices(): Readonly<Record<string, number>>;
  /** Event reports that wait to be delivered. */
  queuedEvents(): Promise<number>;
  /** The destinations of deliveries. */
  deliveries(): readonly AreaDeliveryStatus[];
  /** Entities in the index, by level. */
  indexed(): Promise<Readonly<Record<string, number>>>;
  /** The comparison of the index with the files. */
  comparison(): { readonly compared: number; readonly studies: number };
  /** Whether the index has every acknowledged instance, so that queries are answered. */
  isIndexComplete(): boolean;
  /** By AE title, the bytes of the archive and the areas that have a quota. */
  storage(): Readonly<Record<string, { readonly used: number; readonly maximum: number; readonly evicted: number }>>;
  /** The same of each area, by its AE title. */
  indexedInAreas(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  /** Bytes of the index. */
  indexLength(): Promise<number>;
  /** Whether the last check of each service that the archive depends on was good; empty if it does not depend on any. */
  services(): Readonly<Record<string, boolean>>;
}
