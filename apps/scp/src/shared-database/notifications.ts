// Listens for the notifications of all processes on one connection, which is made again if it is lost.

import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DatabaseConnections } from './database-connections.ts';

/** @param payload Of the notification; undefined if the channel is listened to from now on, and some may have been missed. */
export type NotificationListener = (payload: string | undefined) => void;

export class Notifications implements AsyncDisposable {
  readonly #connections: DatabaseConnections;
  readonly #listeners = new Map<string, Set<NotificationListener>>();
  readonly #closed = new AbortController();
  #client: Client | undefined;
  #running: Promise<void> | undefined;
  #lost: (() => void) | undefined;

  constructor(connections: DatabaseConnections) {
    this.#connections = connections;
  }

  listen(channel: string, listener: NotificationListener): Disposable {
    const name = channelName(this.#connections.address.schema, channel);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    this.#running ??= this.#run();
    if (this.#client) void this.#listenTo(this.#client, name, [listener]);
    // The channel stays listened to: its notifications are few.
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#lost?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    for (let delay = SHORTEST_DELAY; !signal.aborted; delay = Math.min(delay * 2, LONGEST_DELAY)) {
      const ended = new Promise<void>((resolve) => {
        this.#lost = resolve;
      });
      try {
        const { client, close } = await this.#connections.connect(() => this.#lost?.());
        client.on('notification', ({ channel, payload = '' }) => this.#tell(channel, payload));
        this.#client = client;
        for (const [name, listeners] of this.#listeners) await this.#listenTo(client, name, listeners);
        delay = SHORTEST_DELAY;
        if (!signal.aborted) await ended;
        this.#client = undefined;
        await close();
      } catch {
        this.#client = undefined;
      }
      await setTimeout(delay, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** If it fails, the connection is lost, and the next one listens to all channels. */
  async #listenTo(client: Client, name: string, listeners: Iterable<NotificationListener>): Promise<void> {
    try {
      await client.query(`listen ${name}`);
    } catch {
      this.#lost?.();
      return;
    }
    for (const listener of [...listeners]) listener(undefined);
  }

  #tell(name: string, payload: string): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(payload);
  }
}

/** Channels are of the whole database, and their names have 63 characters at most. */
export function channelName(schema: string, channel: string): string {
  return `dimse_${createHash('sha256').update(`${schema} ${channel}`).digest('hex').slice(0, 32)}`;
}

/** Milliseconds until the connection is made again. */
const SHORTEST_DELAY = 100;
const LONGEST_DELAY = 5_000;
