// The program dimse-scp: reads its options, runs the archive until it is told to end, and explains errors in one line.

import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { COMPLETE, completionScript, completions } from '@x/cli/completion';
import { applyConfiguration, configurationPath, readConfiguration } from '@x/cli/configuration-file';
import { createLogger, type Logger } from '@x/cli/logger';
import { ExitCode, InterruptedError, type Program, type ProgramContext, UsageError } from '@x/cli/program';
import { tlsClientOptions } from '@x/cli/tls-options';
import { type ConversationCapture, createCapture } from '@x/net/capture';
import { archiveOptions, createArchive } from './archive.ts';
import { AREAS, checkAreas, readAreas } from './area-settings.ts';
import { openAreas } from './areas.ts';
import { type AuditLog, openAuditLog } from './audit/audit-log.ts';
import { wholeCommandLine } from './command-line.ts';
import { ControlError } from './data-folder/control-socket.ts';
import { makeFolders } from './data-folder/make-folders.ts';
import { DatabaseError } from './data-folder/sql-database.ts';
import { warnIfShared } from './data-folder/warn-if-shared.ts';
import { runDelete } from './delete-command.ts';
import { openControls } from './deletion-requests.ts';
import { openDeliveries } from './deliveries/deliveries.ts';
import { runForward } from './deliveries/forward-command.ts';
import { readForwardRules } from './deliveries/forward-rules.ts';
import { warnIfFewDescriptors } from './descriptor-limit.ts';
import { bringIndexUpToDate } from './index-upkeep.ts';
import { parseFileNameTemplate } from './instances/file-name-template.ts';
import { Notices } from './instances/notices.ts';
import type { Observer } from './observer.ts';
import { createProgram, type Options } from './options.ts';
import { printConformance } from './print-conformance.ts';
import { quotaOptions } from './quota-options.ts';
import { reload } from './reload.ts';
import { coercionOf } from './rules/coercion.ts';
import { readCoercionRules } from './rules/coercion-rules.ts';
import { isServiceAway, isShared, openInstances, openSharedParts } from './shared-parts.ts';
import { startStudyRetention } from './study-retention.ts';
import { userLine } from './users.ts';
import { openWorkflow, type Workflow } from './workflow/workflow.ts';

/** The program, made for one run. */
export function scpProgram(): Program {
  let options: Options | undefined;
  return {
    name: 'dimse-scp',
    main: async (context) => {
      if (context.argv[0] === COMPLETE) {
        context.stdout.write(await completions(wholeCommandLine(context), context.argv.slice(2)));
        return ExitCode.Success;
      }
      if (context.argv[0] === 'delete') return runDelete(context);
      if (context.argv[0] === 'forward') return runForward(context);
      options = await readOptions(context);
      if (options.completion !== undefined) {
        context.stdout.write(`${await completionScript('dimse-scp', options.completion)}\n`);
        return ExitCode.Success;
      }
      if (options.makeUser !== undefined) return makeUser(options.makeUser, context);
      return options.conformance ? printConformance(options, context) : serveUnlessStopped(options, context);
    },
    explain: (error) => ({
      line: explain(error, options),
      // For service managers, which try again after the one and not after the other.
      exitCode: isServiceAway(error) ? ExitCode.Failure : ExitCode.Usage,
    }),
    isVerbose: () => (options?.verbose ?? 0) > 1,
  };
}

/** Reads the command line and the files that it names. @throws UsageError */
async function readOptions(context: ProgramContext): Promise<Options> {
  const program = createProgram(context, { fileName: parseFileNameTemplate, coerce: readCoercionRules });
  const path = configurationPath(context.argv);
  const configuration = path === undefined ? undefined : readConfiguration(path);
  if (configuration) applyConfiguration([program], configuration, [AREAS]);
  const areas = readAreas(configuration?.get(AREAS), program);
  await program.parseAsync(context.argv, { from: 'user' });
  const given = program.opts<Options>();
  const peerTls = tlsClientOptions({ ...given, tls: true, tlsInsecure: false });
  const forwardRules = given.forward === undefined ? undefined : readForwardRules(given.forward);
  const options = {
    ...given,
    ...(peerTls && { peerTls }),
    ...(areas.length > 0 && { areas }),
    ...(forwardRules && { forwardRules }),
  };
  checkAreas(options);
  return options;
}

