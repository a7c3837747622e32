// The studies that were entered last, for the live page.

import type { DataSet } from '@x/dimse';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** The newest studies with their patients, newest first. `countInstances` counts those of the study with this row id. */
export async function recentStudies(
  tables: Kysely<Tables>,
  most: number,
  countInstances: (id: number) => Promise<number>,
): Promise<readonly DataSet[]> {
  const rows = await tables
    .selectFrom('study')
    .innerJoin('patient', 'patient.id', 'study.patient')
    .select(['study.id', 'study.study_instance_uid as uid', 'study.attributes as study'])
    .select('patient.attributes as patient')
    .orderBy('study.id', 'desc')
    .limit(most)
    .execute();
  const studies: DataSet[] = [];
  for (const { id, uid, study, patient } of rows)
    studies.push({
      ...(JSON.parse(patient) as DataSet),
      ...(JSON.parse(study) as DataSet),
      StudyInstanceUID: uid,
      NumberOfStudyRelatedInstances: await countInstances(id),
    });
  return studies;
}
