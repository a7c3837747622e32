// Processes that take part, and what they took.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
const children = fileURLToPath(new URL('./children.ts', import.meta.url));
const DCMTK_AT_ITS_BEST = { TCP_NODELAY: '1' };

export interface Server {
  readonly port: number;
  /** The most memory it has had resident, in bytes. */
  peakMemory(): number;
  stop(): Promise<void>;
}

export interface Run {
  readonly milliseconds: number;
  readonly peakMemory: number;
}

export const startScp = (folder: string) =>
  listening(process.execPath, [
    application('scp'),
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '--aet',
    'NULL',
    '--data',
    folder,
  ]);
export const startChild = (...args: string[]) => listening(process.execPath, ['--import', 'tsx', children, ...args]);
export const runScu = (...args: string[]) => work(process.execPath, [application('scu')], args);
export const runChild = (...args: string[]) => work(process.execPath, ['--import', 'tsx', children], args);
export const runDcmtk = (program: string, ...args: string[]) => work(program, [], args);

/** storescp at its best: large PDUs, no delays, data sets kept as they are. */
export async function startStorescp(...args: string[]): Promise<Server> {
  const port = await freePort();
  const child = spawn('storescp', ['+B', '-pdu', '131072', ...args, `${port}`], {
    stdio: 'ignore',
    env: { ...process.env, ...DCMTK_AT_ITS_BEST },
  });
  for (let attempt = 0; attempt < 100 && !(await accepts(port)); attempt++)
    await new Promise((settle) => setTimeout(settle, 50));
  return serverOf(child, port);
}

function application(name: 'scu' | 'scp'): string {
  return resolve(`@x/${name}/package.json`).replace(/package\.json$/, 'dist/main.js');
}

async function listening(program: string, args: readonly string[]): Promise<Server> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const port = await new Promise<number>((settle, reject) => {
    child.stdout.on('data', (chunk: Buffer) => settle(Number(/(\d+)\s*$/.exec(chunk.toString())?.[1])));
    child.once('close', () => reject(new Error(`${args[0]} ended`)));
  });
  return serverOf(child, port);
}

function serverOf(child: ChildProcess, port: number): Server {
  const closed = new Promise<void>((settle) => child.once('close', () => settle()));
  return {
    port,
    peakMemory: () => peakMemory(child),
    stop: () => {
      child.kill('SIGTERM');
      return closed;
    },
  };
}

/** A run less what the program takes to start and do nothing: that is not transfer. */
async function work(program: string, base: readonly string[], args: readonly string[]): Promise<Run> {
  const idle = await timedRun(program, [...base, '--help']);
  const { milliseconds, peakMemory: peak } = await timedRun(program, [...base, ...args]);
  return { milliseconds: milliseconds - idle.milliseconds, peakMemory: peak };
}

async function timedRun(program: string, args: readonly string[]): Promise<Run> {
  const begun = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...DCMTK_AT_ITS_BEST },
  });
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, peakMemory(child));
  }, 50);
  const code = await new Promise((settle) => child.once('close', settle));
  clearInterval(watching);
  if (code !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')} … ended with exit status ${code}`);
  return { milliseconds: performance.now() - begun, peakMemory: most };
}

function peakMemory({ pid }: ChildProcess): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function freePort(): Promise<number> {
  return new Promise((settle) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => settle(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => settle(Boolean(socket.destroy())));
    socket.once('error', () => settle(false));
  });
}
