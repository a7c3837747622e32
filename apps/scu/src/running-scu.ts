// dimse-scu as a process, for tests.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a process came to. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the sources with these arguments; while it runs, it can be sent signals, and its output be watched. */
export function scu(
  args: readonly string[],
  onStart: (kill: (signal: NodeJS.Signals) => void, stdout: NodeJS.ReadableStream) => void = () => {},
  cwd?: string,
): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    ['--conditions=@x/source', '--import', import.meta.resolve('tsx'), main, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
    },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  onStart((signal) => child.kill(signal), child.stdout);
  return new Promise((settle) => child.once('close', (exitCode) => settle({ exitCode, stdout, stderr })));
}

/** The values of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
