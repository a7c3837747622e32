// dimse-scu as a program: reads the command line, runs the verb, explains errors.

import { setTimeout as delay } from 'node:timers/promises';
import { COMPLETE, completions } from '@x/cli/completion';
import { type ConfigurationSection, configurationPath, readConfiguration } from '@x/cli/configuration-file';
import { createLateLogger } from '@x/cli/logger';
import { ExitCode, flushed, type Program, type ProgramContext, UsageError, watchOutput } from '@x/cli/program';
import type { UpperLayerConnection } from '@x/net';
import { createCapture } from '@x/net/capture';
import type { Command } from 'commander';
import { type Chosen, createCommandLine, rejectOtherForms } from './command-line.ts';
import { Output } from './output/output.ts';
import { explainError, outputLost } from './peer/explain-error.ts';
import type { Verb } from './verb.ts';

/** Makes dimse-scu for one run. */
export function createScuProgram(): Program {
  let chosen: Chosen | undefined;
  let lost: Error | undefined;
  const interruption = new AbortController();
  const { signal } = interruption;
  return {
    name: 'dimse-scu',
    async main(context) {
      watchOutput(context, (error) => {
        lost = outputLost(error);
        interruption.abort(lost);
      });
      context.signal.addEventListener('abort', () => interruption.abort(context.signal.reason), { once: true });
      if (context.argv[0] === COMPLETE) return complete(context);
      const file = configurationPath(context.argv);
      const configuration = file === undefined ? undefined : readConfiguration(file);
      const verbs = await verbsFor(context.argv, configuration);
      const onChosen = (each: Chosen) => {
        chosen = each;
      };
      const commandLine = createCommandLine(verbs, onChosen, configuration, context);
      rejectOtherForms(context.argv, commandLine, configuration);
      await commandLine.parseAsync(context.argv, { from: 'user' });
      const exitCode = chosen === undefined ? 0 : await runVerb(chosen, { ...context, signal });
      await flushed(context.stdout);
      if (lost) throw lost;
      return exitCode;
    },
    explain: (error) =>
      explainError(signal.aborted ? signal.reason : error, chosen?.peer, chosen?.peer && chosen.options.calling),
    isVerbose: () => (chosen?.options.verbose ?? 0) > 1,
  };
}

/**
 * The verbs that a command line may need. The others load most of the libraries, without which an echo, the verb that programs
 * run again and again, starts sooner. The settings of a configuration file may be options of any verb.
 */
async function verbsFor([first]: readonly string[], configuration?: ConfigurationSection): Promise<readonly Verb[]> {
  return first === 'echo' && !configuration ? [(await import('./verbs/echo.ts')).echo] : allVerbs();
}

async function allVerbs(): Promise<readonly Verb[]> {
  return (await import('./verb-list.ts')).VERBS;
}

/** Answers the script of a shell. A configuration file that cannot be read is reported when the command is run. */
async function complete({ argv, stdout, stderr }: ProgramContext): Promise<number> {
  const verbs = await allVerbs();
  const words = argv.slice(2);
  const commandLine = (configuration?: ConfigurationSection) =>
    createCommandLine(verbs, () => {}, configuration, { stdout, stderr });
  const file = configurationPath(words);
  let program: Command;
  try {
    program = commandLine(file === undefined ? undefined : readConfiguration(file));
  } catch {
    program = commandLine();
  }
  stdout.write(await completions(program, words));
  return ExitCode.Success;
}

async function runVerb(chosen: Chosen, context: ProgramContext): Promise<number> {
  const missing = chosen.verb.missing?.(chosen.options) ?? [];
  if (missing.length > 0) throw new UsageError(missing.join('; '));
  const output = new Output(chosen.options, context);
  if (chosen.peer === undefined) {
    const { verb, ...local } = chosen;
    return verb.run({ ...local, output, stdout: context.stdout });
  }
  const { verb, peer, options } = chosen;
  const { verbose: verbosity, logFormat: format, quiet, capture: path, mask, capturePasscodes: credentials } = options;
  const { signal, insistence, stderr } = context;
  const logger = createLateLogger({ verbosity, format, quiet, stderr });
  const capture = path === undefined ? undefined : await createCapture(path, { mask, credentials });
  const connections = new Set<UpperLayerConnection>();
  try {
    return await verb.run({ peer, options, output, logger, signal, insistence, connections, capture });
  } finally {
    // The system resets a connection that is closed with unread data, and the peer may then never read our A-ABORT.
    if (signal.aborted)
      await Promise.race([Promise.all([...connections].map(({ disconnected }) => disconnected)), delay(ABORT_TAKES)]);
    await capture?.close();
    if (capture && capture.dropped > 0) logger.warn(`${capture.dropped} packets are missing from ${path}`);
  }
}

/** Milliseconds that a peer has to read an A-ABORT. */
const ABORT_TAKES = 500;
