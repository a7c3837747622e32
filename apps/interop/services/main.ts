// Starts the services that several archives share, and stops them at Ctrl-C or SIGTERM: pnpm run services [--ceph] FOLDER

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startCeph } from './ceph.ts';
import { startPostgresql } from './postgresql.ts';
import { NotInstalledError, type Service } from './service.ts';
import { startSwift } from './swift.ts';

const args = process.argv.slice(2);
const isCeph = args.includes('--ceph');
const [folder, ...others] = args.filter((arg) => arg !== '--ceph');
if (folder === undefined || others.length > 0) {
  process.stderr.write('usage: pnpm run services [--ceph] FOLDER (FOLDER: where the data go; it must not hold any)\n');
  process.exit(2);
}
const home = resolve(folder);
// The server of PostgreSQL may run as another user, who must reach its part.
mkdirSync(home, { recursive: true, mode: 0o755 });
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});
const running: Service[] = [];
try {
  running.push(await startPostgresql(join(home, 'postgresql'), { fsync: true }));
  running.push(await (isCeph ? startCeph(join(home, 'ceph')) : startSwift(join(home, 'swift'))));
  for (const { environment } of running)
    for (const [name, value] of Object.entries(environment)) process.stdout.write(`export ${name}='${value}'\n`);
  process.stderr.write('the services run until Ctrl-C; the lines above are for the shell that uses them\n');
  await stopped;
} catch (error) {
  if (!(error instanceof NotInstalledError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  for (const service of running.reverse()) await service.stop();
}
