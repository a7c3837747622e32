// The archive as a process, for tests: what it prints, its port, its end.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a process came to. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningArchive {
  readonly child: ChildProcess;
  readonly port: number;
  /** Where its pages are, if it was started with --http. */
  readonly url: string;
  readonly outcome: Promise<Outcome>;
  /** The log so far. */
  log(): string;
}

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs a program to its end. */
export function run(program: string, args: readonly string[]): Promise<Outcome> {
  return outcomeOf(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 }));
}

/** Runs the archive's sources to their end. */
export function runArchive(...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, commandLine(args));
}

/** Starts the archive's sources on a free port. */
export async function startArchive(...args: readonly string[]): Promise<RunningArchive> {
  const child = spawn(process.execPath, commandLine(['--port', '0', '--host', '127.0.0.1', ...args]), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = outcomeOf(child);
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  let printed = '';
  const [port, url] = await new Promise<[number, string | undefined]>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const dicom = /^listening \S+@127\.0\.0\.1:(\d+)\n/m.exec(printed);
      const http = /^listening (http:\S+)\n/m.exec(printed);
      if (dicom && (http || !args.includes('--http'))) resolve([Number(dicom[1]), http?.[1]]);
    });
    void outcome.then(({ stderr }) => reject(new Error(`the archive did not start: ${stderr}`)));
  });
  return { child, port, url: url ?? '', outcome, log: () => log };
}

function commandLine(args: readonly string[]): string[] {
  return ['--conditions=@x/source', '--import', import.meta.resolve('tsx'), main, ...args];
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
