// A PostgreSQL server from the packages of Debian, or from the folder that POSTGRESQL_BIN names.

import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Running, run, start } from '@x/testing/processes';
import { checkInstalled, endWithThisProcess, type Service } from './service.ts';

const VERSIONS = '/usr/lib/postgresql';
const USER = 'dimse';
/** `initdb` makes it. */
const DATABASE = 'postgres';

export interface PostgresqlOptions {
  /** Whether a commit waits for the disk. Without it a server that crashes loses nothing, but a machine that crashes does. */
  readonly fsync: boolean;
}

/** Makes a database cluster in a folder, which must be new, and starts its server. @throws NotInstalledError */
export async function startPostgresql(folder: string, { fsync }: PostgresqlOptions): Promise<Service> {
  const programs = process.env.POSTGRESQL_BIN ?? newestPrograms();
  checkInstalled('PostgreSQL', 'postgresql', [join(programs, 'initdb'), join(programs, 'postgres')]);
  const rights = await ownRights();
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')];
  const password = randomBytes(12).toString('hex');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (rights) for (const path of [folder, passwordFile]) chownSync(path, rights.uid, rights.gid);
  const options = { cwd: folder, ...rights };
  const made = await run(
    join(programs, 'initdb'),
    [
      ...['--pgdata', data, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      // "C" sorts by bytes, so that an index finds prefixes.
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions'],
    ],
    options,
  );
  if (made.exitCode !== 0) throw new Error(`initdb failed: ${made.stderr}${made.stdout}`);
  const port = await freePort();
  appendFileSync(
    join(data, 'postgresql.conf'),
    `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = ${port}
max_connections = 300
fsync = ${fsync ? 'on' : 'off'}
`,
  );
  let server: Running | undefined;
  const service: Service = {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    get environment() {
      return { DIMSE_TEST_POSTGRES: service.url };
    },
    async start() {
      server = endWithThisProcess(start(join(programs, 'postgres'), ['-D', data], options));
      await server.printed(/database system is ready to accept connections/, 'stderr');
    },
    async stop(how) {
      // SIGINT is the fast shutdown, SIGQUIT the immediate one, after which the next start recovers.
      await server?.stop(how === 'crash' ? 'SIGQUIT' : 'SIGINT');
      server = undefined;
    },
  };
  await service.start();
  return service;
}

/** Of several versions that are installed. */
function newestPrograms(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const newest = Math.max(0, ...versions.map(Number).filter(Number.isFinite));
  return join(VERSIONS, `${newest}`, 'bin');
}

/** The server refuses to be root: it gets the user that the package of Debian makes. */
async function ownRights(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => (await run('id', [flag, 'postgres'])).stdout));
  if (!uid || !gid) throw new Error('the user postgres does not exist: PostgreSQL does not run as root');
  return { uid: Number(uid), gid: Number(gid) };
}
