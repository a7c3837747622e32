// Brings the tables of a part of the archive up to date, by one process at a time.

import { type Kysely, type Migration, sql } from 'kysely';
import { newerVersion } from '../data-folder/sql-database.ts';

/** The tables of a part of the archive. */
export interface MigratedPart {
  /** Lower-case letters: the table `<name>_migration` records what has been applied. */
  readonly name: string;
  /** By name, applied in the order of names. A migration that has been released never changes. */
  readonly migrations: Readonly<Record<string, Migration>>;
}

/**
 * Applies what is missing, all or nothing. Other processes wait meanwhile.
 * @throws DatabaseError if a newer version has migrated it
 */
export async function migrate(
  database: Kysely<unknown>,
  { schema, place }: { readonly schema: string; readonly place: string },
  { name, migrations }: MigratedPart,
): Promise<void> {
  const table = sql.table(`${schema}.${name}_migration`);
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${lockName(schema, 'migrations')}, 0))`.execute(
      transaction,
    );
    const found = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(transaction);
    // A user that may not create schemas may use one that exists.
    if (found.rows.length === 0) await sql`create schema ${sql.ref(schema)}`.execute(transaction);
    await sql`create table if not exists ${table} (name text primary key, applied timestamptz not null default now())`.execute(
      transaction,
    );
    const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(transaction);
    const applied = new Set(rows.map((row) => row.name));
    const unknown = [...applied].find((each) => !(each in migrations));
    if (unknown !== undefined)
      throw newerVersion(unknown, place, { name: 'the database', remedy: 'use that version, or another schema' });
    for (const each of Object.keys(migrations).sort()) {
      if (applied.has(each)) continue;
      await migrations[each]?.up(transaction);
      await sql`insert into ${table} (name) values (${each})`.execute(transaction);
    }
  });
}

/** Advisory locks are of the whole database, names of one schema. */
export function lockName(schema: string, name: string): string {
  return `dimse-scp ${schema} ${name}`;
}
