// dimse-scp and dimse-scu as child processes, with the output and the log lines that the demo shows.

import { startScp as startArchive, startScu } from '@x/testing/processes';
import type { Utterance } from './ladder.ts';

/** A dimse-scp that listens on a port of its own. */
export interface RunningScp {
  readonly peer: string;
  /** The events that it has logged so far. */
  said(): readonly Utterance[];
  /** Stops it after its associations have ended. @throws Error if its exit status is not 0 */
  stop(): Promise<void>;
}

export async function startScp(folder: string): Promise<RunningScp> {
  const options = ['--aet', AE_TITLE, '--data', folder, '-vv', '--log-format', 'json'];
  const running = await startArchive(options);
  return {
    peer: `${AE_TITLE}@127.0.0.1:${running.port}`,
    said: () => linesOf(running.stderr()).flatMap((line) => utterance(line, 'SCP')),
    stop: async () => {
      const { exitCode } = await running.stop();
      if (exitCode !== 0) throw new Error(`dimse-scp ended with exit status ${exitCode}`);
    },
  };
}

/** The result of one run of dimse-scu. */
export interface ScuRun {
  readonly exitCode: number | null;
  /** The objects printed on stdout, one for each line. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly said: readonly Utterance[];
  /** Lines on stderr that are not log lines: errors. */
  readonly errors: readonly string[];
}

export async function runScu(verb: string, peer: string, args: readonly string[], isTraced: boolean): Promise<ScuRun> {
  const traced = isTraced ? ['-vv', '--log-format', 'json'] : [];
  const { exitCode, stdout, stderr } = await startScu([verb, peer, '--json', ...traced, ...args]).outcome;
  const lines = linesOf(stderr);
  return {
    exitCode,
    results: linesOf(stdout).map((line) => JSON.parse(line)),
    said: lines.flatMap((line) => utterance(line, 'SCU')),
    errors: lines.filter((line) => !line.startsWith('{')),
  };
}

const AE_TITLE = 'ARCHIVE';

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Reads a log line. Gives an empty list if the ladder does not show it. */
function utterance(line: string, side: Utterance['side']): Utterance[] {
  if (!line.startsWith('{')) return [];
  const { event, direction, type, summary, time, association } = JSON.parse(line);
  const isShown = event === 'pdu' || event === 'message' || event === 'association';
  return isShown ? [{ side, event, direction, type, summary, time, association }] : [];
}
