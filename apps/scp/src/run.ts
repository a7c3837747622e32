// Runs dimse-scp as the process that it is.

import { runProcess } from '@x/cli/program';
import { scpProgram } from './program.ts';

export async function runScp(): Promise<never> {
  return runProcess(scpProgram());
}
