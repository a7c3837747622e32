// A PostgreSQL server for one test, which the test may stop. It needs Debian's package `postgresql`, in any version.

import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OwnPostgresql extends AsyncDisposable {
  readonly url: string;
  /** Ends it without the chance to write what it has in memory, as a failure of the machine does. */
  stopImmediately(): Promise<void>;
  start(): Promise<void>;
}

const VERSIONS = '/usr/lib/postgresql';
const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : [];
const programs = join(VERSIONS, version ?? '', 'bin');

/** Whether this machine can run one. */
export const HAS_POSTGRESQL: boolean = existsSync(join(programs, 'initdb'));

export async function ownPostgresql(): Promise<OwnPostgresql> {
  const folder = mkdtempSync(join(tmpdir(), 'own-postgresql-'));
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const [user, group] = await Promise.all(['-u', '-g'].map((what) => run('id', [what, 'postgres'])));
    chownSync(folder, Number(user?.stdout), Number(group?.stdout));
  }
  // The server refuses to be root.
  const as = (program: string, ...options: string[]) => {
    const [file = '', ...others] = [...(isRoot ? ['runuser', '-u', 'postgres', '--'] : []), join(programs, program)];
    return run(file, [...others, ...options], { cwd: folder });
  };
  const data = join(folder, 'data');
  await as('initdb', '-D', data, '-U', 'dimse', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync');
  const port = await freePort();
  const log = join(folder, 'log');
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=16MB`;
  const start = async () => {
    await as('pg_ctl', '-D', data, '-o', settings, '-l', log, '-w', '-t', '60', 'start');
  };
  const stop = async () => {
    await as('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
  };
  await start();
  return {
    url: `postgres://dimse@127.0.0.1:${port}/postgres`,
    start,
    stopImmediately: stop,
    async [Symbol.asyncDispose]() {
      await stop().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
