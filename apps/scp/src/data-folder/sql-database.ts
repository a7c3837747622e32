// Embedded SQL databases. Each is a file that only this process can use while it is open, unless it is shared.

import { type FileHandle, open } from 'node:fs/promises';
import { CodedError } from '@x/pdu/internal';
import { Kysely, type Migration, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { SyncError } from './sync-folder.ts';

export interface SqlDatabaseOptions {
  /** Its name in messages, with an article: 'the index'. */
  readonly name: string;
  /** What to do if it is damaged: 'start once with --reindex to rebuild it from the files'. */
  readonly remedy: string;
  /**
   * When committed changes are on disk: at each commit, which waits for the disk and holds up everything else; when `sync`
   * has settled; or when the system writes them. The database is consistent after a crash of the machine in all three.
   */
  readonly durable: 'at commit' | 'at sync' | 'later';
  /** Whether other processes of this machine may use it at the same time. Default: false. */
  readonly isShared?: boolean;
  /** By name, applied in the order of names. A migration that has been released never changes. */
  readonly migrations: Readonly<Record<string, Migration>>;
}

/** The database cannot be used; the message says why and what to do. */
export class DatabaseError extends CodedError {
  static override readonly name: string = 'DatabaseError';
  readonly code: 'DATABASE_IN_USE' | 'DATABASE_UNUSABLE';
  /** Whether another process uses it; otherwise its content cannot be used. */
  readonly isInUse: boolean;

  constructor(message: string, { isInUse, cause }: { readonly isInUse: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.code = isInUse ? 'DATABASE_IN_USE' : 'DATABASE_UNUSABLE';
    this.isInUse = isInUse;
  }
}

export interface SqlDatabase<Tables> {
  readonly database: Database.Database;
  readonly tables: Kysely<Tables>;
  /**
   * With `at sync`, settles when all changes that were committed before this call are on disk; otherwise at once. After a
   * failure every call fails: SQLite reads its log up to the first page that was lost, so later changes are not safe either.
   * @throws SyncError
   */
  sync(): Promise<void>;
  close(): void;
}

/**
 * Opens a database, which is created and migrated if necessary.
 * @throws DatabaseError if it is in use, damaged, or made by a newer version
 */
export async function openSqlDatabase<Tables>(path: string, options: SqlDatabaseOptions): Promise<SqlDatabase<Tables>> {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: 1000 });
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${options.durable === 'at commit' ? 'FULL' : 'NORMAL'}`);
    // A migration may make a table again that others refer to.
    database.pragma('foreign_keys = OFF');
    const tables = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
    // One transaction, which Kysely does not make for SQLite: a crash in between would leave tables without their migration.
    database.exec('begin immediate');
    const { error } = await new Migrator({
      db: tables,
      provider: { getMigrations: async () => ({ ...options.migrations }) },
    }).migrateToLatest();
    if (error) throw error;
    database.exec('commit');
    database.pragma('foreign_keys = ON');
    // Takes effect at the next write. It must follow the change to WAL, which keeps the locking mode it started with.
    if (!options.isShared) database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin immediate; commit');
    const log = options.durable === 'at sync' ? await openLog(path) : undefined;
    const close = options.isShared ? closingShared(database, log) : closing(database, log);
    return { database, tables, sync: async () => log?.sync(), close };
  } catch (error) {
    // The library closes the file later: until then, a transaction would keep it locked.
    if (database?.inTransaction) database.exec('rollback');
    database?.close();
    throw explainDatabaseError(error, path, options);
  }
}

/** Whether an error says that the disk has no room for a change. */
export function isDatabaseFull(error: unknown): boolean {
  return /^SQLITE_FULL/.test(codeOf(error));
}

/** Whether an error says that the disk failed to read or write. */
export function isDatabaseBroken(error: unknown): boolean {
  return /^SQLITE_IOERR/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? '';
}

/** The write-ahead log of a database, opened to be synced in the background. */
interface Log {
  sync(): Promise<void>;
  close(): void;
}

/**
 * In WAL mode, a commit is on disk when the log is. `synchronous = NORMAL` differs from `FULL` only in that the commit itself
 * does not sync the log (https://sqlite.org/pragma.html#pragma_synchronous): the header of a new log, and log and database at
 * a checkpoint, are synced in both. This sync in another thread makes up for the difference without holding up the process.
 */
async function openLog(path: string): Promise<Log> {
  const name = `${path}-wal`;
  let handle: FileHandle | undefined = await open(name, 'r+');
  let failure: SyncError | undefined;
  return {
    async sync() {
      if (failure) throw failure;
      try {
        await handle?.datasync();
      } catch (error) {
        failure ??= new SyncError(name, error);
      }
      if (failure) throw failure;
    },
    close() {
      // SQLite holds no locks on this file that closing it would end.
      void handle?.close();
      handle = undefined;
    },
  };
}

function closing(database: Database.Database, log: Log | undefined): () => void {
  return () => {
    if (!database.open) return;
    log?.close();
    // The library closes the file only when its statements are garbage collected. Without a WAL, no lock is held between
    // transactions, so the database can be opened again at once.
    try {
      database.pragma('journal_mode = DELETE');
      database.pragma('locking_mode = NORMAL');
      database.exec('begin immediate; commit');
    } catch {
      // The disk is too full to end the WAL. Its content is safe and is read at the next start.
    }
    database.close();
  };
}

/** Another process may still use it. */
function closingShared(database: Database.Database, log: Log | undefined): () => void {
  return () => {
    log?.close();
    if (database.open) database.close();
  };
}

/** A DatabaseError if the error means that the database cannot be used; otherwise the error itself. */
export function explainDatabaseError(
  error: unknown,
  path: string,
  { name, remedy, migrations }: Omit<SqlDatabaseOptions, 'durable'>,
): unknown {
  const { code = '', message } = error as { code?: string; message: string };
  if (code.startsWith('SQLITE_BUSY') || /database is locked/.test(message))
    return new DatabaseError(`${name} ${path} is in use by another process`, { isInUse: true, cause: error });
  if (isDatabaseFull(error))
    return new DatabaseError(`${name} ${path} has no space left`, { isInUse: false, cause: error });
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
