// The contestants that store instances: the raw Node limit, DCMTK at its best, the library and its applications.

import { type Contestant, median, type Turn } from '../contest.ts';
import { program, run, type Server, serve, servePeer } from '../processes.ts';
import type { Instances, Workspace } from '../workspace.ts';

/** A job: the instances to send, the folder that keeps them, and the unit that is counted. */
export interface Job {
  readonly workspace: Workspace;
  readonly instances: Instances;
  /** Whether the receiver writes files or discards the instances. */
  readonly keeps: boolean;
  readonly counts: 'megabytes' | 'instances';
}

export const LONGEST_DCMTK_PDU = '131072';

export function rawNode({ workspace, instances, ...job }: Job): Contestant {
  return contestant('raw Node socket', { workspace, instances, ...job }, async (target) => ({
    receiver: await serve([...program('raw-receiver'), ...(job.keeps ? [target] : [])]),
    send: async ({ port }) => timed(await run([...program('raw-sender'), String(port), instances.folder])),
  }));
}

/** DCMTK does not report times: the time for `one` instance is measured and subtracted as the program's start. */
export function dcmtk(job: Job, one?: Instances): Contestant {
  const options = ['-pdu', LONGEST_DCMTK_PDU, '-dhl', ...(job.keeps ? ['+B'] : ['--ignore'])];
  const command = (port: number, { folder }: Instances) =>
    ['storescu', '-pdu', LONGEST_DCMTK_PDU, '-aec', 'BENCH', '+sd', '127.0.0.1', String(port), folder] as const;
  const start = once((port: number) => startOf(one && command(port, one)));
  return contestant('DCMTK storescu → storescp', job, async (target) => ({
    receiver: await servePeer('storescp', ['-aet', 'BENCH', ...options, ...(job.keeps ? ['-od', target] : [])]),
    send: async ({ port }) => {
      const before = await start(port);
      const outcome = await run(command(port, job.instances));
      return { milliseconds: outcome.milliseconds - before, peak: outcome.peak };
    },
  }));
}

export function library(job: Job, window = 1): Contestant {
  const name = job.keeps ? 'openSession → dimse-scp' : 'openSession → createScp';
  return contestant(window === 1 ? name : `${name}, window ${window}`, job, async (target) => ({
    receiver: await ourReceiver(job, target),
    send: async ({ port }) =>
      timed(await run([...program('scu'), 'store', String(port), 'BENCH', job.instances.folder, String(window)])),
  }));
}

/** The applications as a user runs them. Without `one`, the start of the program counts too. */
export function applications(job: Job, one?: Instances): Contestant {
  const command = (port: number, { folder }: Instances) => [
    ...program('dimse-scu'),
    'store',
    `BENCH@127.0.0.1:${port}`,
    folder,
    '--quiet',
  ];
  const start = once((port: number) => startOf(one && command(port, one)));
  return contestant('dimse-scu → dimse-scp', job, async (target) => ({
    receiver: await ourReceiver({ ...job, keeps: true }, target),
    send: async ({ port }) => {
      const before = await start(port);
      const outcome = await run(command(port, job.instances));
      return { milliseconds: outcome.milliseconds - before, peak: outcome.peak };
    },
  }));
}

/** The first instances of a folder, for contestants that are too slow for all of them. */
export function dcmjsDimse(job: Job, count: number): Contestant {
  const bytes = (job.instances.bytes / job.instances.count) * count;
  return contestant('dcmjs-dimse', { ...job, instances: { ...job.instances, count, bytes } }, async () => ({
    receiver: await serve(program('dcmjs-dimse-scp')),
    send: async ({ port }) =>
      timed(await run([...program('dcmjs-dimse-scu'), String(port), 'BENCH', job.instances.folder, String(count)])),
  }));
}

/** The duration of a run with a single instance: mostly the program's start. */
async function startOf(command: readonly string[] | undefined): Promise<number> {
  const times: number[] = [];
  for (let time = 0; command && time < 5; time++) times.push((await run(command)).milliseconds);
  return times.length > 0 ? median(times) : 0;
}

function once(measure: (port: number) => Promise<number>): (port: number) => Promise<number> {
  let result: Promise<number> | undefined;
  return (port) => {
    result ??= measure(port);
    return result;
  };
}

interface Sides {
  readonly receiver: Server;
  send(receiver: Server): Promise<{ readonly milliseconds: number; readonly peak: number }>;
}

function contestant(name: string, job: Job, sides: (target: string) => Promise<Sides>): Contestant {
  const { workspace, instances } = job;
  return {
    name,
    async turn(): Promise<Turn> {
      const target = workspace.folder();
      const { receiver, send } = await sides(target);
      const { milliseconds, peak } = await send(receiver);
      const peaks = [peak, receiver.peak()] as const;
      await receiver.stop();
      if (job.keeps) workspace.expectWhole(target, instances);
      workspace.remove(target);
      return { milliseconds, amount: job.counts === 'instances' ? instances.count : instances.bytes / 1e6, peaks };
    },
  };
}

function ourReceiver({ keeps }: Job, target: string): Promise<Server> {
  if (!keeps) return serve(program('null-scp'));
  // The receivers that it is compared with do not sync either.
  const options = ['--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', '--data', target, '--no-fsync'];
  return serve([...program('dimse-scp'), ...options]);
}

function timed({ stdout, peak }: { readonly stdout: string; readonly peak: number }) {
  return { ...(JSON.parse(stdout) as { milliseconds: number }), peak };
}
