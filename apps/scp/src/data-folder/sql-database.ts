// Embedded SQL databases, each in a file of its own that is this process's alone while it is open.

import { Kysely, type Migration, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';

export interface SqlDatabaseOptions {
  /** What it is to its users, with an article: 'the index'. */
  readonly name: string;
  /** What to do when it is damaged: 'start once with --reindex to make it anew'. */
  readonly remedy: string;
  /** Whether what is committed is on disk, not only written. */
  readonly fsync: boolean;
  /** By name, in whose order they are applied. Those that users have applied stay as they are for ever. */
  readonly migrations: Readonly<Record<string, Migration>>;
}

/** The database cannot be used; the message says why, and what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  /** Whether another process has it; else what it holds is of no use. */
  readonly isInUse: boolean;

  constructor(message: string, { isInUse, cause }: { readonly isInUse: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.isInUse = isInUse;
  }
}

export interface SqlDatabase<Tables> {
  readonly database: Database.Database;
  readonly tables: Kysely<Tables>;
  close(): void;
}

/**
 * Opens a database, which is made if need be, and brought up to date.
 * @throws DatabaseError when it is in use, or no database.
 */
export async function openSqlDatabase<Tables>(path: string, options: SqlDatabaseOptions): Promise<SqlDatabase<Tables>> {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: 1000 });
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${options.fsync ? 'FULL' : 'NORMAL'}`);
    database.pragma('foreign_keys = ON');
    const tables = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
    const { error } = await new Migrator({
      db: tables,
      provider: { getMigrations: async () => ({ ...options.migrations }) },
    }).migrateToLatest();
    if (error) throw error;
    // From the next write on. Not sooner: what WAL begins with, it keeps to the end.
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin immediate; commit');
    return { database, tables, close: closing(database) };
  } catch (error) {
    database?.close();
    throw explainDatabaseError(error, path, options);
  }
}

/** Whether an error says that the disk has no room for a change. */
export function isDatabaseFull(error: unknown): boolean {
  return /^SQLITE_FULL/.test((error as { code?: string } | undefined)?.code ?? '');
}

function closing(database: Database.Database): () => void {
  return () => {
    if (!database.open) return;
    // The library closes the file only once its statements are collected: what matters is done before. Without a WAL
    // no lock is held between transactions, so that it can be opened again at once.
    try {
      database.pragma('journal_mode = DELETE');
      database.pragma('locking_mode = NORMAL');
      database.exec('begin immediate; commit');
    } catch {
      // There is no room to end the WAL: what is in it is safe there, and read from there the next time.
    }
    database.close();
  };
}

/** A DatabaseError for what keeps a database from being used, later than at its opening, too; or the error itself. */
export function explainDatabaseError(
  error: unknown,
  path: string,
  { name, remedy, migrations }: Omit<SqlDatabaseOptions, 'fsync'>,
): unknown {
  const { code = '', message } = error as { code?: string; message: string };
  if (code.startsWith('SQLITE_BUSY') || /database is locked/.test(message))
    return new DatabaseError(`${name} ${path} is in use by another process`, { isInUse: true, cause: error });
  const unknown = /previously executed migration (\S+) is missing/.exec(message)?.[1];
  if (unknown !== undefined && !(unknown in migrations)) return newerVersion(unknown, path, { name, remedy }, error);
  if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(code) || /not a database|malformed|corrupt/.test(message))
    return new DatabaseError(`${name} ${path} is damaged (${message}): ${remedy}`, { isInUse: false, cause: error });
  return error;
}

/** The error for a database that has something this version does not know. */
export function newerVersion(
  unknown: string,
  path: string,
  { name, remedy }: Pick<SqlDatabaseOptions, 'name' | 'remedy'>,
  cause?: unknown,
): DatabaseError {
  const message = `${name} ${path} was made by a newer version, which has '${unknown}': ${remedy}`;
  return new DatabaseError(message, { isInUse: false, cause });
}
