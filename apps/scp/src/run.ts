// Runs dimse-scp as the process that it is.

import { runProcess } from '@x/cli/program';
import { scpProgram } from './program.ts';

export async function runScp(): Promise<never> {
  // A reader of the output that has gone, as head does, must not end an archive.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return runProcess(scpProgram());
}
