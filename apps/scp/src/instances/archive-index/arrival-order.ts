// The order in which instances were entered into the index: their ids grow, and are never used again.

import type { UntypedDataSet } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import type { ArrivalOrder, ArrivalState, ArrivedInstance } from './archive-index.ts';
import { type LocatedRow, located, locations } from './located-instances.ts';
import type { Tables } from './schema.ts';

/** The order of the rows of instances. */
export function sqlArrivalOrder(tables: Kysely<Tables>): ArrivalOrder {
  return { state: () => arrivalState(tables), after: (id, most) => arrivalsAfter(tables, id, most) };
}

async function arrivalState(tables: Kysely<Tables>): Promise<ArrivalState> {
  const { rows } = await sql<ArrivalState>`select generation,
    max(highest_removed, (select coalesce(max(id), 0) from instance)) as last from arrival_order`.execute(tables);
  return rows[0] as ArrivalState;
}

async function arrivalsAfter(tables: Kysely<Tables>, after: number, most: number): Promise<readonly ArrivedInstance[]> {
  const rows = await arrivalRows(tables)
    .select('instance.id')
    .where('instance.id', '>', after)
    .orderBy('instance.id')
    .limit(most)
    .execute();
  return rows.map(arrived);
}

/** The instances of an index with all that a reader of arrivals is given, but for their places in the order. */
export function arrivalRows(tables: Kysely<Tables>) {
  return locations(tables)
    .innerJoin('patient', 'patient.id', 'study.patient')
    .select(['patient.attributes as ofPatient', 'study.attributes as ofStudy'])
    .select(['series.attributes as ofSeries', 'instance.attributes as ofInstance']);
}

export interface ArrivalRow extends LocatedRow {
  readonly id: number;
  readonly ofPatient: string;
  readonly ofStudy: string;
  readonly ofSeries: string;
  readonly ofInstance: string;
}

export function arrived({ ofPatient, ofStudy, ofSeries, ofInstance, ...instance }: ArrivalRow): ArrivedInstance {
  const levels = [ofPatient, ofStudy, ofSeries, ofInstance].map((each) => JSON.parse(each) as UntypedDataSet);
  return { ...located<Omit<ArrivedInstance, 'attributes'>>(instance), attributes: Object.assign({}, ...levels) };
}
