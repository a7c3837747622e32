// The tables of the workflow database and their migrations.

import { SopClass } from '@x/dimse';
import { type Generated, type Kysely, type Migration, sql } from 'kysely';

/** A data set: encoded in Explicit VR Little Endian, or in the DICOM JSON model if an earlier version wrote it. */
export type KeptDataSet = Uint8Array | ArrayBuffer | string;

export interface Tables {
  /** Event reports that wait to be delivered. */
  readonly event_report: {
    sequence: Generated<number>;
    id: string;
    peer: string;
    sop_class_uid: string;
    /** Of the presentation context that carries the report, if that is of another SOP class. */
    abstract_syntax_uid: string | null;
    sop_instance_uid: string;
    event_type: number;
    information: KeptDataSet | null;
    attempts: number;
    /** Milliseconds since 1970. */
    not_before: number;
  };
  readonly performed_procedure_step: {
    sop_instance_uid: string;
    /** Performed Procedure Step Status, as in the attributes. */
    status: string;
    /** Greater than that of every earlier change. */
    change: number;
    /** Milliseconds since 1970 when it became COMPLETED or DISCONTINUED. */
    finished_at: number | null;
    attributes: KeptDataSet;
    /** AE title of the peer that created it; empty if an earlier version did not record it. */
    creator: Generated<string>;
  };
  /** The scheduled steps that a performed step is for. */
  readonly performed_for: {
    study_instance_uid: string;
    scheduled_procedure_step_id: string;
    performed_step: string;
  };
  /** Requests for storage commitment that have not been reported yet. */
  readonly storage_commitment: {
    sequence: Generated<number>;
    peer: string;
    transaction_uid: string;
    /** Lines of JSON, each with some pairs of SOP class and instance. */
    instances: string;
    /** The number of pairs. */
    instance_count: Generated<number>;
  };
  /** The latest notifications from peers. */
  readonly instance_availability: {
    sequence: Generated<number>;
    sop_instance_uid: string;
    source_ae_title: string;
    study_instance_uid: string;
    /** Milliseconds since 1970. */
    received_at: number;
    attributes: KeptDataSet;
  };
  /** Unified procedure steps. */
  readonly work_item: {
    sequence: Generated<number>;
    sop_instance_uid: string;
    /** Procedure Step State, as in the attributes. */
    state: string;
    /** Of the performer; set once the state is IN PROGRESS. */
    transaction_uid: string | null;
    /** Milliseconds since 1970 when it became COMPLETED or CANCELED. */
    finished_at: number | null;
    attributes: KeptDataSet;
    /** AE title of the peer that created it; empty if an earlier version did not record it. */
    creator: Generated<string>;
  };
  /** Subscriptions to a work item, or to future ones. */
  readonly work_item_subscription: {
    peer: string;
    sop_instance_uid: string;
    has_deletion_lock: number;
    /** The filter for future work items. */
    keys: KeptDataSet | null;
  };
}

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-event-reports': {
    async up(database: Kysely<unknown>) {
      await sql`create table event_report (
        sequence integer primary key,
        id text not null unique,
        peer text not null,
        sop_class_uid text not null,
        sop_instance_uid text not null,
        event_type integer not null,
        information text,
        attempts integer not null,
        not_before real not null
      )`.execute(database);
      await sql`create index event_report_not_before on event_report (not_before)`.execute(database);
    },
  },
  '002-performed-procedure-steps': {
    async up(database: Kysely<unknown>) {
      await sql`create table performed_procedure_step (
        sop_instance_uid text primary key,
        status text not null,
        change integer not null unique,
        attributes text not null
      )`.execute(database);
      await sql`create table performed_for (
        study_instance_uid text not null,
        scheduled_procedure_step_id text not null,
        performed_step text not null references performed_procedure_step (sop_instance_uid),
        primary key (study_instance_uid, scheduled_procedure_step_id, performed_step)
      ) without rowid`.execute(database);
    },
  },
  '003-storage-commitment': {
    async up(database: Kysely<unknown>) {
      await sql`create table storage_commitment (
        sequence integer primary key,
        peer text not null,
        transaction_uid text not null,
        instances text not null,
        unique (peer, transaction_uid)
      )`.execute(database);
    },
  },
  '004-instance-availability': {
    async up(database: Kysely<unknown>) {
      await sql`create table instance_availability (
        sequence integer primary key,
        sop_instance_uid text not null unique,
        source_ae_title text not null,
        study_instance_uid text not null,
        received_at integer not null,
        attributes text not null
      )`.execute(database);
    },
  },
  '005-work-items': {
    async up(database: Kysely<unknown>) {
      await sql`create table work_item (
        sequence integer primary key,
        sop_instance_uid text not null unique,
        state text not null,
        transaction_uid text,
        attributes text not null
      )`.execute(database);
      await sql`create table work_item_subscription (
        peer text not null,
        sop_instance_uid text not null,
        has_deletion_lock integer not null,
        keys text,
        primary key (sop_instance_uid, peer)
      ) without rowid`.execute(database);
    },
  },
  '006-finished': {
    async up(database: Kysely<unknown>) {
      // Items that ended before this column existed count from now.
      await sql`alter table work_item add column finished_at integer`.execute(database);
      await sql`update work_item set finished_at = ${Date.now()}
        where state in ('COMPLETED', 'CANCELED')`.execute(database);
      await sql`alter table performed_procedure_step add column finished_at integer`.execute(database);
      await sql`update performed_procedure_step set finished_at = ${Date.now()}
        where status in ('COMPLETED', 'DISCONTINUED')`.execute(database);
      await sql`create index work_item_state on work_item (state, sequence)`.execute(database);
      await sql`create index work_item_finished on work_item (finished_at)`.execute(database);
      await sql`create index performed_procedure_step_finished on performed_procedure_step (finished_at)`.execute(
        database,
      );
      await sql`create index performed_for_step on performed_for (performed_step)`.execute(database);
    },
  },
  '007-abstract-syntax-of-events': {
    async up(database: Kysely<unknown>) {
      await sql`alter table event_report add column abstract_syntax_uid text`.execute(database);
      // Until now, the events of work items were the only ones that came on a context of another SOP class.
      await sql`update event_report set abstract_syntax_uid = ${SopClass.UnifiedProcedureStepEvent}
        where sop_class_uid = ${SopClass.UnifiedProcedureStepPush}`.execute(database);
    },
  },
  '008-peers': {
    async up(database: Kysely<unknown>) {
      // The limits for one peer count its rows.
      await sql`create index event_report_peer on event_report (peer, not_before, sequence)`.execute(database);
      await sql`create index work_item_subscription_peer on work_item_subscription (peer)`.execute(database);
      await sql`alter table storage_commitment add column instance_count integer not null default 0`.execute(database);
      await sql`update storage_commitment set instance_count = json_array_length(instances)`.execute(database);
      await sql`create index work_item_subscription_lock on work_item_subscription (sop_instance_uid)
        where has_deletion_lock = 1`.execute(database);
    },
  },
  '009-creators': {
    async up(database: Kysely<unknown>) {
      for (const table of ['work_item', 'performed_procedure_step']) {
        await sql`alter table ${sql.table(table)} add column creator text not null default ''`.execute(database);
        await sql`create index ${sql.id(`${table}_creator`)} on ${sql.table(table)} (creator)`.execute(database);
      }
    },
  },
};
