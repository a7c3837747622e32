// Command-line programs: their surroundings, their exit statuses, and errors in one line.

import { setMaxListeners } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { CodedError } from '@x/pdu/internal';
import { Command, CommanderError, Help } from 'commander';
import { processArguments } from './process-arguments.ts';
import { withoutControls } from './without-controls.ts';

/** Exit statuses of the applications. */
export const ExitCode = {
  /** Every operation succeeded. */
  Success: 0,
  /** The peer answered with a failure, or some of several operations failed. */
  Failure: 1,
  /** Wrong usage, or input that cannot be read. */
  Usage: 2,
  /** No association: refused, rejected, aborted or timed out. */
  NoAssociation: 3,
  /** Interrupted by the user. */
  Interrupted: 130,
} as const;

/** A mistake in the command line or in the input. Its message is printed as one line. */
export class UsageError extends CodedError {
  static override readonly name: string = 'UsageError';
  readonly code = 'USAGE';
}

/** The reason of the signals of a {@link ProgramContext}: the user pressed Ctrl-C, or the program was told to end. */
export class InterruptedError extends CodedError {
  static override readonly name: string = 'InterruptedError';
  readonly code = 'INTERRUPTED';
  /** The signal that the process received, if it received one. */
  readonly signal?: NodeJS.Signals | undefined;

  /** @param why Follows the word "interrupted" in the message. */
  constructor(why = '', signal?: NodeJS.Signals) {
    super(`interrupted${why}`);
    this.signal = signal;
  }
}

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything that a program uses of its process. Tests give their own. */
export interface ProgramContext {
  /** The arguments, without the runtime and the script. */
  readonly argv: readonly string[];
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts with an {@link InterruptedError} when the program is to end in an orderly way: on the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Aborts when the program is to end at once: on the second Ctrl-C. */
  readonly insistence: AbortSignal;
}

/** A program, made for one run. */
export interface Program {
  /** Precedes each error on stderr. */
  readonly name: string;
  /** Runs to an exit status, which errors get from `explain`. */
  main(context: ProgramContext): Promise<number>;
  explain(error: unknown): { readonly line: string; readonly exitCode: number };
  /** Whether errors are printed with their stack. */
  isVerbose(): boolean;
}

/**
 * Runs a program to its exit status. Errors are printed on stderr, one line each; usage errors that a `Command` throws have
 * been printed by it. Settles when the output has been written. Never rejects because of what the program throws.
 */
export async function runProgram(program: Program, context: ProgramContext): Promise<number> {
  const exitCode = await exitCodeOf(program, context);
  await Promise.all([flushed(context.stdout), flushed(context.stderr)]);
  return exitCode;
}

/** Windows sends SIGHUP when the console is closed, and SIGBREAK for Ctrl-Break; it never sends SIGTERM. */
const ENDING_SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] : ['SIGINT', 'SIGTERM'];

/** Runs a program with the arguments, streams and signals of this process, and ends the process with its exit status. */
export async function runProcess(program: Program): Promise<never> {
  const interruption = new AbortController();
  const insistence = new AbortController();
  // Every open association listens. Node 20 warns of more than 10 listeners.
  setMaxListeners(0, interruption.signal, insistence.signal);
  // A third signal has its default action: it ends the process.
  for (const signal of ENDING_SIGNALS)
    process.once(signal, () => {
      interruption.abort(new InterruptedError('', signal));
      process.once(signal, () => insistence.abort(new InterruptedError('', signal)));
    });
  const exitCode = await runProgram(program, {
    argv: processArguments(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: interruption.signal,
    insistence: insistence.signal,
  });
  // Connections that wait for their peer to close must not keep the process running.
  process.exit(exitCode);
}

async function exitCodeOf(program: Program, context: ProgramContext): Promise<number> {
  try {
    return await program.main(context);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Success : ExitCode.Usage;
    const { line, exitCode } = program.explain(error);
    context.stderr.write(`${program.name}: ${withoutControls(line)}\n`);
    if (program.isVerbose() && error instanceof Error)
      context.stderr.write(`${error.stack?.split('\n').map(withoutControls).join('\n')}\n`);
    return exitCode;
  }
}

/** A command that prints usage errors as one line on stderr, and throws instead of ending the process. */
export function command(
  name: string,
  description: string,
  { stdout, stderr }: Pick<ProgramContext, 'stdout' | 'stderr'> = process,
): Command {
  return new Command(name)
    .description(description)
    .showHelpAfterError(false)
    .configureHelp({
      // Flags are off unless given; the help need not say so.
      optionDescription: (option) => new Help().optionDescription(option).replace(/ \(default: false\)$/, ''),
    })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => (stdout.isTTY && stdout.columns) || 80,
      getErrHelpWidth: () => (stderr.isTTY && stderr.columns) || 80,
      outputError: (text, write) =>
        write(
          `${name}: ${text
            .replace(/^error: /, '')
            .replace(/^command-argument value '.*' is invalid for argument '(.*?)'\. /s, '$1: ')
            .replace(/(argument '.*' is invalid)\. /s, '$1: ')
            .trim()
            .replace(/\s*\n\s*/g, ' ')}\n`,
        ),
    })
    .exitOverride();
}

/**
 * Reports the first failure to write results: their reader has closed the pipe, or the disk is full. Failures to write to
 * stderr are ignored.
 */
export function watchOutput(
  { stdout, stderr }: Pick<ProgramContext, 'stdout' | 'stderr'>,
  onLost: (error: NodeJS.ErrnoException) => void,
): void {
  let isLost = false;
  stdout.on('error', (error) => {
    // Every further write fails too.
    if (!isLost) onLost(error);
    isLost = true;
  });
  stderr.on('error', () => {});
}

/** Settles when everything written so far has left the process. */
export function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
