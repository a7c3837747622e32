// The rows of the queue of deliveries.

import type { QueuedInstance } from '@x/dimse/workflow';

/** An entry as its table has it. */
export interface DeliveryRow {
  readonly sequence: number;
  readonly id: string;
  readonly destination: string;
  readonly study: string;
  readonly series: string;
  readonly sop_instance: string;
  readonly priority: number;
  readonly attempts: number;
  readonly not_before: number;
  readonly state: 'waiting' | 'failed' | 'done';
  readonly failure: string | null;
}

/** Which entries an operator means; all if nothing is given. */
export interface DeliveryFilter {
  readonly destination?: string;
  readonly study?: string;
  readonly sopInstance?: string;
  readonly isFailed?: boolean;
}

export function entryOf(row: DeliveryRow): QueuedInstance {
  return {
    id: row.id,
    ...{ destination: row.destination, study: row.study, series: row.series, sopInstance: row.sop_instance },
    ...{ priority: row.priority, attempts: row.attempts, notBefore: row.not_before },
    ...(row.failure !== null && { failure: row.failure }),
    ...(row.state === 'failed' && { isFailed: true }),
  };
}

/** The values of `INSERT`. */
export function valuesOf(entry: QueuedInstance, now: number): readonly unknown[] {
  const { id, destination, study, series, sopInstance, priority, attempts, notBefore, failure } = entry;
  return [
    id,
    destination,
    study,
    series,
    sopInstance,
    priority,
    attempts,
    notBefore,
    stateOf(entry),
    failure ?? null,
    now,
  ];
}

export const stateOf = ({ isFailed }: QueuedInstance) => (isFailed ? 'failed' : 'waiting');

/** The condition of a filter, with its values. */
export function conditionOf({ destination, study, sopInstance, isFailed }: DeliveryFilter) {
  const parts: readonly (readonly [condition: string, value: string | undefined])[] = [
    ['destination = ?', destination],
    ['study = ?', study],
    ['sop_instance = ?', sopInstance],
    ['state = ?', isFailed ? 'failed' : undefined],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  return {
    condition: ["state <> 'done'", ...given.map(([condition]) => condition)].join(' and '),
    given: given.map(([, value]) => value),
  };
}

export const INSERT = `insert into delivery (id, destination, study, series, sop_instance, priority, attempts, not_before,
  state, failure, entered_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`;
