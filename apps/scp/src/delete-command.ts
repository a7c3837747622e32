// dimse-scp delete: deletes a study, a series or an instance, whether the archive runs or not.

import { createInterface } from 'node:readline/promises';
import { applyConfiguration, configurationPath, readConfiguration } from '@x/cli/configuration-file';
import { uid } from '@x/cli/option-values';
import { command, ExitCode, type ProgramContext, UsageError } from '@x/cli/program';
import { type Command, Option } from 'commander';
import { type DeletionPlaceOptions, openDeletionPlace } from './deletion-places.ts';
import { createProgram } from './options.ts';

interface DeleteOptions extends DeletionPlaceOptions {
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
  readonly yes: boolean;
  readonly force: boolean;
}

export function deleteProgram(streams?: Pick<ProgramContext, 'stdout' | 'stderr'>): Command {
  return command('dimse-scp delete', 'Deletes instances, whether the archive runs or not.', streams)
    .option('--data <folder>', 'data folder of the archive, or of an area: archive/areas/<name>')
    .addOption(
      new Option('--index <url>', 'database of the archives that share one, instead of --data').env('DIMSE_SCP_INDEX'),
    )
    .option('--store <url>', 'object store of these archives')
    .option('--study <uid>', 'Study Instance UID', uid)
    .option('--series <uid>', 'delete only this series of the study', uid)
    .option('--instance <uid>', 'delete only this instance of the study', uid)
    .option('--yes', 'do not ask', false)
    .option('--force', 'delete a study that is needed for forwarding, commitment or a retrieval too', false)
    .option('--aet <title>', 'AE title of the archive, for the audit log', 'DIMSE')
    .option('--audit-log <file>', 'the audit log, if the archive does not run')
    .option('--config <file>', 'configuration file of the archive');
}

/** Runs the command. @throws UsageError; ControlError with the words of the archive; DatabaseError */
export async function runDelete(context: ProgramContext): Promise<number> {
  const program = deleteProgram(context);
  const argv = context.argv.slice(1);
  const path = configurationPath(argv);
  if (path !== undefined) applyConfiguration([program], readConfiguration(path), settingsOfArchive(program));
  await program.parseAsync(argv, { from: 'user' });
  const options = program.opts<DeleteOptions>();
  const { study, series, instance } = options;
  if (study === undefined) throw new UsageError('--study is required: the Study Instance UID to delete from');
  const scope = { study, ...(series && { series }), ...(instance && { sopInstance: instance }) };
  const what = instance ? `the instance ${instance}` : series ? `the series ${series}` : `the study ${study}`;
  await using archive = await openDeletionPlace(options);
  const { instances, bytes } = (await archive.ask({ command: 'measure', ...scope })) as unknown as Measured;
  if (instances === 0) throw new UsageError(`${archive.name} does not have ${what}`);
  if (!options.yes && !(await isConfirmed(`Delete ${what} with ${counted(instances)}, ${bytes} bytes?`, context))) {
    context.stdout.write('nothing was deleted\n');
    return ExitCode.Failure;
  }
  const user = userName(context.env);
  const request = { command: 'delete', ...scope, isForced: options.force, user };
  const deleted = (await archive.ask(request)) as unknown as Measured;
  context.stdout.write(`deleted ${what}: ${counted(deleted.instances)}, ${deleted.bytes} bytes\n`);
  return ExitCode.Success;
}

const counted = (instances: number) => `${instances} instance${instances === 1 ? '' : 's'}`;

interface Measured {
  readonly instances: number;
  readonly bytes: number;
}

async function isConfirmed(question: string, { stdin, stderr }: ProgramContext): Promise<boolean> {
  if (!(stdin as { readonly isTTY?: boolean }).isTTY)
    throw new UsageError('--yes is needed, because the standard input is not a terminal');
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

/** The other settings of a configuration file of the archive. */
function settingsOfArchive(program: Command): readonly string[] {
  const own = program.options.map(({ long }) => long);
  const others = createProgram().options.map(({ long = '' }) => long);
  return ['areas', ...others.filter((name) => !own.includes(name)).map((name) => name.replace(/^--(?:no-)?/, ''))];
}

function userName(env: ProgramContext['env']): string {
  return env.SUDO_USER ?? env.USER ?? env.USERNAME ?? `user ${process.getuid?.() ?? ''}`.trim();
}
