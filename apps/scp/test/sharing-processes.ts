// Processes of an archive that share a database, as parts of one test: each has its own pool and its own claims.

import { openClaims } from '../src/shared-database/claims.ts';
import { openSharedDatabase } from '../src/shared-database/shared-database.ts';
import {
  openSharedWorkflowDatabase,
  type WorkflowDatabase,
  type WorkflowSharing,
} from '../src/workflow/workflow-database/workflow-database.ts';
import { testSchema } from './test-database.ts';

export interface SharingProcess extends WorkflowSharing, AsyncDisposable {
  readonly workflow: WorkflowDatabase;
}

export interface SharingProcessOptions {
  /** Of its claims, in milliseconds. Default: 30 s. */
  readonly lease?: number;
  /** Its way to the database. */
  readonly url?: string;
  /** Whether changes survive a crash of the server. Default: false. */
  readonly fsync?: boolean;
}

export interface SharingProcesses extends AsyncDisposable {
  /** The address of the database, with the schema of this test. */
  readonly url: string;
  /** Starts a process. */
  start(options?: SharingProcessOptions): Promise<SharingProcess>;
}

/** A schema of its own, and the processes that use it. Disposing of it ends them. */
export function sharingProcesses(server: string): SharingProcesses {
  const schema = testSchema(server);
  const running: SharingProcess[] = [];
  return {
    url: schema.url,
    async start({ lease = 30_000, url = schema.url, fsync = false } = {}) {
      const database = await openSharedDatabase(url, { fsync });
      const claims = await openClaims(database, { lease });
      const workflow = await openSharedWorkflowDatabase({ database, claims });
      let isOver = false;
      const process: SharingProcess = {
        ...{ database, claims, workflow },
        async [Symbol.asyncDispose]() {
          if (isOver) return;
          isOver = true;
          await claims[Symbol.asyncDispose]();
          await database[Symbol.asyncDispose]();
        },
      };
      running.push(process);
      return process;
    },
    async [Symbol.asyncDispose]() {
      for (const process of running) await process[Symbol.asyncDispose]();
      await schema[Symbol.asyncDispose]();
    },
  };
}
