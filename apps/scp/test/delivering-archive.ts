// An archive with deliveries for tests: started, fed and stopped in the process of the test, with short delays between attempts.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '@x/cli/logger';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type Deliveries, openDeliveries } from '../src/deliveries/deliveries.ts';
import type { DeliveriesOptions } from '../src/deliveries/delivery-run.ts';
import type { InstanceArchive } from '../src/instances/instance-archive.ts';
import type { Options } from '../src/options.ts';
import { arriving } from './arriving-data.ts';
import { openArchive } from './world.ts';

export interface DeliveringArchive {
  readonly folder: string;
  /** While it runs. */
  readonly instances: InstanceArchive | undefined;
  readonly deliveries: Deliveries | undefined;
  /** The lines of the log so far. */
  readonly lines: readonly string[];
  /** Opens the folder; without options, only its instances. */
  start(options?: Partial<Options>, how?: { readonly reindex?: boolean } & DeliveriesOptions): Promise<void>;
  /** Keeps an instance as if a peer had sent it. */
  keep(instance: KeptForTest): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

export interface KeptForTest {
  readonly study: string;
  readonly series: string;
  readonly sopInstance: string;
  readonly sourceAeTitle?: string;
}

export function deliveringArchive(): DeliveringArchive {
  const folder = mkdtempSync(join(tmpdir(), 'deliveries-'));
  const lines: string[] = [];
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ verbosity: 0, format: 'json', stderr });
  let instances: InstanceArchive | undefined;
  let deliveries: Deliveries | undefined;
  const stop = async () => {
    await deliveries?.[Symbol.asyncDispose]();
    await instances?.[Symbol.asyncDispose]();
    [deliveries, instances] = [undefined, undefined];
  };
  return {
    folder,
    lines,
    get instances() {
      return instances;
    },
    get deliveries() {
      return deliveries;
    },
    async start(options, { reindex = false, retry, ...others } = {}) {
      instances = await openArchive(folder, { fsync: true, reindex });
      if (!options) return;
      const all = { ...DEFAULTS, data: folder, ...options } as Options;
      const short = { firstDelay: 5, longestDelay: 50, ...retry };
      deliveries = await openDeliveries(all, instances, logger, {
        retry: short,
        ...others,
      });
      await instances.compare();
    },
    async keep({ sourceAeTitle = 'CT01', ...uids }) {
      const { sopInstance } = uids;
      const sopClass = CT_IMAGE_STORAGE;
      const data = syntheticDataSet({ sopClass, ...uids, pixelLength: 100 });
      const transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN;
      await instances?.keep({ sopClass, sopInstance, transferSyntax, sourceAeTitle }, arriving(data));
    },
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export const DEFAULTS = {
  aet: 'ARCHIVE',
  studyTimeout: 300,
  hookTimeout: 20_000,
  hookShell: false,
  notifyAvailability: false,
};
