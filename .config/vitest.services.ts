// Runs once before the tests of a project and once after them. Starts a shared service when the first test asks for it, and stops
// the services that were started when all tests have ended.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgresql } from '../apps/interop/services/postgresql.ts';
import { NotInstalledError, type Service } from '../apps/interop/services/service.ts';
import { startSwift } from '../apps/interop/services/swift.ts';
import { SERVICES_ADDRESS } from '../packages/testing/src/services.ts';

const STARTERS: Readonly<Record<string, (folder: string) => Promise<Service>>> = {
  postgresql: (folder) => startPostgresql(folder, { fsync: false }),
  store: startSwift,
};

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Another project of this run has done it.
  if (process.env[SERVICES_ADDRESS] !== undefined) return undefined;
  let folder: string | undefined;
  const started = new Map<string, Promise<Service>>();
  const start = (name: string): Promise<Service> | undefined => {
    const starter = STARTERS[name];
    if (!starter) return undefined;
    folder ??= newFolder();
    const service = started.get(name) ?? starter(join(folder, name));
    started.set(name, service);
    return service;
  };
  const server = createServer((request, response) => {
    const answer = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value));
    const service = start(String(request.url).slice(1));
    if (!service) return void answer(404, { error: `${request.url} is not a service` });
    service.then(
      ({ environment }) => answer(200, environment),
      (error: Error) =>
        error instanceof NotInstalledError
          ? answer(200, { missing: error.message })
          : answer(500, { error: error.message }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It must not keep a run from ending.
  server.unref();
  process.env[SERVICES_ADDRESS] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    delete process.env[SERVICES_ADDRESS];
    server.close();
    for (const outcome of await Promise.allSettled(started.values()))
      if (outcome.status === 'fulfilled') await outcome.value.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'services-'));
  // The server of PostgreSQL may run as another user, who must reach its part.
  chmodSync(folder, 0o755);
  return folder;
}
