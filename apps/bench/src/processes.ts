// The programs that are measured: each runs in its own process, as it would in a hospital.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { application, peakMemory, type Running, start, startPeer } from '@x/testing/processes';

/** A program that listens until it is stopped. */
export interface Server {
  readonly port: number;
  /** Largest resident memory so far, in bytes. */
  peak(): number;
  /** CPU so far, of all its threads, in milliseconds. */
  cpu(): number;
  stop(): Promise<void>;
}

export interface Outcome {
  readonly stdout: string;
  readonly milliseconds: number;
  readonly peak: number;
}

/** Without this setting, DCMTK waits 40 ms for each delayed acknowledgement. */
const env = { TCP_NODELAY: '1' };

/** The command of one of the programs in `programs/`, or of `dimse-scu` or `dimse-scp`. */
export function program(name: string): string[] {
  if (name === 'dimse-scu') return [process.execPath, application('scu')];
  if (name === 'dimse-scp') return [process.execPath, application('scp')];
  return [process.execPath, fileURLToPath(new URL(`programs/${name}.js`, import.meta.url))];
}

/** Runs a program to its end. @throws Error with its output if it fails, or has not ended after ten minutes */
export async function run([file, ...args]: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const begun = performance.now();
  const running = start(file as string, args, { env: { ...env, ...settings }, timeout: 600_000 });
  let peak = 0;
  const watching = setInterval(() => {
    peak = Math.max(peak, peakMemory(running.child));
  }, 10);
  const { exitCode, stdout } = await running.outcome.finally(() => clearInterval(watching));
  const milliseconds = performance.now() - begun;
  if (exitCode !== 0)
    throw new Error(`${file} ${args.slice(0, 8).join(' ')}: exit ${exitCode}: ${running.output().slice(-2_000)}`);
  return { stdout, milliseconds, peak };
}

/** Starts one of our own programs, which print the port on which they listen. */
export async function serve([file, ...args]: readonly string[]): Promise<Server> {
  const started = start(file as string, args, { env });
  const [, port] = await started.printed(/^listening \S*?(\d+)\n/m);
  return server(started, Number(port));
}

/** Starts a program that must be given its port; without a function, the port is the last argument. */
export async function servePeer(
  file: string,
  args: readonly string[] | ((port: number) => readonly string[]),
): Promise<Server> {
  const command = typeof args === 'function' ? args : (port: number) => [...args, String(port)];
  const started = await startPeer(file, command, { env });
  return server(started, started.port);
}

function server(started: Running, port: number): Server {
  running.add(started);
  return {
    port,
    peak: () => peakMemory(started.child),
    cpu: () => cpuMilliseconds(started.child.pid),
    stop: async () => {
      await started.stop();
      running.delete(started);
    },
  };
}

/** User and system time (proc(5): fields 14 and 15, in hundredths of a second). */
function cpuMilliseconds(pid: number | undefined): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(afterName[11]) + Number(afterName[12])) * 10;
}

const running = new Set<Running>();

/** Kills the servers that still run, after a failure. */
export function stopAll(): void {
  for (const { child } of running) child.kill('SIGKILL');
}
