// A program for tests: the workflow services of an archive on a shared database, with its instances in a folder of its own.
// It prints its port. `sharingArchive` starts it in a process of its own, which a test may kill.

import { fileURLToPath } from 'node:url';
import { createLogger } from '@x/cli/logger';
import { type Running, start } from '@x/testing/processes';
import { archiveOptions, createArchive } from '../src/archive.ts';
import { openInstanceArchive } from '../src/instances/instance-archive.ts';
import { createProgram, type Options } from '../src/options.ts';
import { openClaims } from '../src/shared-database/claims.ts';
import { openSharedDatabase } from '../src/shared-database/shared-database.ts';
import { openWorkflow } from '../src/workflow/workflow.ts';

const SELF = fileURLToPath(import.meta.url);
if (process.argv[1] === SELF) await serve(process.argv.slice(2));

async function serve([url = '', lease = '', ...args]: readonly string[]): Promise<void> {
  const options = createProgram(process).parse(args, { from: 'user' }).opts<Options>();
  const logger = createLogger({ verbosity: 1, format: 'json', stderr: process.stderr });
  const database = await openSharedDatabase(url, { fsync: false });
  const claims = await openClaims(database, { lease: Number(lease) });
  const instances = await openInstanceArchive(options.data, options);
  const workflow = await openWorkflow(options, instances, logger, [], { database, claims });
  const scp = createArchive(archiveOptions(options, instances, workflow, logger), logger);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  if (await workflow.wasDown(new AbortController().signal)) await workflow.workItems.announceRestart();
  process.stdout.write(`listening ${port}\n`);
  process.once('SIGTERM', async () => {
    await scp.close({ drain: 10_000 });
    for (const part of [workflow, instances, claims, database]) await part[Symbol.asyncDispose]();
  });
}

export interface SharingArchive extends Running {
  readonly port: number;
}

/** Starts it. @param lease Of its claims, in milliseconds. */
export async function sharingArchive(url: string, lease: number, args: readonly string[]): Promise<SharingArchive> {
  const node = ['--import', 'tsx', '--conditions', '@x/source', SELF, url, `${lease}`];
  const running = start(process.execPath, [...node, ...args]);
  const [, port] = await running.printed(/listening (\d+)/);
  return { ...running, port: Number(port) };
}
