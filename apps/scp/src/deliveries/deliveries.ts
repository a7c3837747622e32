// The deliveries of received instances to others: of an archive or an area, from the start or from the SIGHUP that asks for them.

import type { Logger } from '@x/cli/logger';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { Options } from '../options.ts';
import { queuedNeed } from './delivery-need.ts';
import { type DeliveriesOptions, DeliveryRun, type DeliveryStatus } from './delivery-run.ts';
import { checkForwarding } from './forwarding.ts';
import { hooksOf } from './hook.ts';

/** @throws UsageError if a rule or a hook cannot work */
export function checkDeliveries(options: Options): void {
  checkForwarding(options);
  hooksOf(options);
}

/**
 * Opens the queue in the data folder or the shared database, and continues with what waits in it. If the options deliver
 * nothing, no folder gets a queue.
 * @throws DatabaseError; UsageError if a rule or a hook cannot work
 */
export async function openDeliveries(
  options: Options,
  instances: InstanceArchive,
  logger: Logger,
  others: DeliveriesOptions = {},
): Promise<Deliveries> {
  checkDeliveries(options);
  const open = () => DeliveryRun.open(options, instances, logger, others);
  // Other archives that share the database may have rules for what this one keeps or deletes.
  const isRunning = others.sharing !== undefined || isNeeded(options);
  const deliveries = new Deliveries(options, open, isRunning ? await open() : undefined);
  instances.needs.add((study) => deliveries.needOf(study));
  return deliveries;
}

function isNeeded({ forwardRules, onInstance = [], onStudy = [], notifyAvailability }: Options): boolean {
  return forwardRules !== undefined || onInstance.length + onStudy.length > 0 || notifyAvailability;
}

export class Deliveries implements AsyncDisposable {
  readonly #options: Options;
  readonly #open: () => Promise<DeliveryRun>;
  #run: DeliveryRun | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: Options, open: () => Promise<DeliveryRun>, run: DeliveryRun | undefined) {
    this.#options = options;
    this.#open = open;
    this.#run = run;
  }

  /** Takes up the options as they are now, after they were read again. @throws DatabaseError; UsageError */
  reload(): Promise<void> {
    // One after the other: several signals may come at once.
    const reloading = this.#last.then(async () => {
      if (this.#run) await this.#run.reload();
      else if (isNeeded(this.#options)) this.#run = await this.#open();
    });
    this.#last = reloading.catch(() => {});
    return reloading;
  }

  get status(): readonly DeliveryStatus[] {
    return this.#run?.status ?? [];
  }

  /** Why a study is needed, in words that follow “the study is needed”; undefined if it is not. */
  async needOf(study: string): Promise<string | undefined> {
    return this.#run ? this.#run.needOf(study) : queuedNeed(this.#options.data, study);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#run?.[Symbol.asyncDispose]();
    this.#run = undefined;
  }
}
