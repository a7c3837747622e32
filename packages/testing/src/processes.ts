// Runs programs for tests, the demo and the benchmark: our applications from their build, and other DICOM programs.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The result of a program that has ended. */
export interface Outcome {
  /** Null if a signal ended the program. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** The user and group whose rights the program has. Only root may choose others than its own. */
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds until the program is killed with SIGTERM. Default for {@link run}: 60 s; otherwise no limit. */
  readonly timeout?: number;
}

/** A program that has been started. */
export interface Running {
  readonly child: ChildProcess;
  /** Settles when the program has ended and its output is complete. Rejects if the program cannot be started. */
  readonly outcome: Promise<Outcome>;
  /** The text on stdout so far. */
  stdout(): string;
  /** The text on stderr so far. */
  stderr(): string;
  /** Both, in the order in which the text arrived. */
  output(): string;
  /**
   * Waits until the text on stdout or stderr matches.
   * @throws Error with the output if the program ends first
   */
  printed(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpExecArray>;
  /** Sends a signal (default: SIGTERM) and waits for the end; sends SIGKILL if the program still runs after 15 s. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

/** A program that accepts connections. */
export interface Listening extends Running {
  readonly port: number;
}

/** `dimse-scp`, started. */
export interface RunningScp extends Listening {
  /** The address of its pages; empty without `--http`. */
  readonly url: string;
}

/** The built entry file of an application. @throws Error if the application has not been built */
export function application(name: 'scu' | 'scp'): string {
  const main = join(workspace(), 'apps', name, 'dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} does not exist: build first (pnpm run build)`);
  return main;
}

/** Starts a program without a terminal: its stdin is empty, its output is collected. */
export function start(program: string, args: readonly string[], options: ProcessOptions = {}): Running {
  const { env, ...others } = options;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...others,
    env: { ...process.env, ...env },
  });
  const written = { stdout: '', stderr: '' };
  let output = '';
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      written[stream] += chunk;
      output += chunk;
    });
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...written }));
  });
  // A caller that only waits for a line learns of the failure there.
  outcome.catch(() => {});
  return {
    child,
    outcome,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    output: () => output,
    printed: (pattern, stream = 'stdout') =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(written[stream]);
          if (!match) return;
          child[stream].off('data', look);
          resolve(match);
        };
        child[stream].on('data', look);
        look();
        outcome.then(() => reject(new Error(`${program} ended before printing ${pattern}: ${output}`)), reject);
      }),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      try {
        return await outcome;
      } finally {
        clearTimeout(late);
      }
    },
  };
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
  return start(program, args, { timeout: 60_000, ...options }).outcome;
}

/** Starts the built `dimse-scu`, for example to send it a signal while it runs. */
export function startScu(args: readonly string[], options?: ProcessOptions): Running {
  return start(process.execPath, [application('scu'), ...args], options);
}

/** Runs the built `dimse-scu` to its end. */
export function runScu(...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [application('scu'), ...args]);
}

/** Runs the built `dimse-scp` to its end, for example with options that it refuses. */
export function runScp(...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [application('scp'), ...args]);
}

/** Starts the built `dimse-scp` on a free port of 127.0.0.1 and waits until it listens, with `--http` for HTTP too. */
export async function startScp(args: readonly string[], options?: ProcessOptions): Promise<RunningScp> {
  const command = [application('scp'), '--port', '0', '--host', '127.0.0.1', ...args];
  const running = start(process.execPath, command, options);
  const [, port] = await running.printed(/^listening \S+:(\d+)\n/m);
  const url = args.includes('--http') ? (await running.printed(/^listening (http:\S+)\n/m))[1] : '';
  return { ...running, port: Number(port), url: url as string };
}

/** Starts a program that must be given its port, and waits until it accepts connections there. */
export async function startPeer(
  program: string,
  args: (port: number) => readonly string[],
  options?: ProcessOptions,
): Promise<Listening> {
  const port = await freePort();
  return startAt(port, program, args(port), options);
}

/** Starts a program, and waits until it accepts connections at a port of 127.0.0.1 that it has been told before. */
export async function startAt(
  port: number,
  program: string,
  args: readonly string[],
  options?: ProcessOptions,
): Promise<Listening> {
  const running = start(program, args, options);
  for (let attempt = 0; !(await accepts(port)); attempt++) {
    if (attempt === 2400 || running.child.exitCode !== null)
      throw new Error(`${program} did not start: ${running.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { ...running, port };
}

/** Whether a program is installed. If it is missing, this is reported on stderr; under CI it is an error. */
export function isInstalled(program: string): boolean {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (!error) return true;
  if (process.env.CI) throw new Error(`${program} is not installed`);
  process.stderr.write(`${program} is not installed: its tests are skipped\n`);
  return false;
}

/** The largest resident memory of a process so far, in bytes; 0 if the process has ended. */
export function peakMemory({ pid }: ChildProcess): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** A port of 127.0.0.1 that is free, for a program that cannot choose one itself. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The top folder of the workspace, found from this file or from the bundle that contains it. */
function workspace(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    if (dirname(folder) === folder) throw new Error('the workspace was not found above this file');
    folder = dirname(folder);
  }
  return folder;
}
