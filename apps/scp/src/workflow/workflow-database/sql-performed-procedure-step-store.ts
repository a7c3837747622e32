// Performed procedure steps and the status they give to scheduled steps, kept across restarts.

import { type DataSet, DimseError, Status } from '@x/dimse';
import { items, nextTurn } from '@x/dimse/data-set';
import { isFinishedStep, type PerformedProcedureStepStore } from '@x/dimse/workflow';
import { type Kysely, sql } from 'kysely';
import type { PerformedSteps, ScheduledStepKey } from '../../worklist/worklist.ts';
import { groupsByLength, inBatches, ROWS_AT_ONCE } from './batches.ts';
import { dataSetOf, keptAttributes } from './kept-data-set.ts';
import { PeerRowLimit, RowLimit } from './row-limit.ts';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

export interface SqlPerformedProcedureStepStore extends PerformedProcedureStepStore, PerformedSteps {
  /**
   * The steps that were changed last, the newest first. Of those beyond 4 MiB of attributes, only the status: peers may make
   * every step as long as they like.
   */
  latest(most: number): Promise<readonly DataSet[]>;
  /** Keeps steps that were performed for scheduled steps of the studies in `listed`. */
  removeFinished(before: number, listed?: ReadonlySet<string>): Promise<number>;
}

