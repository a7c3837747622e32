// Runs the archive in the process of a test, without a build. Tests of signals and crashes start a process instead.

import { Writable } from 'node:stream';
import { runProgram } from '@x/cli/program';
import { type InProcessContext, runInProcess } from '@x/testing/run-in-process';
import { scpProgram } from '../src/program.ts';

export interface RunningArchive {
  readonly port: number;
  /** The log so far. */
  log(): string;
  /** Ends it in an orderly way, and gives its exit status. */
  stop(): Promise<number>;
}

/** Starts the archive at a free port of the loopback interface. @throws Error with its output if it does not start */
export async function runArchive(...args: readonly string[]): Promise<RunningArchive> {
  const stopping = new AbortController();
  let [printed, log] = ['', ''];
  let listens: (port: number) => void = () => {};
  const listening = new Promise<number>((resolve) => {
    listens = resolve;
  });
  const stdout = writing((text) => {
    printed += text;
    const port = /^listening .*:(\d+)$/m.exec(printed)?.[1];
    if (port !== undefined) listens(Number(port));
  });
  const stderr = writing((text) => {
    log += text;
  });
  const run = (context: InProcessContext) => runProgram(scpProgram(), { ...context, stdout, stderr });
  const argv = ['--port', '0', '--host', '127.0.0.1', '--drain', '0', '--log-format', 'json', ...args];
  const ended = runInProcess(run, argv, { signal: stopping.signal });
  const failed = ended.then(({ exitCode }) => {
    throw new Error(`the archive ended with ${exitCode}: ${log}`);
  });
  const port = await Promise.race([listening, failed]);
  failed.catch(() => {});
  return {
    port,
    log: () => log,
    async stop() {
      stopping.abort();
      return (await ended).exitCode;
    },
  };
}

function writing(take: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      take(String(chunk));
      done();
    },
  });
}
