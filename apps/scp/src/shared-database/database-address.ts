// The address of the shared database, as --index gives it.

import { UsageError } from '@x/cli/program';

export interface DatabaseAddress {
  /** For the driver, with the password if it has one. */
  readonly connectionString: string;
  /** All tables are in it. */
  readonly schema: string;
  /** Connections at most, apart from those that listen and hold locks. */
  readonly connections: number;
  /** The address without user and password, for logs and errors. */
  readonly place: string;
}

/**
 * Reads `postgres://[user[:password]@]host[:port]/database[?schema=…][&connections=…][&sslmode=…]`. A password may also come
 * from PGPASSWORD or ~/.pgpass.
 * @throws UsageError, which does not show the password
 */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(?:ql)?:$/.test(url.protocol) || url.pathname.length < 2)
    throw new UsageError(
      'the address of the database must look like postgres://user@host:5432/database?schema=archive',
    );
  const { searchParams } = url;
  const unknown = [...searchParams.keys()].find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`the address of the database has '${unknown}'; known are ${SETTINGS.join(', ')}`);
  const schema = searchParams.get('schema') ?? 'public';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || schema.startsWith('pg_'))
    throw new UsageError(`the schema '${schema}' must consist of up to 63 lower-case letters, digits and _`);
  const connections = Number(searchParams.get('connections') ?? DEFAULT_CONNECTIONS);
  if (!Number.isInteger(connections) || connections < 1 || connections > MOST_CONNECTIONS)
    throw new UsageError(`connections must be a number from 1 to ${MOST_CONNECTIONS}`);
  for (const name of OWN_SETTINGS) searchParams.delete(name);
  return { connectionString: url.href, schema, connections, place: `${url.host}${url.pathname}, schema ${schema}` };
}

const DEFAULT_CONNECTIONS = 10;
const MOST_CONNECTIONS = 1000;
const OWN_SETTINGS = ['schema', 'connections'];
const SETTINGS = [...OWN_SETTINGS, 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];
