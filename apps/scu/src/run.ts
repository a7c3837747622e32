// dimse-scu as a process.

import { importTabBy } from '@x/cli/completion';
import { runProcess } from '@x/cli/program';
import { createScuProgram } from './program.ts';

/** Runs the verb on the command line and ends the process with its exit status. */
export function runScu(importTab: Parameters<typeof importTabBy>[0]): Promise<never> {
  importTabBy(importTab);
  return runProcess(createScuProgram());
}
