// The metrics of what the archive keeps: its index, its queues, its storage.

import { Counter, Gauge, type Registry } from 'prom-client';
import { addDeliveryMetrics } from './delivery-metrics.ts';
import type { MeasuredArchive } from './measured-archive.ts';

/** The values are read at each scrape. */
export function addArchiveMetrics(registry: Registry, archive: MeasuredArchive): void {
  const registers = [registry];
  new Counter({
    name: 'dimse_instance_notices_total',
    help: 'Instances kept although attributes cannot be read, or although they add another patient to their study',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const [kind, count] of Object.entries(archive.notices())) this.inc({ kind }, count);
    },
  });
  new Gauge({
    name: 'dimse_event_queue_length',
    help: 'Event reports that wait to be delivered',
    registers,
    async collect() {
      this.set(await archive.queuedEvents());
    },
  });
  addDeliveryMetrics(registry, archive.deliveries);
  new Gauge({
    name: 'dimse_index_entities',
    help: 'Entities in the index, and in those of the areas',
    labelNames: ['level', 'area'],
    registers,
    async collect() {
      for (const [level, count] of Object.entries(await archive.indexed())) this.set({ level }, count);
      for (const [area, counts] of Object.entries(await archive.indexedInAreas()))
        for (const [level, count] of Object.entries(counts)) this.set({ level, area }, count);
    },
  });
  new Gauge({
    name: 'dimse_index_complete',
    help: '1 if queries are answered; 0 while the index may lack instances and is compared with the files',
    registers,
    collect() {
      this.set(archive.isIndexComplete() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'dimse_index_comparison_studies',
    help: 'Studies whose files have been compared with the index since the start, and all that have files',
    labelNames: ['state'],
    registers,
    collect() {
      const { compared, studies } = archive.comparison();
      this.set({ state: 'compared' }, compared);
      this.set({ state: 'all' }, studies);
    },
  });
  if (Object.keys(archive.storage()).length > 0) addStorageMetrics(registry, archive);
  new Gauge({
    name: 'dimse_index_bytes',
    help: "Bytes of the index's file",
    registers,
    async collect() {
      this.set(await archive.indexLength());
    },
  });
}

/** Of the archive and the areas that have a quota. */
function addStorageMetrics(registry: Registry, archive: MeasuredArchive): void {
  const registers = [registry];
  new Gauge({
    name: 'dimse_storage_bytes',
    help: 'Bytes of instances that are kept, and the quota',
    labelNames: ['area', 'kind'],
    registers,
    collect() {
      for (const [area, { used, maximum }] of Object.entries(archive.storage())) {
        this.set({ area, kind: 'used' }, used);
        this.set({ area, kind: 'quota' }, maximum);
      }
    },
  });
  new Counter({
    name: 'dimse_evicted_studies_total',
    help: 'Studies that were deleted because the quota was full',
    labelNames: ['area'],
    registers,
    collect() {
      this.reset();
      for (const [area, { evicted }] of Object.entries(archive.storage())) this.inc({ area }, evicted);
    },
  });
}
