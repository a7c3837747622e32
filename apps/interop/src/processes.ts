// Programs that are run beside the tests: real peers, and our own applications as they are built.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';

const { resolve } = createRequire(import.meta.url);

/** What a program came to. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs until it is stopped. */
export interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it has written so far, to both. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

/** Whether a program is installed. Where it is not, that is said aloud; under CI that is a failure. */
export function isInstalled(program: string): boolean {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (!error) return true;
  if (process.env.CI) throw new Error(`${program} is not installed`);
  process.stderr.write(`${program} is not installed: its tests are left out\n`);
  return false;
}

/** Runs a program to its end; it is killed after a minute. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    env: { ...process.env, ...env },
  });
  return outcomeOf(child);
}

/** Runs our SCU as it is built. */
export function runScu(...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [application('scu'), ...args]);
}

/** Starts our SCP as it is built, on a free port. */
export async function startScp(dataFolder: string, ...args: readonly string[]): Promise<Running> {
  const options = [application('scp'), '--port', '0', '--host', '127.0.0.1', '--data', dataFolder, ...args];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const running = watch(child);
  const port = await new Promise<number>((settle, reject) => {
    child.stdout?.on('data', () => {
      const match = /^listening \S+:(\d+)$/m.exec(running.output());
      if (match) settle(Number(match[1]));
    });
    child.once('close', () => reject(new Error(`dimse-scp did not start: ${running.output()}`)));
  });
  return { ...running, port };
}

/** Starts a program that listens; `args` is given the free port it is to take. */
export async function startPeer(
  program: string,
  args: (port: number) => readonly string[],
  cwd?: string,
): Promise<Running> {
  const port = await freePort();
  const child = spawn(program, args(port), { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd && { cwd }) });
  const running = watch(child);
  for (let attempt = 0; !(await accepts(port)); attempt++) {
    if (attempt === 100 || child.exitCode !== null) throw new Error(`${program} did not start: ${running.output()}`);
    await new Promise((settle) => setTimeout(settle, 100));
  }
  return { ...running, port };
}

/** The most memory a process has had resident, in bytes. */
export function peakMemory(child: ChildProcess): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** The file to run for one of our applications. */
export function application(name: 'scu' | 'scp'): string {
  return resolve(`@x/${name}/package.json`).replace(/package\.json$/, 'dist/main.js');
}

function watch(child: ChildProcess): Omit<Running, 'port'> {
  const outcome = outcomeOf(child);
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (written += chunk));
  return {
    child,
    output: () => written,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const result = await outcome;
      clearTimeout(late);
      return result;
    },
  };
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => settle({ exitCode: code ?? (signal ? 128 : 1), stdout, stderr }));
  });
}

/** A port nobody listens on, for a program that must be told one. */
export function freePort(): Promise<number> {
  return new Promise((settle) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}
