#!/usr/bin/env node
// dimse-scp: a small DICOM archive.

// First, before anything that allocates.
import '@x/cli/short-lived-memory';
import { join } from 'node:path';
import { applyConfiguration, configurationPath, readConfiguration } from '@x/cli/configuration-file';
import { createLogger, type Logger } from '@x/cli/logger';
import { ExitCode, run, UsageError } from '@x/cli/program';
import { tlsServerOptions } from '@x/cli/tls-options';
import type { Scp } from '@x/dimse';
import { type ConversationCapture, createCapture } from '@x/net';
import { createArchive } from './archive.ts';
import { openInstanceArchive, type Reconciliation } from './instance-archive.ts';
import { makeFolders } from './make-folders.ts';
import { createProgram, type Options } from './options.ts';
import { DatabaseError } from './sql-database.ts';
import { openWorkflow } from './workflow.ts';

const program = createProgram();
process.exitCode = await run(
  'dimse-scp',
  async () => {
    const configuration = configurationPath(process.argv.slice(2));
    if (configuration !== undefined) applyConfiguration([program], readConfiguration(configuration));
    await program.parseAsync(process.argv);
    return serve(program.opts<Options>());
  },
  (error) => ({ line: explain(error, program.opts<Options>()), exitCode: ExitCode.Usage }),
  () => program.opts<Options>().verbose > 1,
);

async function serve(options: Options): Promise<number> {
  const logger = createLogger({ verbosity: options.verbose, format: options.logFormat });
  const stopped = stopSignal();
  await using instances = await openInstanceArchive(options.data, options);
  logReconciliation(instances.reconciliation, logger);
  await using workflow = await openWorkflow(options, instances, logger);
  const capture = options.capture === undefined ? undefined : await openCapture(options.capture, options.mask);
  const scp = createArchive(options, instances, workflow, logger, capture);
  const { host, port } = await scp.listen({ port: options.port, ...(options.host && { host: options.host }) });
  process.stdout.write(`listening ${options.aet}@${host.includes(':') ? `[${host}]` : host}:${port}\n`);
  process.on('SIGHUP', () => reload(scp, options, logger));
  const signal = await stopped;
  logger.info(`${signal}: no more associations; those that run may finish for ${options.drain / 1000} s`);
  const { finished, aborted } = await close(scp, options.drain);
  await capture?.close();
  logger.info(`stopped: ${finished} associations finished, ${aborted} aborted`);
  return ExitCode.Success;
}

/** A file for this run. */
async function openCapture(folder: string, mask: boolean): Promise<ConversationCapture> {
  await makeFolders(folder);
  const name = `dimse-scp-${new Date().toISOString().replaceAll(':', '')}.pcapng`;
  return createCapture(join(folder, name), { mask });
}

/** Takes up new certificates; associations go on. */
function reload(scp: Scp, options: Options, logger: Logger): void {
  try {
    const tls = tlsServerOptions(options);
    if (tls) scp.reload(tls);
    logger.info(tls ? 'SIGHUP: certificates were read again' : 'SIGHUP: there is nothing to read again');
  } catch (error) {
    logger.error(`SIGHUP: the certificates stay as they were: ${(error as Error).message}`);
  }
}

function logReconciliation({ added, removed, unreadable }: Reconciliation, logger: Logger): void {
  if (added > 0) logger.info(`${added} instances that were not in the index were entered`);
  if (removed > 0) logger.warn(`${removed} instances whose files are gone were taken out of the index`);
  for (const { study, series, sopInstance } of unreadable)
    logger.warn({ study, series, sopInstance }, `the file of ${sopInstance} is no instance`);
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

function explain(error: unknown, { host, port, data }: Options): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || error instanceof DatabaseError) return error.message;
  if (code === 'EADDRINUSE') return `port ${port} is in use: choose another with --port, or stop who has it`;
  if (code === 'EACCES' && /listen/.test(message))
    return `port ${port} may not be used: ports below 1024 need privileges`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine`;
  if (/^(?:EACCES|EPERM|EROFS|ENOENT|ENOSPC|EDQUOT)$/.test(code ?? ''))
    return `the folder ${data} cannot be written: ${message}`;
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${data} is not a folder`;
  return message;
}
