// Row: the longest stretch of the event loop of dimse-scp while it answers hostile and very large requests.

import { setTimeout as delay } from 'node:timers/promises';
import { start } from '@x/testing/processes';
import { median } from '../contest.ts';
import { program, run } from '../processes.ts';
import type { Row } from '../row.ts';
import { verdict } from '../verdicts.ts';
import type { Workspace } from '../workspace.ts';

/** In milliseconds. */
const AIM = 50;
const LONGEST_ANSWER = 120_000;

const INPUTS: Readonly<Record<string, string>> = {
  idle: 'nothing but echoes',
  wildcard: 'C-FIND, * and 30,000 characters against a value of 60,000',
  elements: 'C-FIND, 500,000 elements',
  deflated: 'C-FIND, deflated, 64 MiB of empty items',
  commitment: 'storage commitment of 50,000 instances',
  references: 'storage commitment of 99,999 instances',
  'empty-references': 'storage commitment with 999,000 empty items',
  uids: 'C-FIND, 50,000 UIDs at IMAGE level',
  mpps: 'performed procedure step with 20,000 images',
};

interface Stretch {
  /** The longest that the event loop took, as the process itself measures it. */
  readonly loop: number;
  /** The longest that an echo of another association took. */
  readonly echo: number;
}

/** @param other the `main.js` of another build, which is measured in turns with this one */
export async function longestStretchRow(workspace: Workspace, rounds: number, other?: string): Promise<Row> {
  const [node, main] = program('dimse-scp') as [string, string];
  const builds = { 'this build': main, ...(other !== undefined && { 'other build': other }) };
  const names = Object.keys(builds) as (keyof typeof builds)[];
  const archives = await Promise.all(names.map((name) => startArchive(workspace, node, builds[name] as string)));
  const notes: string[] = [];
  const verdicts: Row['verdicts'][number][] = [];
  try {
    for (const [input, title] of Object.entries(INPUTS)) {
      const found = archives.map((): Stretch[] => []);
      for (let round = 0; round < rounds; round++)
        for (const [index, archive] of archives.entries()) {
          process.stderr.write(`longest-stretch: ${input}, round ${round + 1} of ${rounds}, ${names[index]}\n`);
          found[index]?.push(await archive.measure(input));
        }
      for (const [index, stretches] of found.entries()) {
        const of = (name: keyof Stretch) => median(stretches.map((each) => each[name]));
        const [loop, echo] = [of('loop'), of('echo')];
        notes.push(`${names[index]}: ${title}: event loop ${loop.toFixed(0)} ms, echo ${echo.toFixed(0)} ms`);
        if (index === 0) verdicts.push(verdict(`${title}, ms`, loop, AIM));
      }
    }
  } finally {
    for (const archive of archives) await archive.stop();
  }
  const title = `Longest stretch of the event loop, median of ${rounds} (aim: ${AIM} ms)`;
  return { name: 'longest-stretch', title, unit: 'ms', standings: [], verdicts, notes };
}

async function startArchive(workspace: Workspace, node: string, main: string) {
  const [, probe] = program('loop-probe') as [string, string];
  const options = ['--aet', 'BENCH', '--data', workspace.folder(), '--port', '0', '--host', '127.0.0.1'];
  const started = start(node, ['--import', probe, main, ...options]);
  const [, port = ''] = await started.printed(/^listening \S*?(\d+)\n/m);
  const loopSince = async (): Promise<number> => {
    const length = started.stderr().length;
    started.child.kill('SIGUSR2');
    for (let left = LONGEST_ANSWER; left > 0; left -= 5) {
      const found = /longest stretch ([\d.]+) ms\n/.exec(started.stderr().slice(length));
      if (found) return Number(found[1]);
      await delay(5);
    }
    throw new Error('dimse-scp does not report its longest stretch');
  };
  await run([...program('stretch'), 'store', port, 'BENCH']);
  return {
    async measure(input: string): Promise<Stretch> {
      await loopSince();
      const command = [...program('stretch'), input, port, 'BENCH'];
      const { stdout } = await run([...program('echo-during'), port, 'BENCH', ...command]);
      const { longest } = JSON.parse(stdout) as { longest: number };
      return { loop: await loopSince(), echo: longest };
    },
    stop: () => started.stop(),
  };
}
