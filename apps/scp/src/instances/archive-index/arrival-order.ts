// The order in which instances were entered into the index: their ids grow, and are never used again.

import type { UntypedDataSet } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import type { ArrivalOrder, ArrivalState, ArrivedInstance } from './archive-index.ts';
import { located } from './located-instances.ts';
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
  const rows = await tables
    .selectFrom('instance')
    .innerJoin('series', 'series.id', 'instance.series')
    .innerJoin('study', 'study.id', 'series.study')
    .innerJoin('patient', 'patient.id', 'study.patient')
    .select(['instance.id', 'study.study_instance_uid as study', 'series.series_instance_uid as series'])
    .select(['instance.sop_instance_uid as sopInstance', 'instance.sop_class_uid as sopClass'])
    .select(['instance.transfer_syntax_uid as transferSyntax', 'instance.length', 'instance.file'])
    .select(['patient.attributes as ofPatient', 'study.attributes as ofStudy'])
    .select(['series.attributes as ofSeries', 'instance.attributes as ofInstance'])
    .where('instance.id', '>', after)
    .orderBy('instance.id')
    .limit(most)
    .execute();
  return rows.map(({ ofPatient, ofStudy, ofSeries, ofInstance, ...instance }) => ({
    ...located<Omit<ArrivedInstance, 'attributes'>>(instance),
    attributes: Object.assign(
      {},
      ...[ofPatient, ofStudy, ofSeries, ofInstance].map((each) => JSON.parse(each) as UntypedDataSet),
    ) as UntypedDataSet,
  }));
}
