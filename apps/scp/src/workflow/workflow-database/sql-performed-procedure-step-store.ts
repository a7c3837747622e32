// Performed procedure steps and the status they give to scheduled steps, kept across restarts.

import { setImmediate } from 'node:timers/promises';
import { type DataSet, DimseError, Status } from '@x/dimse';
import { fromDicomJson, items, toDicomJson } from '@x/dimse/data-set';
import { isFinishedStep, type PerformedProcedureStepStore } from '@x/dimse/workflow';
import { type Kysely, sql } from 'kysely';
import type { PerformedSteps, ScheduledStepKey } from '../../worklist/worklist.ts';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

export interface SqlPerformedProcedureStepStore extends PerformedProcedureStepStore, PerformedSteps {
  /** The steps that were changed last, the newest first. */
  latest(most: number): Promise<readonly DataSet[]>;
  /** Keeps steps that were performed for scheduled steps of the studies in `listed`. */
  removeFinished(before: number, listed?: ReadonlySet<string>): Promise<number>;
}

/** The performed procedure steps of a workflow database; by default at most 1,000,000. */
export function sqlPerformedProcedureStepStore(
  database: WorkflowDatabase,
  { maximumSteps = 1_000_000 }: { readonly maximumSteps?: number } = {},
): SqlPerformedProcedureStepStore {
  return {
    add: (sopInstance, step) =>
      database.change(async (tables) => {
        if (await stepOf(tables, sopInstance)) return false;
        const { count } = await tables
          .selectFrom('performed_procedure_step')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        if (count >= maximumSteps) throw new DimseError(Status.ResourceLimitation);
        await tables
          .insertInto('performed_procedure_step')
          .values({ sop_instance_uid: sopInstance, ...columnsOf(step) })
          .execute();
        for (const { studyInstanceUid, scheduledProcedureStepId } of scheduledStepsOf(step))
          await tables
            .insertInto('performed_for')
            .values({
              study_instance_uid: studyInstanceUid,
              scheduled_procedure_step_id: scheduledProcedureStepId,
              performed_step: sopInstance,
            })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        return true;
      }),
    get: (sopInstance) => stepOf(database.tables, sopInstance),
    change: (sopInstance, change) =>
      database.change(async (tables) => {
        const step = await stepOf(tables, sopInstance);
        if (!step) return undefined;
        const changed = change(step);
        const { finished_at, ...columns } = columnsOf(changed);
        await tables
          .updateTable('performed_procedure_step')
          .set({ ...columns, ...(!isFinishedStep(step) && { finished_at }) })
          .where('sop_instance_uid', '=', sopInstance)
          .execute();
        return changed;
      }),
    removeFinished: (before, listed = new Set()) =>
      database.change(async (tables) => {
        const finished = await tables
          .selectFrom('performed_procedure_step')
          .leftJoin('performed_for', 'performed_for.performed_step', 'performed_procedure_step.sop_instance_uid')
          .select(['sop_instance_uid', 'study_instance_uid'])
          .where('finished_at', '<', Math.min(before, Number.MAX_SAFE_INTEGER))
          .execute();
        const needed = new Set(
          finished
            .filter(({ study_instance_uid: study }) => study !== null && listed.has(study))
            .map(({ sop_instance_uid: sopInstance }) => sopInstance),
        );
        const removed = new Set(
          finished.map(({ sop_instance_uid: sopInstance }) => sopInstance).filter((each) => !needed.has(each)),
        );
        for (const sopInstance of removed) {
          await tables.deleteFrom('performed_for').where('performed_step', '=', sopInstance).execute();
          await tables.deleteFrom('performed_procedure_step').where('sop_instance_uid', '=', sopInstance).execute();
        }
        return removed.size;
      }),
    async latest(most) {
      const rows = await database.tables
        .selectFrom('performed_procedure_step')
        .select('attributes')
        .orderBy('change', 'desc')
        .limit(most)
        .execute();
      return rows.map(({ attributes }) => fromDicomJson(JSON.parse(attributes)));
    },
    async performedFor(studies) {
      const found: (ScheduledStepKey & { readonly status: string; readonly change: number })[] = [];
      for (let at = 0; at < studies.length; at += STUDIES_AT_ONCE) {
        if (at > 0) await setImmediate();
        found.push(
          ...(await database.tables
            .selectFrom('performed_for')
            .innerJoin(
              'performed_procedure_step',
              'performed_procedure_step.sop_instance_uid',
              'performed_for.performed_step',
            )
            .select([
              'study_instance_uid as studyInstanceUid',
              'scheduled_procedure_step_id as scheduledProcedureStepId',
              'status',
              'change',
            ])
            .where('study_instance_uid', 'in', studies.slice(at, at + STUDIES_AT_ONCE))
            .execute()),
        );
      }
      return found.sort((one, other) => one.change - other.change).map(({ change: _, ...rest }) => rest);
    },
  };
}

/**
 * The scheduled steps that a performed step is for; empty if it was not scheduled. If steps of several requested procedures
 * are performed as one, the study may be new, and the studies of the procedures are referenced (PS3.4 §F.7.2.1.2, note 2).
 */
export function scheduledStepsOf(step: DataSet): ScheduledStepKey[] {
  return items(step.ScheduledStepAttributesSequence).flatMap((item) => {
    const scheduledProcedureStepId = `${item.ScheduledProcedureStepID ?? ''}`;
    if (scheduledProcedureStepId === '') return [];
    const referenced = items(item.ReferencedStudySequence).map((study) => study.ReferencedSOPInstanceUID);
    const studies = new Set([item.StudyInstanceUID, ...referenced].map((uid) => `${uid ?? ''}`));
    return [...studies].map((studyInstanceUid) => ({ studyInstanceUid, scheduledProcedureStepId }));
  });
}

const STUDIES_AT_ONCE = 500;

function columnsOf(step: DataSet) {
  return {
    status: `${step.PerformedProcedureStepStatus ?? ''}`,
    change: sql<number>`(select coalesce(max(change), 0) + 1 from performed_procedure_step)`,
    finished_at: isFinishedStep(step) ? Date.now() : null,
    attributes: JSON.stringify(toDicomJson(step)),
  };
}

async function stepOf(tables: Kysely<Tables>, sopInstance: string): Promise<DataSet | undefined> {
  const row = await tables
    .selectFrom('performed_procedure_step')
    .select('attributes')
    .where('sop_instance_uid', '=', sopInstance)
    .executeTakeFirst();
  return row && fromDicomJson(JSON.parse(row.attributes));
}
