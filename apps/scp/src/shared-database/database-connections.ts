// The connections of this process to the shared database.

import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Client, ClientConfig, Pool } from 'pg';
import type { DatabaseAddress } from './database-address.ts';
import { SharedDatabaseLostError, sqlStateOf } from './shared-database-error.ts';

export interface ConnectionOptions {
  /** Whether COMMIT waits until the change outlives a crash of the server, however the server is configured. */
  readonly fsync: boolean;
}

/** A connection apart from the pool. */
export interface LastingConnection {
  readonly client: Client;
  close(): Promise<void>;
}

/** Makes connections of the same kind. `pg` is loaded only when the first one is made. */
export class DatabaseConnections {
  readonly address: DatabaseAddress;
  readonly #options: ConnectionOptions;

  constructor(address: DatabaseAddress, options: ConnectionOptions) {
    this.address = address;
    this.#options = options;
  }

  /**
   * A pool for Kysely.
   * @param statement Milliseconds for one statement, including the locks that it waits for; 0: without bound.
   */
  async pool(most: number, statement = STATEMENT_TIMEOUT): Promise<PostgresPool> {
    const { Pool } = await driver();
    const pool = new Pool({
      ...(await this.#settings(statement)),
      max: most,
      idleTimeoutMillis: IDLE_TIMEOUT,
      // Its own connections do not keep a program from ending that has forgotten to close it.
      allowExitOnIdle: true,
    });
    // A connection that is lost while it is idle leaves the pool.
    pool.on('error', () => {});
    return new CheckedPool(pool, this.#options.fsync);
  }

  /** A connection apart from the pool, for what lasts. `onLost` is called once if it is lost before it is closed. */
  async connect(onLost: () => void): Promise<LastingConnection> {
    const { Client } = await driver();
    const client = new Client(await this.#settings(0));
    let isOver = false;
    const lost = () => {
      if (!isOver) onLost();
      isOver = true;
    };
    client.on('error', lost).on('end', lost);
    try {
      await client.connect();
    } catch (error) {
      isOver = true;
      throw lostIfConnection(error);
    }
    return {
      client,
      async close() {
        isOver = true;
        await client.end().catch(() => {});
      },
    };
  }

  async #settings(statement: number): Promise<ClientConfig> {
    const { connectionString, schema } = this.address;
    const options = {
      search_path: schema,
      statement_timeout: statement,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT,
      // The server ends the session of a machine that is gone, with its locks, within half a minute.
      tcp_keepalives_idle: 10,
      tcp_keepalives_interval: 5,
      tcp_keepalives_count: 3,
    };
    return {
      connectionString,
      application_name: 'dimse-scp',
      options: Object.entries(options)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
      connectionTimeoutMillis: CONNECTION_TIMEOUT,
      // If the machine of the server is gone, its answer never comes.
      ...(statement > 0 && { query_timeout: statement + ANSWER_TIMEOUT }),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY,
      types: { getTypeParser: await typeParsers() },
    };
  }
}

async function driver() {
  return (await import('pg')).default;
}

/** Counts and sums are numbers, not texts: neither exceeds 2^53 in an archive. */
async function typeParsers() {
  const { types } = await driver();
  return ((oid: number, format?: 'text') =>
    NUMBERS.has(oid) ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser;
}

/** bigint and numeric. */
const NUMBERS = new Set([20, 1700]);

/**
 * A pool whose errors tell the database's from the connection's, whose COMMIT fails if nothing was committed, and which has
 * the server prepare the statements that are used often.
 */
class CheckedPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #fsync: boolean;
  readonly #clients = new WeakMap<object, PostgresPoolClient>();
  readonly #statements = new FrequentStatements();

  constructor(pool: Pool, fsync: boolean) {
    this.#pool = pool;
    this.#fsync = fsync;
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      const client = await this.#pool.connect();
      const known = this.#clients.get(client);
      if (known) return known;
      const checked = checkedClient(client as unknown as DriverClient, this.#statements);
      this.#clients.set(client, checked);
      await checked.query(this.#fsync ? AT_LEAST_LOCAL_DISK : 'set synchronous_commit = off', []);
      return checked;
    } catch (error) {
      throw lostIfConnection(error);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

interface DriverClient {
  on(event: 'error', listener: () => void): unknown;
  query(query: { name?: string; text: string; values: readonly unknown[] }): Promise<DriverResult>;
  release(isBroken?: boolean): void;
}

interface DriverResult {
  command: 'UPDATE' | 'DELETE' | 'INSERT' | 'SELECT' | 'MERGE';
  rowCount: number;
  rows: Record<string, unknown>[];
}

function checkedClient(client: DriverClient, statements: FrequentStatements): PostgresPoolClient {
  let isBroken = false;
  // The pool listens only to idle connections; a statement that is under way fails too.
  client.on('error', () => {
    isBroken = true;
  });
  const query = async (text: string, values: readonly unknown[]): Promise<DriverResult> => {
    // Those without values are short, or rare.
    const name = values.length > 0 ? statements.nameOf(text) : undefined;
    try {
      const result = await client.query({ text, values, ...(name !== undefined && { name }) });
      // After an error that was ignored, COMMIT succeeds and undoes the transaction.
      if (text === 'commit' && (result.command as string) === 'ROLLBACK')
        throw new Error('the transaction was undone: one of its statements had failed');
      return result;
    } catch (error) {
      const checked = lostIfConnection(error);
      isBroken ||= checked instanceof SharedDatabaseLostError;
      throw checked;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: () => client.release(isBroken),
  };
}

/** The error of a connection as a SharedDatabaseLostError; errors of the database, and of the program, as they are. */
export function lostIfConnection(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SharedDatabaseLostError) return error;
  const isOfDatabase = sqlStateOf(error) !== undefined;
  const isOfSystem = typeof (error as NodeJS.ErrnoException).syscall === 'string' || error.name === 'AggregateError';
  if (isOfDatabase || !(isOfSystem || CONNECTION_FAILURE.test(error.message))) return error;
  // An AggregateError of several addresses has no message of its own.
  const [first] = ((error as AggregateError).errors ?? []) as Error[];
  return new SharedDatabaseLostError(`no connection to the database: ${error.message || first?.message}`, {
    cause: error,
  });
}

/** The driver's own messages about connections. */
const CONNECTION_FAILURE = /connection|timeout|not queryable|closed|SSL/i;

/**
 * The statements that this process has the server prepare: those whose text it has used some times. Texts that vary, with the
 * keys of a query for instance, are not prepared, because each would take memory in each session of the server.
 */
class FrequentStatements {
  readonly #uses = new Map<string, number>();
  readonly #names = new Map<string, string>();

  nameOf(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined || this.#names.size >= MOST_PREPARED) return name;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    this.#uses.delete(text);
    if (uses >= USES_BEFORE_PREPARED) this.#names.set(text, `dimse_${this.#names.size}`);
    else this.#uses.set(text, uses);
    const [oldest] = this.#uses.keys();
    if (this.#uses.size > MOST_COUNTED && oldest !== undefined) this.#uses.delete(oldest);
    return this.#names.get(text);
  }
}

/** Does not weaken a server that waits for its standbys. */
const AT_LEAST_LOCAL_DISK = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') = 'off'`;
const USES_BEFORE_PREPARED = 3;
const MOST_PREPARED = 300;
const MOST_COUNTED = 300;
/** Milliseconds. */
const CONNECTION_TIMEOUT = 10_000;
const STATEMENT_TIMEOUT = 30_000;
/** Longer than the statement's own bound, which the server keeps. */
const ANSWER_TIMEOUT = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT = 60_000;
const IDLE_TIMEOUT = 60_000;
const KEEP_ALIVE_DELAY = 10_000;