/** Ends at once if the program is told to end before it is ready. Files and databases survive this as they survive a crash. */
function serveUnlessStopped(running: Options, context: ProgramContext): Promise<number> {
  let isReady = false;
  const stopped = interrupted(context.signal).then((signal) => {
    if (isReady) return new Promise<never>(() => {});
    context.stderr.write(`dimse-scp: ${signal}: stopped before it was ready\n`);
    return ExitCode.Success;
  });
  const ready = () => {
    isReady = true;
  };
  return Promise.race([serve(running, context, ready), stopped]);
}

async function serve(running: Options, context: ProgramContext, ready: () => void): Promise<number> {
  const isAlone = !isShared(running);
  using _mask = withUmask(running.umask);
  using hangUp = onHangUp();
  const logger = createLogger({
    ...{ verbosity: running.verbose, format: running.logFormat },
    stderr: context.stderr,
  });
  await using audit = await openAuditLog(running, logger);
  const notices = new Notices(logger);
  const coercion = coercionOf(running);
  await using shared = await openSharedParts(running, coercion);
  const keeping = { quotaOptions: quotaOptions(running, logger, audit), coercion, notice: notices.tell };
  await using instances = await openInstances({ ...running, ...keeping }, shared, logger);
  if (isAlone) await warnIfShared(running, logger);
  warnIfFewDescriptors(running.maxAssociations, logger);
  const capture = running.capture === undefined ? undefined : await openCapture(running.capture, running, logger);
  const observers: Observer[] = capture ? [{ connection: capture.watch, ownConnection: capture.watch }] : [];
  if (audit) observers.push(audit);
  await using workflow = await openWorkflow(running, instances, logger, observers, shared);
  await using deliveries = await openDeliveries(running, instances, logger, {
    ...{ observers, sharing: shared },
  });
  const scpOptions = archiveOptions(running, instances, workflow, logger, observers, audit);
  await using areas = await openAreas(running, logger, { notice: notices.tell, observers, audit });
  const watched = {
    instances,
    notices,
    areas: areas.all,
    workflow,
    deliveries,
    services: scpOptions.services,
    listener: () => listener,
    ...(shared && { checks: [{ name: 'store', check: (signal: AbortSignal) => shared.store.check(signal) }] }),
    ...(shared && { database: shared.database }),
    isStopping: () => context.signal.aborted,
  };
  // Metrics and drawing need memory that an archive without pages does not have to spend.
  const { watch } = running.http === undefined ? {} : await import('./http/operator-pages.ts');
  await using pages = watch?.(running, watched, observers, logger);
  await using scp = createArchive(areas.join(scpOptions), logger, observers);
  const listener = await scp.listen({ port: running.port, ...(running.host && { host: running.host }) });
  await using http = await pages?.open();
  // Before it is printed that the archive listens: a signal may follow at once.
  hangUp.attend(() => {
    void reload({ scp, options: running, deliveries, areas: areas.all }, () => readOptions(context), logger);
    void reopen(audit, logger);
  });
  await using _control = await openControls([{ aeTitle: running.aet, instances }, ...areas.all], audit, logger);
  const retained = [{ options: running, instances, database: shared?.database }, ...areas.all];
  await using _retention = startStudyRetention(retained, audit, logger);
  ready();
  const { host, port } = listener;
  context.stdout.write(`listening ${running.aet}@${host.includes(':') ? `[${host}]` : host}:${port}\n`);
  if (http) context.stdout.write(`listening ${http.url}\n`);
  for (const part of [{ instances, workflow }, ...areas.all]) {
    void bringIndexUpToDate(part.instances, logger);
    part.workflow.startRetention();
  }
  const announced = Promise.all(
    [{ workflow }, ...areas.all].map((part) => announceRestart(part.workflow, context.signal, logger)),
  );
  const signal = await interrupted(context.signal);
  await leave(signal, running, context, logger);
  logger.info(`${signal}: no more associations; open associations have ${running.drain / 1000} s to finish`);
  // A second signal ends the wait.
  if (context.insistence.aborted) void scp.close();
  else context.insistence.addEventListener('abort', () => void scp.close());
  const { finished, aborted } = await scp.close({ drain: running.drain });
  await announced;
  // A failure has been logged.
  await capture?.close().catch(() => {});
  logger.info(`stopped: ${finished} associations finished, ${aborted} aborted`);
  return ExitCode.Success;
}

