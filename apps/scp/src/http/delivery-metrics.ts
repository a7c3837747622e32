// The metrics of deliveries, by destination, with the area if it is one of an area.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeliveryStatus } from '../deliveries/delivery-run.ts';

/** The state of a destination of the archive, or of an area. */
export interface AreaDeliveryStatus extends DeliveryStatus {
  /** The AE title of the area; absent for the archive itself. */
  readonly area?: string;
}

/** @param deliveries The destinations now. */
export function addDeliveryMetrics(registry: Registry, deliveries: () => readonly AreaDeliveryStatus[]): void {
  const registers = [registry];
  new Gauge({
    name: 'dimse_delivery_queue_length',
    help: 'Instances, calls of hooks and notifications that wait, or have failed and wait for the operator',
    labelNames: ['destination', 'state', 'area'],
    registers,
    collect() {
      this.reset();
      for (const each of deliveries()) {
        this.set({ ...labelsOf(each), state: 'waiting' }, each.waiting);
        this.set({ ...labelsOf(each), state: 'failed' }, each.failed);
      }
    },
  });
  new Gauge({
    name: 'dimse_delivery_unread_instances',
    help: 'Instances in the archive that were not examined for a destination yet, because its queue is full for instance',
    labelNames: ['destination', 'area'],
    registers,
    collect() {
      this.reset();
      for (const each of deliveries()) this.set(labelsOf(each), each.behind);
    },
  });
  new Counter({
    name: 'dimse_deliveries_total',
    help: 'Deliveries that succeeded, and attempts that failed',
    labelNames: ['destination', 'result', 'area'],
    registers,
    collect() {
      this.reset();
      for (const each of deliveries()) {
        this.inc({ ...labelsOf(each), result: 'sent' }, each.sent);
        this.inc({ ...labelsOf(each), result: 'failed' }, each.failures);
      }
    },
  });
}

function labelsOf({ destination, area }: AreaDeliveryStatus) {
  return { destination, ...(area !== undefined && { area }) };
}
