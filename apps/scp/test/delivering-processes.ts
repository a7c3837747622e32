// Processes with deliveries that share a database and the instances of one archive, as parts of one test.

import { createLogger } from '@x/cli/logger';
import { type Deliveries, openDeliveries } from '../src/deliveries/deliveries.ts';
import type { InstanceArchive } from '../src/instances/instance-archive.ts';
import type { Options } from '../src/options.ts';
import { DEFAULTS, type DeliveringArchive, deliveringArchive, type KeptForTest } from './delivering-archive.ts';
import { type SharingProcesses, type SharingProcessOptions, sharingProcesses } from './sharing-processes.ts';

export interface DeliveringProcesses extends AsyncDisposable {
  /** The address of the database, with the schema of this test. */
  readonly url: string;
  readonly instances: InstanceArchive;
  /** Starts a process with these options. */
  start(options: Partial<Options>): Promise<Deliveries & AsyncDisposable>;
  /** Keeps an instance as if a peer had sent it to any of the processes. */
  keep(instance: KeptForTest): Promise<void>;
}

/** @param server The address of the database server. */
export async function deliveringProcesses(
  server: string,
  how: Pick<SharingProcessOptions, 'fsync'> = {},
): Promise<DeliveringProcesses> {
  const archive: DeliveringArchive = deliveringArchive();
  await archive.start();
  const { instances } = archive;
  if (!instances) throw new Error('the archive has not started');
  const processes: SharingProcesses = sharingProcesses(server);
  const running: Deliveries[] = [];
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  return {
    url: processes.url,
    instances,
    async start(options) {
      const sharing = await processes.start(how);
      const all = { ...DEFAULTS, data: archive.folder, ...options } as Options;
      const retry = { firstDelay: 5, longestDelay: 500 };
      const deliveries = await openDeliveries(all, instances, logger, { sharing, retry });
      running.push(deliveries);
      return deliveries;
    },
    keep: (instance) => archive.keep(instance),
    async [Symbol.asyncDispose]() {
      for (const each of running) await each[Symbol.asyncDispose]();
      await processes[Symbol.asyncDispose]();
      await archive.remove();
    },
  };
}
