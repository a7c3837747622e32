// The tables of the database of deliveries and their migrations.

import { type Kysely, type Migration, sql } from 'kysely';

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-deliveries': {
    async up(database: Kysely<unknown>) {
      // The state is waiting, failed (for good) or done. Finished entries are kept for a short time: see `Arrivals`.
      await sql`create table delivery (
        sequence integer primary key,
        id text not null unique,
        destination text not null,
        study text not null,
        series text not null,
        sop_instance text not null,
        priority integer not null,
        attempts integer not null,
        not_before real not null,
        state text not null,
        failure text,
        entered_at integer not null
      )`.execute(database);
      await sql`create index delivery_next on delivery (state, destination, not_before, sequence)`.execute(database);
      await sql`create index delivery_due on delivery (state, destination, priority desc, not_before, sequence)`.execute(
        database,
      );
      await sql`create index delivery_study on delivery (study)`.execute(database);
      // The readers of the arrivals of the index, and how far each has read: see `Arrivals`.
      await sql`create table consumer (
        name text primary key,
        generation text not null,
        position integer not null,
        mark integer not null,
        found_to integer not null
      ) without rowid`.execute(database);
      // Studies whose instances arrive.
      await sql`create table arriving_study (
        study text primary key,
        quiet_at integer not null
      ) without rowid`.execute(database);
      await sql`create index arriving_study_quiet on arriving_study (quiet_at)`.execute(database);
    },
  },
};
