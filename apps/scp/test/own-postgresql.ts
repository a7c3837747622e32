// A PostgreSQL server for one test, which the test may stop.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgresql } from '../../interop/services/postgresql.ts';

export interface OwnPostgresql extends AsyncDisposable {
  readonly url: string;
  /** Ends it without the chance to write what it has in memory, as a failure of the machine does. */
  stopImmediately(): Promise<void>;
  start(): Promise<void>;
}

/** @throws NotInstalledError */
export async function ownPostgresql(): Promise<OwnPostgresql> {
  const folder = mkdtempSync(join(tmpdir(), 'own-postgresql-'));
  // The server may run as another user, who must reach its part.
  chmodSync(folder, 0o755);
  const server = await startPostgresql(join(folder, 'postgresql'), { fsync: false });
  return {
    url: server.url,
    start: () => server.start(),
    stopImmediately: () => server.stop('crash'),
    async [Symbol.asyncDispose]() {
      await server.stop('crash');
      rmSync(folder, { recursive: true });
    },
  };
}
