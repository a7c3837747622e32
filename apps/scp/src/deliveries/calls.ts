// Hooks and notifications: the calls that wait in the queue, one after another for each hook and peer.

import type { Logger } from '@x/cli/logger';
import {
  type DataSet,
  DimseError,
  instanceAvailabilityNotification,
  makeUid,
  NoContextError,
  openSession,
} from '@x/dimse';
import { texts } from '@x/dimse/data-set';
import { DeliveryLoop, type QueuedInstance, type RetryOptions } from '@x/dimse/workflow';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { WatchOwnConnection } from '../observer.ts';
import type { Options } from '../options.ts';
import { namedPeer } from '../peers.ts';
import type { Consumer } from './arrivals.ts';
import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';
import type { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';
import type { DeliveryLedger } from './delivery-ledger.ts';
import { NOTIFY, STUDIES } from './delivery-need.ts';
import { type Hook, type HookEvent, hooksOf } from './hook.ts';
import { callHook } from './hook-call.ts';
import type { QuietStudies } from './quiet-studies.ts';

export interface CallsParts {
  readonly options: Options;
  readonly instances: InstanceArchive;
  readonly database: DeliveryDatabase;
  readonly queue: SqlForwardQueue;
  readonly studies: QuietStudies;
  readonly ledger: DeliveryLedger;
  readonly watch: WatchOwnConnection;
  readonly logger: Logger;
  readonly retry: RetryOptions;
}

/** Attempts at a call that fails; then it is kept as failed. */
const ATTEMPTS = 10;

export class Calls {
  readonly #parts: CallsParts;
  #hooks: readonly Hook[];
  readonly #loop: DeliveryLoop<QueuedInstance>;

  /** @throws UsageError if a hook cannot work */
  constructor(parts: CallsParts) {
    const { queue, options, retry } = parts;
    this.#parts = parts;
    this.#hooks = hooksOf(options);
    const own = queue.of(() => this.names);
    this.#loop = new DeliveryLoop<QueuedInstance>({
      ...retry,
      claims: own.claims,
      next: (except) => own.next(except),
      destinationOf: ({ destination }) => destination,
      remove: (id) => own.remove(id),
      postpone: (entry) => own.change(entry),
      attempt: (entry, signal) => this.#attempt(entry, signal),
    });
    this.#loop.look();
  }

  /** Takes up the hooks of the options as they are now. @throws UsageError if one cannot work */
  reload(): void {
    this.#hooks = hooksOf(this.#parts.options);
    this.#loop.wake();
  }

  get consumers(): readonly Consumer[] {
    const { queue, options, studies, database } = this.#parts;
    const { clock } = database;
    const ofInstances = this.#hooks.filter(({ event }) => event === 'instance');
    const consumers: Consumer[] = ofInstances.map(({ destination }) => ({
      ...{ name: destination, existing: false },
      room: () => queue.roomOf(destination),
      examine: async ({ study, series, sopInstance }) => {
        const key = { destination, study, series, sopInstance };
        return (queries, isFound) => queue.enter(queries, key, 0, clock.now(), isFound);
      },
    }));
    if (this.#ofStudies.length === 0) return consumers;
    const ofStudies: Consumer = {
      ...{ name: STUDIES, existing: false },
      room: () => Number.POSITIVE_INFINITY,
      examine: async ({ study }) => {
        if (study === '') return undefined;
        return (queries) => studies.arrive(queries, study, clock.now() + options.studyTimeout);
      },
    };
    return [...consumers, ofStudies];
  }

  /** The destinations of calls. */
  get names(): readonly string[] {
    const ofInstances = this.#hooks.filter(({ event }) => event === 'instance').map(({ destination }) => destination);
    return [...ofInstances, ...this.#ofStudies];
  }

  /** Queues the calls for studies that no instance has arrived for. Returns whether there are any. */
  async endQuietStudies(): Promise<boolean> {
    const { queue, database, options, studies } = this.#parts;
    const destinations = this.#ofStudies;
    const now = database.clock.now();
    const quiet = await studies.quiet(now, options.studyTimeout);
    for (const each of quiet) {
      if (destinations.some((destination) => queue.roomOf(destination) === 0)) return true;
      await database.change(async (queries) => {
        if (!(await studies.end(queries, each))) return;
        for (const destination of destinations)
          await queue.enter(queries, { destination, study: each.study, series: '', sopInstance: '' }, 0, now);
      });
    }
    return quiet.length > 0;
  }

  look(): void {
    this.#loop.look();
  }

  wake(): void {
    this.#loop.wake();
  }

  restsUntil(destination: string): number | undefined {
    return this.#loop.restsUntil(destination);
  }

  async close(): Promise<void> {
    await this.#loop.close(new Error('the archive stops'));
  }

  /** The destinations that are told of studies. */
  get #ofStudies(): readonly string[] {
    const { notify = [], notifyAvailability } = this.#parts.options;
    const hooks = this.#hooks.filter(({ event }) => event === 'study').map(({ destination }) => destination);
    return [...hooks, ...(notifyAvailability ? notify.map((title) => `${NOTIFY}${title}`) : [])];
  }

  async #attempt(entry: QueuedInstance, signal: AbortSignal): Promise<void> {
    const { ledger, logger } = this.#parts;
    const { destination, study, sopInstance } = entry;
    const what = sopInstance ? `instance ${sopInstance}` : `study ${study}`;
    const line = { event: 'call', destination, study, ...(sopInstance && { sopInstance }) };
    try {
      if (!this.#isKnown(destination)) {
        this.#loop.rest(destination, Number.POSITIVE_INFINITY);
        return;
      }
      const output = await this.#perform(entry, signal);
      await this.#loop.delivered(entry);
      ledger.note(destination, 'sent', '');
      logger.debug(line, `${destination} was called for the ${what}${output === '' ? '' : `: ${output}`}`);
    } catch (error) {
      if (signal.aborted) return;
      const { message } = error as Error;
      const mayEnd = !destination.startsWith(NOTIFY) || error instanceof DimseError || error instanceof NoContextError;
      const isFailed = mayEnd && entry.attempts + 1 >= ATTEMPTS;
      ledger.note(destination, isFailed ? 'failed' : 'retried', message);
      const end = isFailed ? 'it is kept as failed (see dimse-scp forward)' : 'it will be tried again';
      logger.warn(line, `${destination} failed for the ${what}, ${end}: ${message}`);
      if (!mayEnd) this.#loop.rest(destination);
      await this.#loop.failed({ ...entry, failure: message, ...(isFailed && { isFailed }) });
    }
  }

  #isKnown(destination: string): boolean {
    return this.#ofStudies.includes(destination) || this.#hooks.some((hook) => hook.destination === destination);
  }

  async #perform(entry: QueuedInstance, signal: AbortSignal): Promise<string> {
    const hook = this.#hooks.find(({ destination }) => destination === entry.destination);
    if (!hook) return this.#notify(entry, signal);
    const { hookTimeout } = this.#parts.options;
    return callHook(hook, await this.#eventOf(hook, entry), { timeout: hookTimeout, signal });
  }

  async #eventOf({ event }: Hook, { study, series, sopInstance }: QueuedInstance): Promise<HookEvent> {
    const { instances } = this.#parts;
    const uids = {
      ...(study && { StudyInstanceUID: study }),
      ...(event === 'instance' && { SOPInstanceUID: sopInstance, ...(series && { SeriesInstanceUID: series }) }),
    };
    const attributes: Record<string, string> = {};
    for await (const found of instances.index.find({
      level: event === 'study' ? 'STUDY' : 'IMAGE',
      identifier: uids,
    })) {
      for (const [keyword, value] of Object.entries(found)) {
        const text = texts(value).join('\\');
        if (text !== '') attributes[keyword] = text;
      }
      break;
    }
    const path = event === 'instance' ? await this.#pathOf({ study, series, sopInstance }) : '';
    return { event, study, series, instance: sopInstance, path, attributes };
  }

  async #pathOf(key: {
    readonly study: string;
    readonly series: string;
    readonly sopInstance: string;
  }): Promise<string> {
    const { instances } = this.#parts;
    await using file = await instances.open((await instances.index.names.find(key)) ?? key);
    return file.path;
  }

  /** Sends an Instance Availability Notification for all instances of a study (PS3.4 Annex R). */
  async #notify({ destination, study }: QueuedInstance, signal: AbortSignal): Promise<string> {
    const { options, watch } = this.#parts;
    const title = destination.slice(NOTIFY.length);
    const peer = namedPeer(options, title);
    if (!peer) throw new Error(`no --peer names ${title}`);
    const attributes = await this.#availability(study, signal);
    const services = [instanceAvailabilityNotification];
    await using session = await openSession({ ...peer, services, signal, onConnection: watch });
    const sopClass = instanceAvailabilityNotification.sopClasses.Notification.uid;
    const request = { sopClass, sopInstance: makeUid(), attributes };
    await session.use(instanceAvailabilityNotification).create(request, { signal });
    return '';
  }

  async #availability(study: string, signal: AbortSignal): Promise<DataSet> {
    const { instances, options } = this.#parts;
    const series = new Map<string, DataSet[]>();
    const query = { level: 'STUDY', identifier: { StudyInstanceUID: study } } as const;
    for await (const instance of instances.index.instances(query, signal)) {
      const list = series.get(instance.series) ?? [];
      list.push({
        ...{ ReferencedSOPClassUID: instance.sopClass, ReferencedSOPInstanceUID: instance.sopInstance },
        ...{ InstanceAvailability: 'ONLINE', RetrieveAETitle: [options.aet] },
      });
      series.set(instance.series, list);
    }
    return {
      ReferencedPerformedProcedureStepSequence: [],
      StudyInstanceUID: study,
      ReferencedSeriesSequence: [...series].map(([uid, list]) => ({
        SeriesInstanceUID: uid,
        ReferencedSOPSequence: list,
      })),
    };
  }
}
