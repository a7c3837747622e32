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
  addSharedGauge(registry, archive, {
    name: 'dimse_event_queue_length',
    help: 'Event reports that wait to be delivered',
    values: async () => [[{}, await archive.queuedEvents()]],
  });
  addDeliveryMetrics(registry, archive.deliveries);
  addSharedGauge(registry, archive, {
    name: 'dimse_index_entities',
    help: 'Entities in the index, and in those of the areas',
    labelNames: ['level', 'area'],
    values: async () => {
      const ofAreas = Object.entries(await archive.indexedInAreas()).map(
        ([area, counts]) => [{ area }, counts] as const,
      );
      return [[{}, await archive.indexed()] as const, ...ofAreas].flatMap(([labels, counts]) =>
        Object.entries(counts).map(([level, count]) => [{ ...labels, level }, count] as const),
      );
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
  addSharedGauge(registry, archive, {
    name: 'dimse_index_bytes',
    help: 'Bytes of the index',
    values: async () => [[{}, await archive.indexLength()]],
  });
  if (Object.keys(archive.services()).length > 0)
    new Gauge({
      name: 'dimse_service_available',
      help: '1 if a service that the archive depends on answered its last check',
      labelNames: ['service'],
      registers,
      collect() {
        for (const [service, isAvailable] of Object.entries(archive.services()))
          this.set({ service }, isAvailable ? 1 : 0);
      },
    });
}

interface SharedGauge {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  values(): Promise<readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]>;
}

/**
 * A gauge of what all processes of an archive share. Each gives the same value, so that not the sum but the maximum of several
 * processes is right. It has no value while a service that the archive depends on does not answer.
 */
function addSharedGauge(
  registry: Registry,
  archive: MeasuredArchive,
  { name, help, labelNames = [], values }: SharedGauge,
): void {
  new Gauge({
    name,
    help: `${help}; the same in all processes of an archive`,
    labelNames,
    registers: [registry],
    async collect() {
      if (labelNames.length === 0) this.remove();
      else this.reset();
      if (Object.values(archive.services()).includes(false)) return;
      for (const [labels, value] of await values()) this.set(labels, value);
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
