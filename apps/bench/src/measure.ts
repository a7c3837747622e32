// The costs of a piece of work, for both sides.

import { median } from './contest.ts';
import type { Outcome, Server } from './processes.ts';
import type { Provider } from './providers.ts';
import type { Workspace } from './workspace.ts';

/** Runs a server for some work, with a folder for what it receives, and stops it whatever happens. */
export async function withServer<Result>(
  workspace: Workspace,
  provider: Pick<Provider, 'start'>,
  work: (server: Server, target: string) => Promise<Result>,
): Promise<Result> {
  const target = workspace.folder();
  let server: Server | undefined;
  try {
    server = await provider.start(target);
    return await work(server, target);
  } finally {
    await server?.stop();
    workspace.remove(target);
  }
}

/** The start of a program, which is subtracted from its runs. */
export interface Start {
  readonly milliseconds: number;
  readonly cpu: number;
}

export const NO_START: Start = { milliseconds: 0, cpu: 0 };

/** Medians of five runs that do next to nothing. */
export async function startOf(runOne: () => Promise<Outcome>): Promise<Start> {
  const runs: Outcome[] = [];
  for (let time = 0; time < 5; time++) runs.push(await runOne());
  return {
    milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
    cpu: median(runs.map(({ cpu }) => cpu)),
  };
}

/**
 * The duration and the costs of a client's run with a server, without the start of the client. A client that prints its own
 * milliseconds is believed. One that warms both sides up calls `warmed` then: the costs before are left out.
 */
export async function measure(server: Server, client: (warmed: () => void) => Promise<Outcome>, start = NO_START) {
  const costs = async () => [server.cpu(), await server.collections()] as const;
  let before = costs();
  const outcome = await client(() => {
    before = costs();
  });
  const [cpu, collections] = await before;
  const [cpuAfter, collectionsAfter] = await costs();
  const milliseconds = (printedMilliseconds(outcome) ?? outcome.milliseconds) - start.milliseconds;
  if (milliseconds <= 0) throw new Error('it took less time than its start alone: too little work to measure');
  return {
    milliseconds,
    peaks: [outcome.peak, server.peak()] as const,
    cpu: cpuAfter - cpu,
    senderCpu: Math.max(0, outcome.cpu - start.cpu),
    collections: collections &&
      collectionsAfter && {
        major: collectionsAfter.major - collections.major,
        minor: collectionsAfter.minor - collections.minor,
      },
  };
}

function printedMilliseconds({ stdout }: Outcome): number | undefined {
  const printed = /^\{"milliseconds":([\d.]+)\}$/m.exec(stdout)?.[1];
  return printed === undefined ? undefined : Number(printed);
}
