// dimse-scp forward: lists, retries and cancels what waits to be delivered, whether the archive runs or not.

import { oneOf, uid } from '@x/cli/option-values';
import { command, ExitCode, type ProgramContext, UsageError } from '@x/cli/program';
import { Argument, type Command } from 'commander';
import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';
import type { DeliveryFilter } from './delivery-database/delivery-row.ts';
import { openDeliveryDatabase } from './delivery-database/embedded-delivery-database.ts';
import { openOperatedDeliveries } from './delivery-database/shared-delivery-database.ts';
import { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';

interface ForwardOptions {
  readonly data?: string;
  readonly index?: string;
  readonly destination?: string;
  readonly study?: string;
  readonly instance?: string;
  readonly failed: boolean;
  readonly all: boolean;
  readonly json: boolean;
}

export function forwardProgram(streams?: Pick<ProgramContext, 'stdout' | 'stderr'>): Command {
  return command('dimse-scp forward', 'Lists, retries or cancels what waits to be delivered.', streams)
    .addArgument(
      new Argument('<action>', 'what to do: list, retry or cancel').argParser(oneOf('list', 'retry', 'cancel')),
    )
    .option('--data <folder>', 'data folder of the archive')
    .option('--index <url>', 'database of the archives that share one, from any machine, instead of --data')
    .option('--destination <name>', 'only what waits for this destination')
    .option('--study <uid>', 'only this Study Instance UID', uid)
    .option('--instance <uid>', 'only this SOP Instance UID', uid)
    .option('--failed', 'only what has failed for good', false)
    .option('--all', 'retry or cancel everything', false)
    .option('--json', 'one JSON object per line', false);
}

/** Runs the command. @throws UsageError; DatabaseError */
export async function runForward(context: ProgramContext): Promise<number> {
  const program = forwardProgram(context);
  await program.parseAsync(context.argv.slice(1), { from: 'user' });
  const [action] = program.args;
  const { data, index, destination, study, instance, failed, all, json } = program.opts<ForwardOptions>();
  const filter: DeliveryFilter = {
    ...(destination !== undefined && { destination }),
    ...(study !== undefined && { study }),
    ...(instance !== undefined && { sopInstance: instance }),
    ...(failed && { isFailed: true }),
  };
  if (action !== 'list' && !all && Object.keys(filter).length === 0)
    throw new UsageError(`give --destination, --study, --instance or --failed, or --all to ${action} everything`);
  await using database = await openDatabase(data, index);
  const queue = await SqlForwardQueue.open(database, { maximumEntriesOf: () => Number.POSITIVE_INFINITY });
  if (action === 'list') await list(queue, filter, json, context);
  else {
    const count = await (action === 'retry' ? queue.retry(filter) : queue.cancel(filter));
    context.stdout.write(
      `${count} ${count === 1 ? 'entry' : 'entries'} ${action === 'retry' ? 'to be tried again' : 'cancelled'}\n`,
    );
  }
  await database.sync();
  return ExitCode.Success;
}

function openDatabase(data: string | undefined, index: string | undefined): Promise<DeliveryDatabase> {
  if (data !== undefined && index !== undefined) throw new UsageError('--data and --index exclude each other');
  if (index !== undefined) return openOperatedDeliveries(index);
  if (data === undefined)
    throw new UsageError('--data is required: the data folder of the archive; or --index, its shared database');
  return openDeliveryDatabase(data, true);
}

async function list(
  queue: SqlForwardQueue,
  filter: DeliveryFilter,
  isJson: boolean,
  { stdout }: ProgramContext,
): Promise<void> {
  for (let after = 0; ; ) {
    const page = await queue.list(filter, after, PAGE);
    for (const { destination, study, series, sopInstance, attempts, notBefore, isFailed = false, failure } of page) {
      const next = isFailed ? undefined : new Date(notBefore).toISOString();
      const state = isFailed ? 'failed' : 'waiting';
      const line = { destination, state, study, series, sopInstance, attempts, next, reason: failure };
      const what = sopInstance || `study ${study}`;
      const words = [destination, state, what, `${attempts} attempts`, ...(failure === undefined ? [] : [failure])];
      stdout.write(isJson ? `${JSON.stringify(line)}\n` : `${words.join('  ')}\n`);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.sequence;
  }
}

const PAGE = 1000;
