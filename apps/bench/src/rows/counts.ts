// Row: exact counts for each instance, which do not depend on other load: collections, promises and system calls.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { start } from '@x/testing/processes';
import { isInstalled } from '../contest.ts';
import { countsOf, orLate, program, run } from '../processes.ts';
import type { Row } from '../row.ts';
import type { Instances, Workspace } from '../workspace.ts';

const LONGEST = 180_000;
/** The calls that are named; the others are in the total. */
const MOST_NAMED = 8;

export async function countsRow(workspace: Workspace, count: number): Promise<Row> {
  const counts: Record<string, number> = {};
  const notes: string[] = [];
  for (const [label, size] of [
    ['8 KB', 60],
    ['526 KB', 512],
  ] as const) {
    process.stderr.write(`counts: ${label}\n`);
    const sets = await Promise.all([0, 1, 2, 3].map((part) => workspace.images(count, size, { first: part * count })));
    const [warmUp, first, second, third] = sets as readonly Instances[] as [Instances, Instances, Instances, Instances];
    const collections = await counted(workspace, [warmUp, first], {});
    const promises = await counted(workspace, [warmUp, second], { COUNT_PROMISES: '1' });
    counts[`dimse-scp, ${label}: major collections in 1,000`] = 1000 * (collections.major / count);
    counts[`dimse-scp, ${label}: minor collections in 1,000`] = 1000 * (collections.minor / count);
    counts[`dimse-scp, ${label}: promises each`] = promises.promises / count;
    for (const [name, options] of [
      ['dimse-scp', UNSYNCED],
      ['dimse-scp, synced', []],
    ] as const) {
      const calls = isInstalled('strace') ? await scpCalls(workspace, [warmUp, third], options) : undefined;
      if (calls) report(`${name}, ${label}`, calls, count);
    }
    const one = await workspace.images(1, size);
    const scu = isInstalled('strace') ? await scuCalls(workspace, one, first) : undefined;
    if (scu) report(`dimse-scu store, ${label}`, scu, count);
    for (const { folder } of [...sets, one]) workspace.remove(folder);
  }
  if (!isInstalled('strace')) notes.push('system calls are left out: strace is not installed');

  function report(name: string, calls: ReadonlyMap<string, number>, instances: number): void {
    const sorted = [...calls].sort(([, a], [, b]) => b - a);
    counts[`${name}: system calls each`] = sorted.reduce((sum, [, times]) => sum + times, 0) / instances;
    const named = sorted.slice(0, MOST_NAMED).map(([call, times]) => `${(times / instances).toFixed(2)} ${call}`);
    notes.push(`${name}: ${named.join(', ')}`);
  }

  const title = `Counts for each instance, ${count.toLocaleString('en')} instances after as many for warm-up, one association`;
  return { name: 'counts', title, unit: '', standings: [], verdicts: [], notes, counts };
}

type Archive = Awaited<ReturnType<typeof startArchive>>;

const UNSYNCED = ['--no-fsync'];

async function startArchive(workspace: Workspace, env: NodeJS.ProcessEnv, others: readonly string[]) {
  const [node, main] = program('dimse-scp') as [string, string];
  const [, counters] = program('counters') as [string, string];
  const target = workspace.folder();
  const options = ['--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', '--data', target, ...others];
  const started = start(node, ['--import', counters, main, ...options], { env });
  const [, port] = await orLate(started.printed(/^listening \S*?(\d+)\n/m), LONGEST, 'dimse-scp does not listen');
  return {
    started,
    send: ({ folder }: Instances) => run([...program('scu'), 'store', port as string, 'BENCH', folder]),
    async stop() {
      await started.stop();
      workspace.remove(target);
    },
  };
}

/** What the second set adds to the counts of the archive. */
async function counted(workspace: Workspace, [warmUp, set]: readonly [Instances, Instances], env: NodeJS.ProcessEnv) {
  return withArchive(workspace, { env }, async ({ started, send }) => {
    await send(warmUp);
    const before = await countsOf(started);
    await send(set);
    const after = await countsOf(started);
    const added = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    return { major: added('major'), minor: added('minor'), promises: added('promises') };
  });
}

/** The system calls of the archive for the second set, by name. */
function scpCalls(workspace: Workspace, [warmUp, set]: readonly [Instances, Instances], options: readonly string[]) {
  return withArchive(workspace, { options }, async ({ started, send }) => {
    await send(warmUp);
    const summary = join(workspace.folder(), 'strace');
    const tracer = start('strace', ['-f', '-c', '-o', summary, '-p', String(started.child.pid)]);
    await orLate(tracer.printed(/attached/, 'stderr'), 10_000, 'strace does not attach');
    await send(set);
    await tracer.stop('SIGINT');
    return summarized(summary);
  });
}

async function withArchive<Result>(
  workspace: Workspace,
  { env = {}, options = UNSYNCED }: { readonly env?: NodeJS.ProcessEnv; readonly options?: readonly string[] },
  work: (archive: Archive) => Promise<Result>,
): Promise<Result> {
  const archive = await startArchive(workspace, env, options);
  try {
    return await orLate(work(archive), LONGEST, 'the count has not ended');
  } finally {
    await archive.stop();
  }
}

/** The system calls of dimse-scu for a set, without those for one instance. */
async function scuCalls(workspace: Workspace, one: Instances, set: Instances) {
  const [node, nullScp] = program('null-scp') as [string, string];
  const scp = start(node, [nullScp]);
  try {
    const [, port] = await orLate(scp.printed(/^listening (\d+)\n/m), LONGEST, 'the SCP does not listen');
    const traced = async ({ folder }: Instances) => {
      const summary = join(workspace.folder(), 'strace');
      const command = [...program('dimse-scu'), 'store', `BENCH@127.0.0.1:${port}`, folder, '--quiet'];
      await run(['strace', '-f', '-c', '-o', summary, ...command]);
      await delay(0);
      return summarized(summary);
    };
    const start1 = await traced(one);
    const all = await traced(set);
    return new Map([...all].map(([call, times]) => [call, Math.max(0, times - (start1.get(call) ?? 0))]));
  } finally {
    await scp.stop();
  }
}

/** Reads the table of strace -c. */
function summarized(path: string): ReadonlyMap<string, number> {
  const lines = readFileSync(path, 'utf8').matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/gm);
  return new Map(
    [...lines].filter(([, , call]) => call !== 'total').map(([, times, call = '']) => [call, Number(times)]),
  );
}
