// dimse-scu as a process.

import { runProcess } from '@x/cli/program';
import { createScuProgram } from './program.ts';

/** Runs the verb on the command line and ends the process with its exit status. */
export function runScu(): Promise<never> {
  return runProcess(createScuProgram());
}
