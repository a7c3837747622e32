#!/usr/bin/env node
// dimse-scp: a small DICOM archive.

// First, before anything that allocates.
import '@x/cli/short-lived-memory';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { applyConfiguration, configurationPath, readConfiguration } from '@x/cli/configuration-file';
import { createLogger, type Logger } from '@x/cli/logger';
import { ExitCode, run, UsageError } from '@x/cli/program';
import { tlsClientOptions } from '@x/cli/tls-options';
import type { Scp } from '@x/dimse';
import { type ConversationCapture, createCapture } from '@x/net/capture';
import { archiveOptions, createArchive } from './archive.ts';
import { conformanceStatement } from './conformance.ts';
import { makeFolders } from './data-folder/make-folders.ts';
import { DatabaseError } from './data-folder/sql-database.ts';
import { type InstanceArchive, openInstanceArchive, type Reconciliation } from './instances/instance-archive.ts';
import type { Observer } from './observer.ts';
import { createProgram, type Options } from './options.ts';
import { reload } from './reload.ts';
import { userLine } from './users.ts';
import { openWorkflow } from './workflow/workflow.ts';

let options: Options | undefined;
process.exitCode = await run(
  'dimse-scp',
  async () => {
    options = await readOptions();
    if (options.makeUser !== undefined) return makeUser(options.makeUser);
    return options.conformance ? printConformance(options) : serve(options);
  },
  (error) => ({ line: explain(error, options), exitCode: ExitCode.Usage }),
  () => (options?.verbose ?? 0) > 1,
);

/** Of the command line and of the files it names. @throws UsageError. */
async function readOptions(): Promise<Options> {
  const program = createProgram();
  const configuration = configurationPath(process.argv.slice(2));
  if (configuration !== undefined) applyConfiguration([program], readConfiguration(configuration));
  await program.parseAsync(process.argv);
  const given = program.opts<Options>();
  const peerTls = tlsClientOptions({ ...given, tls: true, tlsInsecure: false });
  return { ...given, ...(peerTls && { peerTls }) };
}

async function serve(running: Options): Promise<number> {
  if ((running.data as string | undefined) === undefined)
    throw new UsageError('--data is needed: the folder that holds everything');
  const logger = createLogger({ verbosity: running.verbose, format: running.logFormat });
  const stopped = stopSignal();
  await using instances = await openInstanceArchive(running.data, running);
  logReconciliation(instances.reconciliation, logger);
  const capture = running.capture === undefined ? undefined : await openCapture(running.capture, running.mask);
  const observers: Observer[] = capture ? [{ connection: capture.watch, ownConnection: capture.watch }] : [];
  await using workflow = await openWorkflow(running, instances, logger, observers);
  const scpOptions = archiveOptions(running, instances, workflow, logger, observers);
  const watched = { instances, workflow, services: scpOptions.services, listener: () => listener };
  // What counts and draws takes memory that an archive without pages need not spend.
  const { watch } = running.http === undefined ? {} : await import('./http/operator-pages.ts');
  using pages = watch?.(running, watched, observers, logger);
  await using scp = createArchive(scpOptions, logger, observers);
  const listener = await scp.listen({ port: running.port, ...(running.host && { host: running.host }) });
  await using http = await pages?.open();
  // Whoever reads that we listen may send a signal at once.
  process.on('SIGHUP', () => void reload(scp, running, readOptions, logger));
  const { host, port } = listener;
  process.stdout.write(`listening ${running.aet}@${host.includes(':') ? `[${host}]` : host}:${port}\n`);
  if (http) process.stdout.write(`listening ${http.url}\n`);
  void completeIndex(instances, logger);
  await workflow.workItems.announceRestart();
  const signal = await stopped;
  logger.info(`${signal}: no more associations; those that run may finish for ${running.drain / 1000} s`);
  const { finished, aborted } = await close(scp, running.drain);
  await capture?.close();
  logger.info(`stopped: ${finished} associations finished, ${aborted} aborted`);
  return ExitCode.Success;
}

/** What these options make, described: all is opened as it would be, in a folder of its own. */
async function printConformance(described: Options): Promise<number> {
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  const data = await mkdtemp(join(tmpdir(), 'dimse-scp-'));
  try {
    const there = { ...described, data };
    await using instances = await openInstanceArchive(data, there);
    await using workflow = await openWorkflow(there, instances, logger);
    process.stdout.write(conformanceStatement(described, archiveOptions(there, instances, workflow, logger)));
    return ExitCode.Success;
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function makeUser(name: string): Promise<number> {
  if (name === '' || name.includes(':')) throw new UsageError('the name of a user is not empty and has no colon');
  const [passcode = ''] = (await text(process.stdin)).split(/\r?\n/);
  if (passcode === '') throw new UsageError('no passcode came by the standard input');
  process.stdout.write(`${await userLine(name, passcode)}\n`);
  return ExitCode.Success;
}

/** A file for this run. */
async function openCapture(folder: string, mask: boolean): Promise<ConversationCapture> {
  await makeFolders(folder);
  const name = `dimse-scp-${new Date().toISOString().replaceAll(':', '')}.pcapng`;
  return createCapture(join(folder, name), { mask });
}

function logReconciliation({ added, removed, unreadable }: Reconciliation, logger: Logger): void {
  if (added > 0) logger.info(`${added} instances that were not in the index were entered`);
  if (removed > 0) logger.warn(`${removed} instances whose files are gone were taken out of the index`);
  for (const { study, series, sopInstance, why } of unreadable)
    logger.warn({ study, series, sopInstance }, `the file of ${sopInstance} is no instance: ${why}`);
}

/** In the background: an archive of an earlier version may have a great many instances. */
async function completeIndex(instances: InstanceArchive, logger: Logger): Promise<void> {
  const { lacking } = instances.index;
  if (lacking.length === 0) return;
  const names = lacking.join(', ');
  logger.info(`the index is being completed with ${names}; queries for them are slower until then`);
  try {
    await instances.completeIndex();
    if (instances.index.lacking.length === 0) logger.info(`the index has been completed with ${names}`);
  } catch (error) {
    logger.error({ err: error }, `the index could not be completed with ${names}: ${(error as Error).message}`);
  }
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

async function close(scp: Scp, drain: number) {
  // Asked a second time, we do not wait.
  void stopSignal().then(() => scp.close());
  return scp.close({ drain });
}

function explain(error: unknown, { host, port, data, http }: Partial<Options> = {}): string {
  const { code, message, port: refused } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (error instanceof UsageError || error instanceof DatabaseError) return error.message;
  if (code === 'EADDRINUSE' && http !== undefined && refused === http)
    return `port ${http} is in use: choose another with --http, or stop who has it`;
  if (code === 'EADDRINUSE') return `port ${port} is in use: choose another with --port, or stop who has it`;
  if (code === 'EACCES' && /listen/.test(message))
    return `port ${port} may not be used: ports below 1024 need privileges`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine`;
  if (/^(?:EACCES|EPERM|EROFS|ENOENT|ENOSPC|EDQUOT)$/.test(code ?? ''))
    return `the folder ${data} cannot be written: ${message}`;
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${data} is not a folder`;
  return message;
}
