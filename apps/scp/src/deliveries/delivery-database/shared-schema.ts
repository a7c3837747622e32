// The tables of deliveries in a shared database, and their migrations.

import { type Kysely, type Migration, sql } from 'kysely';

export const SHARED_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-deliveries': {
    async up(database: Kysely<unknown>) {
      // As in the embedded database: times are milliseconds since 1970, by the clock of the database.
      await sql`create table delivery (
        sequence bigint generated always as identity primary key,
        id text not null unique,
        destination text not null,
        study text not null,
        series text not null,
        sop_instance text not null,
        priority integer not null,
        attempts integer not null,
        not_before double precision not null,
        state text not null,
        failure text,
        entered_at bigint not null
      )`.execute(database);
      await sql`create index delivery_next on delivery (state, destination, not_before, sequence)`.execute(database);
      await sql`create index delivery_due on delivery (state, destination, priority desc, not_before, sequence)`.execute(
        database,
      );
      await sql`create index delivery_study on delivery (study)`.execute(database);
      await sql`create table consumer (
        name text primary key,
        generation text not null,
        position bigint not null,
        mark bigint not null,
        found_to bigint not null,
        seen_at bigint not null default (extract(epoch from now()) * 1000)::bigint
      )`.execute(database);
      await sql`create table arriving_study (
        study text primary key,
        quiet_at bigint not null
      )`.execute(database);
      await sql`create index arriving_study_quiet on arriving_study (quiet_at)`.execute(database);
      // What all processes know of a destination. The one that attempts it has claimed it: see `SharedDestinations`.
      await sql`create table delivery_destination (
        name text primary key,
        failures integer not null,
        rests_until double precision not null
      )`.execute(database);
    },
  },
};
