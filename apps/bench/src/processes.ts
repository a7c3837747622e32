// The programs that are measured: each runs in its own process, as it would in a hospital.

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { application, peakMemory, type Running, start, startPeer } from '@x/testing/processes';

/** Largest resident memory of the sending and the receiving process. */
export type Peaks = readonly [sender: number, receiver: number];

/** How often V8 collected all generations, and the young one only. */
export interface Collections {
  readonly major: number;
  readonly minor: number;
}

/** A program that listens until it is stopped. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  /** Largest resident memory so far, in bytes. */
  peak(): number;
  /** CPU so far, of all its threads, in milliseconds. */
  cpu(): number;
  /** Garbage collections so far; undefined for programs that do not run in Node.js. */
  collections(): Promise<Collections | undefined>;
  stop(): Promise<void>;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  readonly peak: number;
  /** CPU of the program and of those that it started, in milliseconds. */
  readonly cpu: number;
}

/** Without this setting, DCMTK waits 40 ms for each delayed acknowledgement. */
const env = { TCP_NODELAY: '1' };
/** Milliseconds until a program that has not ended, or a server that does not listen, has failed. */
const LONGEST_RUN = 600_000;
const LONGEST_START = 120_000;
const LONGEST_ANSWER = 10_000;

/** The command of one of the programs in `programs/`, or of `dimse-scu` or `dimse-scp`. */
export function program(name: string): string[] {
  if (name === 'dimse-scu') return [process.execPath, application('scu')];
  if (name === 'dimse-scp') return [process.execPath, application('scp')];
  return [process.execPath, fileURLToPath(new URL(`programs/${name}.js`, import.meta.url))];
}

/**
 * Runs a program to its end. The CPU that it takes until it prints `warm` is left out; `warmed` is called then.
 * @throws Error with its output if it fails, or has not ended after ten minutes
 */
export async function run(
  [file, ...args]: readonly string[],
  settings: NodeJS.ProcessEnv = {},
  warmed = () => {},
): Promise<Outcome> {
  const cpuBefore = cpuOfEndedChildren();
  const begun = performance.now();
  const started = start(file as string, args, { env: { ...env, ...settings }, timeout: LONGEST_RUN });
  running.add(started);
  let warmUp = 0;
  started.printed(/^warm\n/m).then(
    () => {
      warmUp = cpuMilliseconds(started.child.pid);
      warmed();
    },
    () => {},
  );
  let peak = 0;
  const watching = setInterval(() => {
    peak = Math.max(peak, peakMemory(started.child));
  }, 10);
  const { exitCode, stdout, stderr } = await started.outcome.finally(() => {
    clearInterval(watching);
    running.delete(started);
  });
  const milliseconds = performance.now() - begun;
  if (exitCode !== 0)
    throw new Error(`${file} ${args.slice(0, 8).join(' ')}: exit ${exitCode}: ${started.output().slice(-2_000)}`);
  return { stdout, stderr, milliseconds, peak, cpu: cpuOfEndedChildren() - cpuBefore - warmUp };
}

/** Starts one of our own programs, which print the port on which they listen, with a count of its collections. */
export async function serve(command: readonly string[]): Promise<Server> {
  const [file, ...args] = command;
  const isNode = file === process.execPath;
  const [, counters = ''] = program('counters');
  const started = start(file as string, isNode ? ['--import', counters, ...args] : args, { env });
  running.add(started);
  const [, port] = await orLate(
    started.printed(/^listening \S*?(\d+)\n/m),
    LONGEST_START,
    `${args[0]} does not listen`,
  );
  return server(started, Number(port), isNode);
}

/** Starts a program that must be given its port; without a function, the port is the last argument. */
export async function servePeer(
  file: string,
  args: readonly string[] | ((port: number) => readonly string[]),
): Promise<Server> {
  const command = typeof args === 'function' ? args : (port: number) => [...args, String(port)];
  const started = await orLate(startPeer(file, command, { env }), LONGEST_START, `${file} does not listen`);
  return server(started, started.port, false);
}