/** The performed procedure steps of a workflow database; by default at most 1,000,000, half of them of one peer. */
export function sqlPerformedProcedureStepStore(
  database: WorkflowDatabase,
  {
    maximumSteps = 1_000_000,
    maximumStepsOfPeer = Math.ceil(maximumSteps / 2),
  }: { readonly maximumSteps?: number; readonly maximumStepsOfPeer?: number } = {},
): SqlPerformedProcedureStepStore {
  const room = new RowLimit(database, 'performed_procedure_step', maximumSteps);
  const roomOfPeers = new PeerRowLimit(database, 'performed_procedure_step', maximumStepsOfPeer);
  return {
    add: (sopInstance, step, creator = '') =>
      database.change(async (tables) => {
        if (await stepOf(tables, sopInstance)) return false;
        const scheduled = scheduledStepsOf(step);
        if (scheduled.length > MAXIMUM_SCHEDULED_STEPS)
          throw new DimseError(Status.ResourceLimitation, {
            errorComment: `for ${scheduled.length} scheduled steps, more than ${MAXIMUM_SCHEDULED_STEPS}`,
          });
        const columns = await columnsOf(database, step);
        await roomOfPeers.take(tables, creator);
        await room.take(tables);
        const { numInsertedOrUpdatedRows = 0n } = await tables
          .insertInto('performed_procedure_step')
          .values({ sop_instance_uid: sopInstance, creator, ...columns })
          .onConflict((conflict) => conflict.column('sop_instance_uid').doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return false;
        const keys = scheduled.map(({ studyInstanceUid, scheduledProcedureStepId }) => ({
          study_instance_uid: studyInstanceUid,
          // PostgreSQL keeps no NUL in text.
          scheduled_procedure_step_id: scheduledProcedureStepId.replaceAll('\0', ''),
          performed_step: sopInstance,
        }));
        for (let at = 0; at < keys.length; at += KEYS_AT_ONCE)
          await tables
            .insertInto('performed_for')
            .values(keys.slice(at, at + KEYS_AT_ONCE))
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        return true;
      }),
    get: (sopInstance) => database.use((tables) => stepOf(tables, sopInstance)),
    change: (sopInstance, change) =>
      database.change(async (tables) => {
        const step = await stepOf(tables, sopInstance, database);
        if (!step) return undefined;
        const changed = change(step);
        const { finished_at, ...columns } = await columnsOf(database, changed);
        await tables
          .updateTable('performed_procedure_step')
          .set({ ...columns, ...(!isFinishedStep(step) && { finished_at }) })
          .where('sop_instance_uid', '=', sopInstance)
          .execute();
        return changed;
      }),
    async removeFinished(before, listed = new Set()) {
      let after: FinishedPlace = { finishedAt: -1, row: -1 };
      return inBatches(() =>
        database.change(async (tables) => {
          for (;;) {
            const finished = await finishedSteps(database, tables, Math.min(before, Number.MAX_SAFE_INTEGER), after);
            const last = finished.at(-1);
            if (!last) return 0;
            after = last;
            const removed = await withoutListed(tables, finished, listed);
            if (removed.length === 0) continue;
            const rows = finished.filter(({ sopInstance }) => removed.includes(sopInstance));
            for await (const group of groupsByLength(rows)) {
              const steps = group.map(({ sopInstance }) => sopInstance);
              await tables.deleteFrom('performed_for').where('performed_step', 'in', steps).execute();
              await tables.deleteFrom('performed_procedure_step').where('sop_instance_uid', 'in', steps).execute();
            }
            room.recount();
            roomOfPeers.recount();
            return removed.length;
          }
        }),
      );
    },
    async latest(most) {
      const { tables } = database;
      const rows = await tables
        .selectFrom('performed_procedure_step')
        .select(['sop_instance_uid', 'status', sql<number>`length(attributes)`.as('length')])
        .orderBy('change', 'desc')
        .limit(most)
        .execute();
      const found: DataSet[] = [];
      let length = 0;
      for (const row of rows) {
        length += row.length;
        const step = length <= LENGTH_OF_LATEST ? await stepOf(tables, row.sop_instance_uid) : undefined;
        found.push(step ?? { PerformedProcedureStepStatus: row.status });
      }
      return found;
    },
    async performedFor(studies) {
      const found: (ScheduledStepKey & { readonly status: string; readonly change: number })[] = [];
      for (let at = 0; at < studies.length; at += STUDIES_AT_ONCE) {
        if (at > 0) await nextTurn();
        found.push(
          ...(await database.use((tables) =>
            tables
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
              .execute(),
          )),
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

const LENGTH_OF_LATEST = 4 * 1024 * 1024;
const STUDIES_AT_ONCE = 500;
const KEYS_AT_ONCE = 200;

/** The maximum number of scheduled steps that one step is performed for. */
const MAXIMUM_SCHEDULED_STEPS = 1000;

/** A place among the steps that have ended. */
interface FinishedPlace {
  readonly finishedAt: number;
  readonly row: number;
}

interface FinishedStep extends FinishedPlace {
  readonly sopInstance: string;
  /** Of its attributes. */
  readonly length: number;
}

async function finishedSteps(
  { sharing }: WorkflowDatabase,
  tables: Kysely<Tables>,
  before: number,
  after: FinishedPlace,
): Promise<FinishedStep[]> {
  const row = sql.ref(sharing ? 'change' : 'rowid');
  const { rows } = await sql<FinishedStep>`
    select sop_instance_uid as "sopInstance", finished_at as "finishedAt", ${row} as "row", length(attributes) as length
    from performed_procedure_step
    where finished_at < ${before} and (finished_at, ${row}) > (${after.finishedAt}, ${after.row})
    order by finished_at, ${row} limit ${sql.lit(ROWS_AT_ONCE)}`.execute(tables);
  return rows;
}

/** The steps that were not performed for scheduled steps of the studies in `listed`. */
async function withoutListed(
  tables: Kysely<Tables>,
  steps: readonly FinishedStep[],
  listed: ReadonlySet<string>,
): Promise<string[]> {
  const uids = steps.map(({ sopInstance }) => sopInstance);
  const rows = await tables
    .selectFrom('performed_for')
    .select(['performed_step', 'study_instance_uid'])
    .where('performed_step', 'in', uids)
    .execute();
  const needed = new Set(rows.filter((row) => listed.has(row.study_instance_uid)).map((row) => row.performed_step));
  return uids.filter((uid) => !needed.has(uid));
}

async function columnsOf({ sharing }: WorkflowDatabase, step: DataSet) {
  return {
    status: `${step.PerformedProcedureStepStatus ?? ''}`,
    change: sharing ? sql<number>`nextval('performed_procedure_step_change')` : NEXT_CHANGE,
    finished_at: isFinishedStep(step) ? Date.now() : null,
    attributes: await keptAttributes(step),
  };
}

const NEXT_CHANGE = sql<number>`(select coalesce(max(change), 0) + 1 from performed_procedure_step)`;

/** @param locking Locks it, if it is given. */
async function stepOf(
  tables: Kysely<Tables>,
  sopInstance: string,
  locking?: WorkflowDatabase,
): Promise<DataSet | undefined> {
  const query = tables
    .selectFrom('performed_procedure_step')
    .select('attributes')
    .where('sop_instance_uid', '=', sopInstance);
  const row = await (locking?.locked(query) ?? query).executeTakeFirst();
  return row && dataSetOf(row.attributes);
}
