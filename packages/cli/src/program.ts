// A command line whose errors are one line, and whose exit codes mean something.

import { Command, CommanderError, Help } from 'commander';
import { withoutControls } from './without-controls.ts';

/** Exit statuses of the applications. */
export const ExitCode = {
  /** All succeeded. */
  Success: 0,
  /** The peer answered a failure, or some of several operations failed. */
  Failure: 1,
  /** Wrong usage, or input that cannot be read. */
  Usage: 2,
  /** No association: refused, rejected, aborted, timed out. */
  NoAssociation: 3,
  /** Interrupted by the user. */
  Interrupted: 130,
} as const;

/** A mistake of the user's, told in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command that reports usage errors as one line on stderr, and throws instead of exiting. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .showHelpAfterError(false)
    .configureHelp({
      // That what has to be asked for is not done else needs no words.
      optionDescription: (option) => new Help().optionDescription(option).replace(/ \(default: false\)$/, ''),
    })
    .configureOutput({
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
 * Runs a command line to its exit code. What `main` throws is told in one line by `explain`, with a stack if asked for;
 * what a command throws has been told by it.
 */
export async function run(
  name: string,
  main: () => Promise<number>,
  explain: (error: unknown) => { readonly line: string; readonly exitCode: number },
  isVerbose: () => boolean,
): Promise<number> {
  try {
    return await main();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Success : ExitCode.Usage;
    const { line, exitCode } = explain(error);
    process.stderr.write(`${name}: ${withoutControls(line)}\n`);
    if (isVerbose() && error instanceof Error)
      process.stderr.write(`${error.stack?.split('\n').map(withoutControls).join('\n')}\n`);
    return exitCode;
  }
}

/**
 * Says when results cannot be written any more: whoever reads them has gone, or the disk is full. What is logged may get
 * lost without a word.
 */
export function watchOutput(onLost: (error: NodeJS.ErrnoException) => void): void {
  let isLost = false;
  process.stdout.on('error', (error) => {
    // Each further write fails, too.
    if (!isLost) onLost(error);
    isLost = true;
  });
  process.stderr.on('error', () => {});
}