/** Kills the programs that still run, after a failure. */
export function stopAll(): void {
  for (const { child } of running) child.kill('SIGKILL');
}

/** The counts that `programs/counters.ts` prints. */
export async function countsOf(started: Running): Promise<Readonly<Record<string, number>>> {
  const length = started.stderr().length;
  started.child.kill('SIGUSR2');
  for (let left = LONGEST_ANSWER; left > 0; left -= 5) {
    const found = /^counts (\{.*\})\n/m.exec(started.stderr().slice(length));
    if (found) return JSON.parse(found[1] as string) as Record<string, number>;
    await delay(5);
  }
  throw new Error('the program does not print its counts');
}

/** @throws Error with the message if the work takes longer */
export async function orLate<Value>(work: Promise<Value>, milliseconds: number, message: string): Promise<Value> {
  const late = new AbortController();
  const timer = delay(milliseconds, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${message} after ${milliseconds / 1000} s`);
  });
  timer.catch(() => {});
  try {
    return await Promise.race([work, timer]);
  } finally {
    late.abort();
    work.catch(() => {});
  }
}

function server(started: Running, port: number, isNode: boolean): Server {
  running.add(started);
  return {
    port,
    pid: started.child.pid ?? 0,
    peak: () => peakMemory(started.child),
    cpu: () => cpuWithChildren(started.child.pid ?? 0),
    async collections() {
      if (!isNode) return;
      const { major = 0, minor = 0 } = await countsOf(started);
      return { major, minor };
    },
    stop: async () => {
      await started.stop();
      running.delete(started);
    },
  };
}

/** User and system time of a process and of its ended children (proc(5): fields 14 to 17, in hundredths of a second). */
function cpuMilliseconds(pid: number | undefined): number {
  const fields = stat(String(pid));
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) * 10;
}

/** The same with the children that run, or have ended and were not waited for: dcmqrscp starts one for each association. */
function cpuWithChildren(pid: number): number {
  // A child may end, and be waited for, in the middle of this.
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + (cpuMilliseconds(each) || 0), 0);
}

function cpuOfEndedChildren(): number {
  const fields = stat('self');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** The parts of an archive of several processes. */
export const PARTS = ['dimse-scp', 'PostgreSQL', 'object store', 'HAProxy'] as const;
export type Part = (typeof PARTS)[number];

const PART_OF_COMMAND: readonly (readonly [pattern: RegExp, part: Part])[] = [
  [/apps\/scp\/dist\/main\.js/, 'dimse-scp'],
  [/postgres/, 'PostgreSQL'],
  [/swift|memcached/, 'object store'],
  [/haproxy/, 'HAProxy'],
];

/** The CPU so far of the programs that this process has started, and of those that they have, in milliseconds. */
export function cpuByPart(): Record<Part, number> {
  const sums = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  for (const pid of childrenOf(process.pid)) {
    const command = read(`/proc/${pid}/cmdline`);
    const part = PART_OF_COMMAND.find(([pattern]) => pattern.test(command))?.[1];
    const cpu = part && cpuMilliseconds(pid);
    // It may have ended since it was found.
    if (part && cpu) sums[part] += cpu;
  }
  return sums;
}

/** Kills the programs that this process has started, and those that they have. */
export function killChildren(): void {
  for (const pid of childrenOf(process.pid))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
}

/** The processes that a process has started, and those that they have. */
function childrenOf(ancestor: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(read(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ')[1])]),
  );
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === ancestor || (parent !== undefined && parent > 1 && isOurs(parent));
  };
  return [...parents.keys()].filter(isOurs);
}

/** Empty if the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The fields from the third on. */
function stat(pid: string): readonly string[] {
  return read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
}

const running = new Set<Running>();
