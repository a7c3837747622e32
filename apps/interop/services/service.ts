// A server for tests, with all of its data in one folder, at ports of 127.0.0.1 that it keeps when it is started again.

import { existsSync } from 'node:fs';
import type { Running } from '@x/testing/processes';

export interface Service {
  /** Says where it is and how to sign in. */
  readonly url: string;
  /** The variables of the environment that tell a program and the tests of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends it. Its data stay in its folder. `crash`: without anything that an orderly stop does. */
  stop(how?: 'crash'): Promise<void>;
  /** Starts it again after a stop, at the same ports with the same data. */
  start(): Promise<void>;
}

/** Reported if a service cannot be started because its programs are missing. */
export class NotInstalledError extends Error {
  override readonly name = 'NotInstalledError';
}

/** @throws NotInstalledError unless all files exist */
export function checkInstalled(service: string, packages: string, files: readonly string[]): void {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new NotInstalledError(`${service} is not installed: ${missing} does not exist (Debian: ${packages})`);
}

/** Has the process of a service end with this one, also if this one ends without stopping the service. */
export function endWithThisProcess<Started extends Running>(started: Started): Started {
  // One listener for all of them, however often one is added.
  process.off('exit', killAll).once('exit', killAll);
  running.add(started);
  started.child.once('exit', () => running.delete(started));
  return started;
}

const running = new Set<Running>();

function killAll(): void {
  for (const { child } of running) child.kill('SIGKILL');
}
