// Row and plots: what start, index and queries cost by the number of instances that the archive holds.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '@x/testing/processes';
import { median } from '../contest.ts';
import { orLate, program, run } from '../processes.ts';
import type { Plot, Row } from '../row.ts';
import { verdict } from '../verdicts.ts';
import type { StoredInstances, Workspace } from '../workspace.ts';

const COUNTS = [1_000, 10_000, 100_000];
const MOST = 1_000_000;
const NEW_INSTANCES = 1_000;
/** The value is the median of so many. */
const QUERIES = 5;
const LONGEST_START = 900_000;

/** In milliseconds, unless the name says otherwise. */
interface Costs {
  readonly listens: number;
  readonly ready: number;
  /** Instances a second. */
  readonly reindex: number;
  readonly study: number;
  readonly wildcard: number;
  /** Instances a second. */
  readonly store: number;
  /** Resident memory, in MB. */
  readonly memory: number;
}

const TITLES: Readonly<Record<keyof Costs, string>> = {
  listens: 'start until it listens (ms)',
  ready: 'start until it answers a query (ms)',
  reindex: '--reindex (instances/s)',
  study: 'C-FIND of one study by its UID (ms)',
  wildcard: 'C-FIND, a text wildcard that matches nothing (ms)',
  store: 'C-STORE of 8 KB, window 1 (instances/s)',
  memory: 'resident after that (MB)',
};

export async function byStoredRow(workspace: Workspace, isQuick: boolean, isFull: boolean): Promise<Row> {
  const counts: Record<string, number> = {};
  const points = new Map<keyof Costs, [number, number][]>();
  const notes: string[] = [];
  let last: { readonly count: number; readonly costs: Costs } | undefined;
  const small = await workspace.images(NEW_INSTANCES, 60, { first: MOST });
  for (const count of isFull ? [...COUNTS, MOST] : isQuick ? COUNTS.slice(0, 2) : COUNTS) {
    process.stderr.write(`by-stored: ${count.toLocaleString('en')} instances\n`);
    const stored = await workspace.stored(count);
    try {
      const costs = await costsOf(stored, small.folder);
      last = { count, costs };
      for (const [name, value] of Object.entries(costs) as [keyof Costs, number][]) {
        points.set(name, [...(points.get(name) ?? []), [count, value]]);
        const title = `${count.toLocaleString('en')} stored: ${TITLES[name]}`;
        // Less is better in the counts of a row.
        if (name === 'reindex' || name === 'store') notes.push(`${title}: ${value.toFixed(0)}`);
        else counts[title] = value;
      }
    } catch (error) {
      notes.push(`FAILED ${count}: ${error instanceof Error ? error.message : error}`);
    }
    workspace.remove(stored.data);
  }
  workspace.remove(small.folder);
  const verdicts = last
    ? [
        verdict(
          `start with ${last.count.toLocaleString('en')} instances until it listens, ms`,
          last.costs.listens,
          1000,
        ),
        verdict(
          `--reindex of ${last.count.toLocaleString('en')} instances, in a second`,
          last.costs.reindex,
          20_000,
          true,
        ),
        verdict(`text wildcard among ${last.count.toLocaleString('en')} instances, ms`, last.costs.wildcard, 100),
      ]
    : [];
  const plot = (name: string, title: string, y: string, costs: readonly (keyof Costs)[]): Plot => ({
    name,
    title,
    x: 'stored instances',
    y,
    curves: costs.map((cost) => ({ name: TITLES[cost], points: points.get(cost) ?? [] })),
  });
  return {
    name: 'by-stored',
    title: 'dimse-scp by the number of stored instances (1 KB each, 10 in a study)',
    unit: '',
    standings: [],
    verdicts,
    notes,
    counts,
    plots: [
      plot('time-by-stored-instances', 'Start and queries by stored instances', 'ms', [
        'listens',
        'ready',
        'study',
        'wildcard',
      ]),
      plot('rate-by-stored-instances', 'Rates by stored instances', 'instances/s', ['reindex', 'store']),
    ],
    failed: notes.some((note) => note.startsWith('FAILED')),
  };
}

async function costsOf({ data, count, lastStudy }: StoredInstances, newInstances: string): Promise<Costs> {
  const rebuilt = await started(data, lastStudy, '--reindex');
  await rebuilt.stop();
  const archive = await started(data, lastStudy);
  try {
    const query = async (...args: readonly string[]) => {
      const times: number[] = [];
      for (let time = 0; time < QUERIES; time++) {
        const { stdout } = await run([...program('scu'), 'query', archive.port, 'BENCH', ...args]);
        times.push((JSON.parse(stdout) as { milliseconds: number }).milliseconds);
      }
      return median(times);
    };
    const study = await query('StudyInstanceUID', lastStudy);
    const wildcard = await query('StudyDescription', '*no such text*');
    const { stdout } = await run([...program('scu'), 'store', archive.port, 'BENCH', newInstances]);
    const { milliseconds } = JSON.parse(stdout) as { milliseconds: number };
    return {
      listens: archive.listens,
      ready: archive.ready,
      reindex: (count / rebuilt.ready) * 1000,
      study,
      wildcard,
      store: (NEW_INSTANCES / milliseconds) * 1000,
      memory: archive.memory(),
    };
  } finally {
    await archive.stop();
  }
}

/** Starts the archive and waits until it finds the last study. */
async function started(data: string, lastStudy: string, ...others: readonly string[]) {
  const [node, main] = program('dimse-scp') as [string, string];
  const options = ['--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', '--data', data, '--no-fsync', ...others];
  const begun = performance.now();
  const running = start(node, [main, ...options]);
  try {
    const [, port] = await orLate(
      running.printed(/^listening \S*?(\d+)\n/m),
      LONGEST_START,
      'dimse-scp does not listen',
    );
    const listens = performance.now() - begun;
    await run([...program('scu'), 'until-found', port as string, 'BENCH', lastStudy]);
    const ready = performance.now() - begun;
    const status = join('/proc', String(running.child.pid), 'status');
    return {
      port: port as string,
      listens,
      ready,
      memory: () => residentMegabytes(status),
      stop: () => running.stop(),
    };
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
}

function residentMegabytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]) / 1000;
}
