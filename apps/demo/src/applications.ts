// dimse-scp and dimse-scu as child processes, with what they print and log.

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Utterance } from './ladder.ts';

const { resolve } = createRequire(import.meta.url);

/** A dimse-scp that listens, on a port of its own. */
export interface RunningScp {
  readonly peer: string;
  readonly said: readonly Utterance[];
  /** Lets it finish. @throws Error when it does not end well. */
  stop(): Promise<void>;
}

export async function startScp(folder: string): Promise<RunningScp> {
  const options = ['--port', '0', '--host', '127.0.0.1', '--aet', AE_TITLE, '--data', folder];
  const child = start('scp', [...options, '-vv', '--log-format', 'json']);
  const said = utterancesOf(child, 'SCP');
  const ended = endOf(child);
  const line = await Promise.race([firstLine(child), ended.then((code) => `ended with exit status ${code}`)]);
  const peer = /^listening (\S+)$/.exec(line)?.[1];
  if (!peer) throw new Error(`dimse-scp did not start: ${line}`);
  return {
    peer,
    said,
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw new Error(`dimse-scp ended with exit status ${code}`);
    },
  };
}

/** What a run of dimse-scu came to. */
export interface ScuRun {
  readonly exitCode: number;
  /** What it printed, an object a line. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly said: readonly Utterance[];
  /** Lines on stderr that are no log lines: errors. */
  readonly errors: readonly string[];
}

export async function runScu(verb: string, peer: string, args: readonly string[], isTraced: boolean): Promise<ScuRun> {
  const traced = isTraced ? ['-vv', '--log-format', 'json'] : [];
  const child = start('scu', [verb, peer, '--json', ...traced, ...args]);
  const results: Readonly<Record<string, unknown>>[] = [];
  const errors: string[] = [];
  const said = utterancesOf(child, 'SCU', errors);
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  output.on('line', (line) => results.push(JSON.parse(line)));
  return { exitCode: await endOf(child), results, said, errors };
}

const AE_TITLE = 'ARCHIVE';

function start(name: 'scu' | 'scp', args: readonly string[]): ChildProcess {
  const main = resolve(`@x/${name}/package.json`).replace(/package\.json$/, 'dist/main.js');
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code) => settle(code ?? 1));
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((settle) =>
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', settle),
  );
}

function utterancesOf(child: ChildProcess, side: Utterance['side'], others: string[] = []): Utterance[] {
  const said: Utterance[] = [];
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
    if (!line.startsWith('{')) others.push(line);
    else {
      const { event, direction, type, summary, time, association } = JSON.parse(line);
      if (event === 'pdu' || event === 'message' || event === 'association')
        said.push({ side, event, direction, type, summary, time, association });
    }
  });
  return said;
}
