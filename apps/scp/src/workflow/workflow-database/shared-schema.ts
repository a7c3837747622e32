// The tables of the workflow database in PostgreSQL, which has another grammar and other types than SQLite.

import { type Kysely, type Migration, sql } from 'kysely';

/** Milliseconds since 1970 are `double precision`, as in JavaScript: an event has parts of them. */
export const SHARED_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-workflow': {
    async up(database: Kysely<unknown>) {
      for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
    },
  },
};

const STATEMENTS = [
  `create table event_report (
    sequence bigint generated always as identity primary key,
    id text not null unique,
    peer text not null,
    sop_class_uid text not null,
    abstract_syntax_uid text,
    sop_instance_uid text not null,
    event_type integer not null,
    information bytea,
    attempts integer not null,
    not_before double precision not null
  )`,
  'create index event_report_not_before on event_report (not_before, sequence)',
  'create index event_report_peer on event_report (peer, sequence)',
  'create sequence performed_procedure_step_change',
  `create table performed_procedure_step (
    sop_instance_uid text primary key,
    status text not null,
    change bigint not null unique,
    finished_at double precision,
    attributes bytea not null,
    creator text not null default ''
  )`,
  'create index performed_procedure_step_finished on performed_procedure_step (finished_at, change)',
  'create index performed_procedure_step_creator on performed_procedure_step (creator)',
  `create table performed_for (
    study_instance_uid text not null,
    scheduled_procedure_step_id text not null,
    performed_step text not null references performed_procedure_step (sop_instance_uid),
    primary key (study_instance_uid, scheduled_procedure_step_id, performed_step)
  )`,
  'create index performed_for_step on performed_for (performed_step)',
  `create table storage_commitment (
    sequence bigint generated always as identity primary key,
    peer text not null,
    transaction_uid text not null,
    instances text not null,
    instance_count integer not null default 0,
    unique (peer, transaction_uid)
  )`,
  `create table instance_availability (
    sequence bigint generated always as identity primary key,
    sop_instance_uid text not null unique,
    source_ae_title text not null,
    study_instance_uid text not null,
    received_at double precision not null,
    attributes bytea not null
  )`,
  `create table work_item (
    sequence bigint generated always as identity primary key,
    sop_instance_uid text not null unique,
    state text not null,
    transaction_uid text,
    finished_at double precision,
    attributes bytea not null,
    creator text not null default ''
  )`,
  'create index work_item_state on work_item (state, sequence)',
  'create index work_item_finished on work_item (finished_at)',
  'create index work_item_creator on work_item (creator)',
  `create table work_item_subscription (
    peer text not null,
    sop_instance_uid text not null,
    has_deletion_lock integer not null,
    keys bytea,
    primary key (sop_instance_uid, peer)
  )`,
  'create index work_item_subscription_peer on work_item_subscription (peer)',
  `create index work_item_subscription_lock on work_item_subscription (sop_instance_uid)
    where has_deletion_lock = 1`,
];
