// The deliveries of an archive that has some: the queue, with the parts that fill it and the parts that empty it.

import type { Logger } from '@x/cli/logger';
import type { RetryOptions } from '@x/dimse/workflow';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { type Observer, watchOwnConnections } from '../observer.ts';
import type { Options } from '../options.ts';
import type { WorkflowSharing } from '../workflow/workflow-database/workflow-database.ts';
import { Arrivals } from './arrivals.ts';
import { Calls } from './calls.ts';
import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';
import { openDeliveryDatabase } from './delivery-database/embedded-delivery-database.ts';
import { openSharedDeliveryDatabase } from './delivery-database/shared-delivery-database.ts';
import { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';
import { DeliveryLedger, type DeliveryRecord } from './delivery-ledger.ts';
import { deliveryNeed, STUDIES } from './delivery-need.ts';
import { Forwarding } from './forwarding.ts';
import { QuietStudies } from './quiet-studies.ts';

/** A destination with its queue. */
export interface DeliveryStatus extends DeliveryRecord {
  readonly destination: string;
  /** Entries that wait for an attempt. */
  readonly waiting: number;
  /** Entries that have failed for good and wait for the operator. */
  readonly failed: number;
  /** Instances in the archive that were not examined yet; many if the queue is full. */
  readonly behind: number;
  /** Whether the queue is full. */
  readonly isFull: boolean;
  /** When the next attempt is made, in milliseconds since 1970, if the destination failed or is closed. */
  readonly restsUntil?: number;
}

export interface DeliveriesOptions {
  readonly observers?: readonly Observer[];
  /** The database of several archives, if the instances are theirs. Default: a database in the data folder. */
  readonly sharing?: WorkflowSharing | undefined;
  /** For tests. */
  readonly retry?: RetryOptions;
}

/** How often the archive is asked for arrivals, in milliseconds. */
const INTERVAL = 250;
/** How often a process counts what other processes enter and deliver, and tells them that it is there; in milliseconds. */
const COUNT_INTERVAL = 2000;
const TEND_INTERVAL = 60_000;
/** The most entries of a destination that is not in a file of rules. */
const QUEUE = 100_000;

interface Parts {
  readonly instances: InstanceArchive;
  readonly database: DeliveryDatabase;
  readonly queue: SqlForwardQueue;
  readonly studies: QuietStudies;
  readonly ledger: DeliveryLedger;
  readonly arrivals: Arrivals;
  readonly forwarding: Forwarding;
  readonly calls: Calls;
  readonly logger: Logger;
}

export class DeliveryRun implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #closing = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #ticking: Promise<void> | undefined;
  #isQuiet = false;
  #countAt = 0;
  #tendAt = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#beat(), INTERVAL).unref();
    this.#beat();
  }

  /** Opens the queue in the data folder, and continues with what waits in it. @throws DatabaseError; UsageError */
  static async open(
    options: Options,
    instances: InstanceArchive,
    logger: Logger,
    { observers = [], sharing, retry = {} }: DeliveriesOptions,
  ): Promise<DeliveryRun> {
    const database = await (sharing ? openSharedDeliveryDatabase(sharing) : openDeliveryDatabase(options.data));
    try {
      const maximumEntriesOf = (name: string) =>
        options.forwardRules?.destinations.find((each) => each.name === name)?.queue ?? QUEUE;
      const queue = await SqlForwardQueue.open(database, { maximumEntriesOf });
      const [ledger, studies] = [new DeliveryLedger(), new QuietStudies(database)];
      const watch = watchOwnConnections(observers, logger);
      const arrivals = new Arrivals(instances, database, logger);
      const { clock } = database;
      const parts = { options, instances, database, queue, studies, ledger, watch, logger, retry: { clock, ...retry } };
      const forwarding = await Forwarding.open(parts);
      const calls = new Calls(parts);
      await arrivals.watch([...forwarding.consumers, ...calls.consumers]);
      return new DeliveryRun({ ...parts, arrivals, forwarding, calls });
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Takes up the options as they are now, after they were read again. @throws UsageError */
  async reload(): Promise<void> {
    // Nothing is read from the archive meanwhile.
    while (this.#ticking) await this.#ticking;
    const reloading = this.#takeUp();
    this.#ticking = reloading
      .catch(() => {})
      .then(() => {
        this.#ticking = undefined;
      });
    await reloading;
  }

  get status(): readonly DeliveryStatus[] {
    const { queue, ledger, arrivals, forwarding, calls } = this.#parts;
    const names = new Set([...forwarding.names, ...calls.names, ...queue.counts.keys()]);
    return [...names].map((destination) => {
      const { waiting = 0, failed = 0 } = queue.counts.get(destination) ?? {};
      const restsUntil =
        forwarding.restsUntil(destination) ?? calls.restsUntil(destination) ?? queue.restsUntil(destination);
      return {
        ...{ destination, waiting, failed, behind: arrivals.behind(destination), isFull: arrivals.isFull(destination) },
        ...ledger.of(destination),
        ...(restsUntil !== undefined && Number.isFinite(restsUntil) && { restsUntil }),
      };
    });
  }

  /** Why a study is needed; undefined if nothing of it waits to be delivered, or may have to be. */
  async needOf(study: string): Promise<string | undefined> {
    return deliveryNeed(this.#parts, study);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    await this.#ticking;
    await Promise.all([this.#parts.forwarding.close(), this.#parts.calls.close()]);
    await this.#parts.database.sync().catch(() => {});
    await this.#parts.database[Symbol.asyncDispose]();
  }

  async #takeUp(): Promise<void> {
    const { arrivals, forwarding, calls } = this.#parts;
    await forwarding.reload();
    calls.reload();
    await arrivals.watch([...forwarding.consumers, ...calls.consumers]);
  }

  #beat(): void {
    this.#ticking ??= this.#tick()
      .catch((error) => {
        if (!this.#isQuiet)
          this.#parts.logger.error(
            { err: error },
            `arrivals could not be queued, it will be tried again: ${error.message}`,
          );
        this.#isQuiet = true;
      })
      .then(() => {
        this.#ticking = undefined;
      });
  }

  async #tick(): Promise<void> {
    const { database, queue, arrivals, forwarding, calls } = this.#parts;
    // An operator has retried or cancelled entries.
    const isChanged = await database.isChangedByOthers();
    await this.#countAgain(isChanged);
    if (isChanged) {
      forwarding.wake();
      calls.wake();
    }
    const hasArrived = await arrivals.read(this.#closing.signal);
    // Instances that arrived before a process was killed may not have been read yet: their studies are not quiet.
    const areQuiet = (await arrivals.hasRead(STUDIES)) && (await calls.endQuietStudies());
    if (areQuiet || hasArrived) {
      forwarding.look();
      calls.look();
      await queue.forget(arrivals.forgettable);
      await database.sync();
    }
    this.#isQuiet = false;
  }

  /** Other processes change the entries, and know other destinations. */
  async #countAgain(isChanged: boolean): Promise<void> {
    const { database, queue, arrivals } = this.#parts;
    const now = performance.now();
    const isShared = database.claims !== undefined;
    if (isChanged || !queue.isExact || (isShared && now >= this.#countAt)) {
      await queue.recount();
      this.#countAt = now + COUNT_INTERVAL;
    }
    if (isShared && now >= this.#tendAt) {
      await arrivals.tend();
      this.#tendAt = now + TEND_INTERVAL;
    }
  }
}
