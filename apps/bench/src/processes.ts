// The programs that are measured: each in a process of its own, as it would run in a hospital.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);

/** A program that listens until it is stopped. */
export interface Server {
  readonly port: number;
  /** Largest resident memory so far, in bytes. */
  peak(): number;
  stop(): Promise<void>;
}

export interface Outcome {
  readonly stdout: string;
  readonly milliseconds: number;
  readonly peak: number;
}

/** DCMTK waits 40 ms for each delayed acknowledgement unless it is told not to. */
const ENVIRONMENT = { ...process.env, TCP_NODELAY: '1' };

/** One of the programs beside this one, or of the applications. */
export function program(name: string): string[] {
  const application = /^dimse-(scu|scp)$/.exec(name)?.[1];
  if (application) return [process.execPath, resolve(`@x/${application}/package.json`).replace(/package\.json$/, MAIN)];
  return [process.execPath, fileURLToPath(new URL(`programs/${name}.js`, import.meta.url))];
}

/** Runs a program to its end. @throws Error with its words when it fails, or has not ended after ten minutes. */
export async function run([file, ...args]: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const begun = performance.now();
  const env = { ...ENVIRONMENT, ...settings };
  const child = spawn(file as string, args, { stdio: ['ignore', 'pipe', 'pipe'], env, timeout: 600_000 });
  const output = collect(child);
  let peak = 0;
  const watching = setInterval(() => {
    peak = Math.max(peak, peakOf(child));
  }, 10);
  const exitCode = await ended(child);
  clearInterval(watching);
  const milliseconds = performance.now() - begun;
  if (exitCode !== 0) throw new Error(`${file} ${args.slice(0, 8).join(' ')}: exit ${exitCode}: ${output.all()}`);
  return { stdout: output.stdout(), milliseconds, peak };
}

/** Starts a program of ours that says on which port it listens. */
export async function serve([file, ...args]: readonly string[]): Promise<Server> {
  const child = spawn(file as string, args, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
  const output = collect(child);
  const port = await new Promise<number>((settle, reject) => {
    child.stdout?.on('data', () => {
      const match = /^listening \S*?(\d+)$/m.exec(output.stdout());
      if (match) settle(Number(match[1]));
    });
    child.once('close', () => reject(new Error(`${file} ${args.join(' ')} did not start: ${output.all()}`)));
  });
  return server(child, port);
}

/** Starts a program that must be told a port. */
export async function servePeer(
  file: string,
  args: readonly string[] | ((port: number) => readonly string[]),
): Promise<Server> {
  const free = await freePort();
  const command = typeof args === 'function' ? args(free) : [...args, String(free)];
  const child = spawn(file, command, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
  const output = collect(child);
  for (let attempt = 0; !(await accepts(free)); attempt++) {
    if (attempt === 200 || child.exitCode !== null) throw new Error(`${file} did not start: ${output.all()}`);
    await new Promise((settle) => setTimeout(settle, 25));
  }
  return server(child, free);
}

function server(child: ChildProcess, port: number): Server {
  running.add(child);
  return {
    port,
    peak: () => peakOf(child),
    stop: async () => {
      const end = ended(child);
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await end;
      clearTimeout(late);
      running.delete(child);
    },
  };
}

const MAIN = 'dist/main.js';
const running = new Set<ChildProcess>();

/** Ends whatever is left: for when something fails. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

function collect(child: ChildProcess) {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    // The last words are enough.
    stderr = (stderr + chunk).slice(-2_000);
  });
  return { stdout: () => stdout, all: () => (stdout + stderr).slice(-2_000) };
}

function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? 128);
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code) => settle(code ?? 128));
  });
}

function peakOf(child: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

/** A port nobody listens on, for a program that must be told one. */
export function freePort(): Promise<number> {
  return new Promise((settle) => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const address = listener.address();
      listener.close(() => settle(typeof address === 'object' && address ? address.port : 0));
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
