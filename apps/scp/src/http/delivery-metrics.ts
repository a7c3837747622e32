// The metrics of deliveries, by destination.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeliveryStatus } from '../deliveries/deliveries.ts';

/** @param deliveries The destinations now. */
export function addDeliveryMetrics(registry: Registry, deliveries: () => readonly DeliveryStatus[]): void {
  const registers = [registry];
  new Gauge({
    name: 'dimse_delivery_queue_length',
    help: 'Instances, calls of hooks and notifications that wait, or have failed and wait for the operator',
    labelNames: ['destination', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { destination, waiting, failed } of deliveries()) {
        this.set({ destination, state: 'waiting' }, waiting);
        this.set({ destination, state: 'failed' }, failed);
      }
    },
  });
  new Gauge({
    name: 'dimse_delivery_unread_instances',
    help: 'Instances in the archive that were not examined for a destination yet, because its queue is full for instance',
    labelNames: ['destination'],
    registers,
    collect() {
      this.reset();
      for (const { destination, behind } of deliveries()) this.set({ destination }, behind);
    },
  });
  new Counter({
    name: 'dimse_deliveries_total',
    help: 'Deliveries that succeeded, and attempts that failed',
    labelNames: ['destination', 'result'],
    registers,
    collect() {
      this.reset();
      for (const { destination, sent, failures } of deliveries()) {
        this.inc({ destination, result: 'sent' }, sent);
        this.inc({ destination, result: 'failed' }, failures);
      }
    },
  });
}
