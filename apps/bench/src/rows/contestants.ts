// The contestants that store instances: the raw Node limit, DCMTK at its best, the library and its applications.

import type { Contestant } from '../contest.ts';
import { measure, NO_START, type Start, startOf, withServer } from '../measure.ts';
import { type Outcome, program, run, type Server, serve } from '../processes.ts';
import { LONGEST_DCMTK_PDU, ours, storescp } from '../providers.ts';
import type { Turn } from '../row.ts';
import type { Instances, Workspace } from '../workspace.ts';

/** A job: the instances to send, the folder that keeps them, and the unit that is counted. */
export interface Job {
  readonly workspace: Workspace;
  readonly instances: Instances;
  /** Whether the receiver writes files or discards the instances. */
  readonly keeps: boolean;
  readonly counts: 'megabytes' | 'instances';
  /** Whether programs of Node.js send all instances once before they are measured, to compile what is used often. */
  readonly isWarmedUp?: boolean;
}

/** See `Job.isWarmedUp`. */
export const WARM_UP = { WARM_UP: '1' };

export function rawNode(job: Job): Contestant {
  return contestant('raw Node socket', job, {
    receiver: (target) => serve([...program('raw-receiver'), ...(job.keeps ? [target] : [])]),
    send: ({ port }, { folder }, warmed) =>
      run([...program('raw-sender'), String(port), folder], settingsOf(job), warmed),
  });
}

/** DCMTK does not report times: the time for `one` instance is measured and subtracted as the program's start. */
export function dcmtk(job: Job, one?: Instances): Contestant {
  return contestant(
    'DCMTK storescu → storescp',
    job,
    {
      receiver: storescp(...(job.keeps ? [] : ['--ignore'])).start,
      send: ({ port }, instances) => run(storescu(port, instances)),
    },
    { one, needs: ['storescu', 'storescp'] },
  );
}

export function library(job: Job, window = 1): Contestant {
  const name = job.keeps ? 'openSession → dimse-scp' : 'openSession → createScp';
  return contestant(window === 1 ? name : `${name}, window ${window}`, job, {
    receiver: (target) => ourReceiver(job, target),
    send: ({ port }, { folder }, warmed) =>
      run([...program('scu'), 'store', String(port), 'BENCH', folder, String(window)], settingsOf(job), warmed),
  });
}

/** The applications as a user runs them. Without `one`, the start of the program counts too. */
export function applications(job: Job, one?: Instances): Contestant {
  return contestant(
    'dimse-scu → dimse-scp',
    job,
    {
      receiver: (target) => ourReceiver({ ...job, keeps: true }, target),
      send: ({ port }, { folder }) =>
        run([...program('dimse-scu'), 'store', `BENCH@127.0.0.1:${port}`, folder, '--quiet']),
    },
    { one },
  );
}

/** The first instances of a folder, for contestants that are too slow for all of them. */
export function dcmjsDimse(job: Job, count: number): Contestant {
  const bytes = (job.instances.bytes / job.instances.count) * count;
  const first = { ...job, instances: { ...job.instances, count, bytes } };
  return contestant('dcmjs-dimse', first, {
    receiver: () => serve(program('dcmjs-dimse-scp')),
    send: ({ port }, { folder }, warmed) =>
      run([...program('dcmjs-dimse-scu'), String(port), 'BENCH', folder, String(count)], settingsOf(job), warmed),
  });
}

/** DCMTK at its best. */
export function storescu(port: number, { folder }: Instances): readonly string[] {
  return ['storescu', '-pdu', LONGEST_DCMTK_PDU, '-aec', 'BENCH', '+sd', '127.0.0.1', String(port), folder];
}

interface Sides {
  receiver(target: string): Promise<Server>;
  send(receiver: Server, instances: Instances, warmed?: () => void): Promise<Outcome>;
}

function contestant(
  name: string,
  job: Job,
  { receiver, send }: Sides,
  { one, needs = [] }: { readonly one?: Instances | undefined; readonly needs?: readonly string[] } = {},
): Contestant {
  const { workspace, instances, keeps, counts } = job;
  let start: Promise<Start> | undefined;
  return {
    name,
    needs,
    async turn(): Promise<Turn> {
      if (one) start ??= withServer(workspace, { start: receiver }, (server) => startOf(() => send(server, one)));
      const before = (await start) ?? NO_START;
      return withServer(workspace, { start: receiver }, async (server, target) => {
        const cost = await measure(server, (warmed) => send(server, instances, warmed), before);
        if (keeps) workspace.expectWhole(target, instances);
        const amount = counts === 'instances' ? instances.count : instances.bytes / 1e6;
        return { ...cost, amount, operations: instances.count };
      });
    },
  };
}

function settingsOf({ isWarmedUp }: Job): NodeJS.ProcessEnv {
  return isWarmedUp ? WARM_UP : {};
}

function ourReceiver({ keeps }: Job, target: string): Promise<Server> {
  // The receivers that it is compared with do not sync either.
  return keeps ? ours('--no-fsync').start(target) : serve(program('null-scp'));
}
