// The command line of dimse-scp with its commands, for completion and the manual page.

import type { ProgramContext } from '@x/cli/program';
import type { Command } from 'commander';
import { deleteProgram } from './delete-command.ts';
import { forwardProgram } from './deliveries/forward-command.ts';
import { createProgram } from './options.ts';

/** The archive itself, and its commands, which are programs of their own. */
export function wholeCommandLine(streams?: Pick<ProgramContext, 'stdout' | 'stderr'>): Command {
  const commands = [deleteProgram(streams).name('delete'), forwardProgram(streams).name('forward')];
  return commands.reduce((program, each) => program.addCommand(each), createProgram(streams));
}
