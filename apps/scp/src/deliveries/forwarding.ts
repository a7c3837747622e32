// Store and forward: the rules of --forward, applied to what arrives and to what waits.

import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import type { DataSetTranscoder } from '@x/dimse/transcode';
import { ForwardDelivery, type ForwardDestination, type ForwardOutcome, type RetryOptions } from '@x/dimse/workflow';
import type { ArrivedInstance } from '../instances/archive-index/archive-index.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { WatchOwnConnection } from '../observer.ts';
import type { Options } from '../options.ts';
import { namedPeer } from '../peers.ts';
import { matcherOf } from '../rules/conditions.ts';
import type { Consumer } from './arrivals.ts';
import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';
import type { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';
import type { DeliveryLedger } from './delivery-ledger.ts';
import { type Destination, type ForwardRules, PRIORITIES } from './forward-rules.ts';
import { forwardSource } from './forward-source.ts';
import { nextOpening } from './schedule.ts';

/** @throws UsageError if a destination has no address */
export function checkForwarding(options: Options): void {
  for (const destination of options.forwardRules?.destinations ?? []) {
    const { aet, host, place, name } = destination;
    if (host === undefined && !namedPeer(options, aet))
      throw new UsageError(`${place}: ${name} has no address: add host and port, or give --peer ${aet}=host:port`);
  }
}

export interface ForwardingParts {
  readonly options: Options;
  readonly instances: InstanceArchive;
  readonly database: DeliveryDatabase;
  readonly queue: SqlForwardQueue;
  readonly ledger: DeliveryLedger;
  readonly watch: WatchOwnConnection;
  readonly logger: Logger;
  /** For tests. */
  readonly retry?: RetryOptions;
}

export class Forwarding {
  readonly #parts: ForwardingParts;
  readonly #delivery: ForwardDelivery;
  #transcoder: (DataSetTranscoder & AsyncDisposable) | undefined;

  private constructor(parts: ForwardingParts) {
    const { instances, queue, retry } = parts;
    this.#parts = parts;
    this.#delivery = new ForwardDelivery({
      ...retry,
      queue: queue.of(() => this.names),
      destination: (name) => this.#destination(name),
      source: async (entry) => {
        const destination = this.#named(entry.destination);
        if (!destination) throw new Error(`${entry.destination} is not a destination any more`);
        const transcoder = destination.decompress ? this.#transcoder : undefined;
        return forwardSource(instances, entry, destination, transcoder);
      },
      onOutcome: (outcome) => this.#log(outcome),
    });
  }

  static async open(parts: ForwardingParts): Promise<Forwarding> {
    const forwarding = new Forwarding(parts);
    await forwarding.#loadTranscoder();
    forwarding.look();
    return forwarding;
  }

  /** Takes up the rules of the options as they are now. */
  async reload(): Promise<void> {
    await this.#loadTranscoder();
    this.#delivery.wake();
  }

  get #rules(): ForwardRules {
    return this.#parts.options.forwardRules ?? { destinations: [], rules: [] };
  }

  /** The names of the destinations. */
  get names(): readonly string[] {
    return this.#rules.destinations.map(({ name }) => name);
  }

  /** One for each destination. */
  get consumers(): readonly Consumer[] {
    const { rules } = this.#rules;
    const callingOf = this.#callingOf();
    return this.#rules.destinations.map((destination) => {
      const { name, existing, priority } = destination;
      const own = rules.filter(({ to }) => to.includes(name)).map((rule) => ({ rule, matches: matcherOf(rule) }));
      const { queue, database } = this.#parts;
      const { clock } = database;
      return {
        ...{ name, existing },
        room: () => queue.roomOf(name),
        examine: async (arrival) => {
          for (const { rule, matches } of own) {
            if (!matches(arrival.attributes)) continue;
            if (rule.calling && !rule.calling.includes(await callingOf(arrival))) continue;
            const { order } = PRIORITIES[rule.priority ?? priority];
            const { study, series, sopInstance } = arrival;
            const key = { destination: name, study, series, sopInstance };
            return (queries, isFound) => queue.enter(queries, key, order, clock.now(), isFound);
          }
          return undefined;
        },
      };
    });
  }

  look(): void {
    this.#delivery.look();
  }

  wake(): void {
    this.#delivery.wake();
  }

  restsUntil(destination: string): number | undefined {
    return this.#delivery.restsUntil(destination);
  }

  async close(): Promise<void> {
    await this.#delivery.close();
    await this.#transcoder?.[Symbol.asyncDispose]();
  }

  async #loadTranscoder(): Promise<void> {
    if (!this.#transcoder && this.#rules.destinations.some(({ decompress }) => decompress))
      this.#transcoder = (await import('@x/dimse/transcode')).createDecompressor();
  }

  #named(name: string): Destination | undefined {
    return this.#rules.destinations.find((each) => each.name === name);
  }

  #destination(name: string): ForwardDestination | undefined {
    const destination = this.#named(name);
    if (!destination) return undefined;
    const { options, watch } = this.#parts;
    const { aet, calling = options.aet, port, tls, window, associations, priority, attempts, schedule } = destination;
    const named = destination.host === undefined ? namedPeer(options, aet) : undefined;
    const address = { host: destination.host ?? '', port, ...(tls && { tls: options.peerTls ?? {} }) };
    const transcoder = destination.decompress ? this.#transcoder : undefined;
    return {
      peer: {
        ...(named ?? address),
        ...{ callingAeTitle: calling, calledAeTitle: aet, onConnection: watch },
        ...{ asynchronousOperations: window, parallel: associations, priority: PRIORITIES[priority].dimse },
        ...(transcoder && { transcoder }),
        recovery: { reconnections: 1 },
      },
      maximumAttempts: attempts,
      ...(schedule && { opens: (now) => nextOpening(schedule, now) }),
    };
  }

  /** The calling AE title that an instance came from: its file has it. */
  #callingOf(): (arrival: ArrivedInstance) => Promise<string> {
    const known = new WeakMap<ArrivedInstance, Promise<string>>();
    const read = async (arrival: ArrivedInstance) => {
      await using file = await this.#parts.instances.open(arrival);
      return file.metaInformation.sourceAeTitle ?? '';
    };
    return (arrival) => {
      const found = known.get(arrival) ?? read(arrival).catch(() => '');
      known.set(arrival, found);
      return found;
    };
  }

  #log(outcome: ForwardOutcome): void {
    const { ledger, logger } = this.#parts;
    const { destination, instance, result, reason = '' } = outcome;
    ledger.note(destination, result, reason);
    const line = { event: 'forward', destination, sopInstance: instance?.sopInstance, result };
    if (result === 'sent')
      logger.debug(line, `${instance?.sopInstance} was forwarded to ${destination}${reason && `: ${reason}`}`);
    else if (!instance) logger.warn(line, `${destination} cannot be reached, it will be tried again: ${reason}`);
    else if (result === 'missing')
      logger.warn(
        line,
        `${instance.sopInstance} was not forwarded to ${destination}: the archive does not have it any more`,
      );
    else {
      const end = result === 'failed' ? 'it is kept as failed (see dimse-scp forward)' : 'it will be tried again';
      logger.warn(line, `${instance.sopInstance} could not be forwarded to ${destination}, ${end}: ${reason}`);
    }
  }
}