/** Lets load balancers see that this archive is about to stop, before it refuses anybody. A second signal ends the wait. */
async function leave(
  signal: string,
  { stopDelay }: Options,
  { insistence }: ProgramContext,
  logger: Logger,
): Promise<void> {
  if (stopDelay === 0) return;
  logger.info(`${signal}: associations are accepted for ${stopDelay / 1000} s more, and /healthz answers 503`);
  await setTimeout(stopDelay, undefined, { signal: insistence }).catch(() => {});
}

async function makeUser(name: string, { stdin, stdout }: ProgramContext): Promise<number> {
  if (name === '' || name.includes(':')) throw new UsageError('the name of a user cannot be empty or contain a colon');
  const [passcode = ''] = (await text(stdin)).split(/\r?\n/);
  if (passcode === '') throw new UsageError('the standard input does not contain a passcode');
  stdout.write(`${await userLine(name, passcode)}\n`);
  return ExitCode.Success;
}

/** Creates a file for this run in the folder. */
async function openCapture(
  folder: string,
  { mask, capturePasscodes: credentials }: Options,
  logger: Logger,
): Promise<ConversationCapture> {
  await makeFolders(folder);
  const name = `dimse-scp-${new Date().toISOString().replaceAll(':', '')}.pcapng`;
  const path = join(folder, name);
  const onError = ({ message }: Error) => logger.error(`the capture ${path} ends, it cannot be written: ${message}`);
  return createCapture(path, { mask, credentials, onError });
}

/** In the background: subscribers may be many. Never rejects. */
async function announceRestart(workflow: Workflow, signal: AbortSignal, logger: Logger): Promise<void> {
  try {
    if (await workflow.wasDown(signal)) await workflow.workItems.announceRestart([], { signal });
  } catch (error) {
    if (!signal.aborted)
      logger.error({ err: error }, `subscribers could not be told of the start: ${(error as Error).message}`);
  }
}

/** Settles with the name of the signal that told the program to end. */
function interrupted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const end = () => resolve((signal.reason instanceof InterruptedError && signal.reason.signal) || 'interrupted');
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** Everything that is created until it is disposed of has these permissions, the files of the databases too. */
function withUmask(umask: number): Disposable {
  const before = process.umask(umask);
  return { [Symbol.dispose]: () => void process.umask(before) };
}

/** For programs that rotate logs. */
async function reopen(audit: AuditLog | undefined, logger: Logger): Promise<void> {
  try {
    if (!audit) return;
    await audit.reopen();
    logger.info('SIGHUP: the audit log was opened again');
  } catch (error) {
    logger.error(`SIGHUP: the audit log goes on in the old file: ${(error as Error).message}`);
  }
}

/**
 * Handles SIGHUP, which would end the process otherwise: a program that rotates logs may send it during a long start. It is
 * attended to when the archive is ready.
 */
function onHangUp(): Disposable & { attend(now: () => void): void } {
  let attend: (() => void) | undefined;
  let isWaiting = false;
  const received = () => {
    if (attend) attend();
    else isWaiting = true;
  };
  // On Windows, it means that the console was closed, and ends the program.
  if (process.platform !== 'win32') process.on('SIGHUP', received);
  return {
    attend(now) {
      attend = now;
      if (isWaiting) now();
    },
    [Symbol.dispose]: () => void process.off('SIGHUP', received),
  };
}

function explain(error: unknown, { host, port, data, http }: Partial<Options> = {}): string {
  const { code, message, port: refused } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (error instanceof UsageError || error instanceof DatabaseError || error instanceof ControlError)
    return error.message;
  if (code === 'EADDRINUSE' && http !== undefined && refused === http)
    return `port ${http} is in use: choose another with --http, or stop the program that uses it`;
  if (code === 'EADDRINUSE')
    return `port ${port} is in use: choose another with --port, or stop the program that uses it`;
  if (code === 'EACCES' && /listen/.test(message))
    return `port ${port} cannot be used: ports below 1024 need privileges`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine`;
  if (/^(?:EACCES|EPERM|EROFS|ENOENT|ENOSPC|EDQUOT)$/.test(code ?? ''))
    return `the folder ${data} cannot be written: ${message}`;
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${data} is not a folder`;
  return message;
}
