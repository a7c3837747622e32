// A bounded pool of associations, or of objects built on them. Callers are served in FIFO order.

import { checkOptions } from '@x/pdu/internal';
import { Condition } from '../condition.ts';
import { asError, TimeoutError } from '../errors.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer } from '../timeouts.ts';
import { type Entry, stopTimers, type Waiter } from './pool-entry.ts';
import {
  ACQUIRE_OPTIONS,
  type AcquireOptions,
  LEASE_RELEASE_OPTIONS,
  type Lease,
  POOL_CLOSE_OPTIONS,
  type Poolable,
  PoolError,
  type PoolOptions,
} from './pool-options.ts';
import { withRetry } from './retry.ts';

/** @see createAssociationPool */
export class Pool<Request, Resource extends Poolable> implements AsyncDisposable {
  readonly #options: PoolOptions<Request, Resource>;
  readonly #idle: Entry<Resource>[] = [];
  readonly #leased = new Set<Entry<Resource>>();
  readonly #opening = new Map<AbortController, string>();
  readonly #ending = new Set<Entry<Resource>>();
  readonly #waiting: Waiter<Resource>[] = [];
  #closing: Promise<void> | undefined;
  readonly #changed = new Condition();

  constructor(options: PoolOptions<Request, Resource>) {
    this.#options = options;
  }

  /** All associations: being opened, in use, idle, and being released. */
  get size(): number {
    return this.#opening.size + this.#leased.size + this.#idle.length + this.#ending.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  get leased(): number {
    return this.#leased.size;
  }

  /** Callers that are waiting. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves to an association: an idle one, a new one if the bounds allow it, or the next one that is returned.
   * @throws PoolError; TimeoutError 'acquire'; the signal's reason; errors of `open`.
   */
  acquire(request: Request, options?: AcquireOptions): Promise<Lease<Resource>> {
    return new Promise((resolve, reject) => {
      const { timeout = this.#options.acquireTimeout ?? 60_000, signal } = checkOptions(ACQUIRE_OPTIONS, options);
      signal?.throwIfAborted();
      if (this.#closing) throw new PoolError('POOL_CLOSED', 'the pool is closed');
      const key = this.#options.keyOf(request);
      const { maximumWaiting = 256 } = this.#options;
      const ahead = this.#waiting.filter((each) => each.key === key).length;
      if (ahead >= maximumWaiting)
        throw new PoolError('POOL_FULL', `${ahead} callers are already waiting for this peer`);
      const settle = () => {
        stop();
        removeListener();
        remove(this.#waiting, waiter);
      };
      const waiter: Waiter<Resource> = {
        key,
        request,
        give: (entry) => {
          settle();
          resolve(this.#lease(entry));
        },
        fail: (error) => {
          settle();
          reject(error);
          this.#giveUpOpening(key);
        },
      };
      const stop = startTimer(timeout, () =>
        waiter.fail(new TimeoutError('acquire', timeout, 'no association of the pool became free')),
      );
      const removeListener = onAbort(signal, waiter.fail);
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  /**
   * Closes the pool. Waiting callers fail with PoolError, and idle associations are released. Those in use may be returned
   * within `drain` milliseconds (default 0); then they are aborted. Settles when all have ended.
   */
  async close(options?: { readonly drain?: number }): Promise<void> {
    const { drain = 0 } = checkOptions(POOL_CLOSE_OPTIONS, options);
    this.#closing ??= this.#close(drain);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(drain: number): Promise<void> {
    // Runs after `#closing` is set, so that nothing is opened for the callers that fail here.
    await Promise.resolve();
    for (const waiter of [...this.#waiting]) waiter.fail(new PoolError('POOL_CLOSED', 'the pool is closed'));
    for (const controller of this.#opening.keys()) controller.abort(new PoolError('POOL_CLOSED', 'the pool is closed'));
    for (const entry of this.#idle.splice(0)) void this.#end(entry);
    const abortAll = () => {
      for (const { resource } of this.#leased) resource.abort(new PoolError('POOL_CLOSED', 'the pool is closed'));
    };
    const stop = drain > 0 ? startTimer(drain, abortAll) : () => {};
    if (drain === 0) abortAll();
    while (this.size > 0) await this.#changed.wait();
    stop();
  }

  /** Serves waiting callers in order, and opens associations for them if the bounds allow it. */
  #serve(): void {
    const { maximum = 64, maximumPerKey = 4 } = this.#options;
    const unserved = new Map<string, number>();
    let vacating = this.#ending.size;
    for (const waiter of [...this.#waiting]) {
      // The caller may have been served by a nested call.
      if (!this.#waiting.includes(waiter)) continue;
      const { key } = waiter;
      const entry = this.#takeIdle(key);
      if (entry) {
        waiter.give(entry);
        continue;
      }
      const ahead = unserved.get(key) ?? 0;
      unserved.set(key, ahead + 1);
      // An association that is being opened is for the first caller that waits for its key.
      if (this.#closing || ahead < this.#openingFor(key) || this.#countOf(key) >= maximumPerKey) continue;
      if (this.size >= maximum) {
        // The idle association that was unused for longest is released to make room, unless another is already ending.
        const spare = vacating > 0 ? undefined : this.#idle.shift();
        if (spare) void this.#end(spare);
        else vacating--;
        continue;
      }
      void this.#open(key, waiter.request as Request);
    }
    this.#changed.notify();
  }

  #takeIdle(key: string): Entry<Resource> | undefined {
    for (let index = this.#idle.length - 1; index >= 0; index--) {
      const entry = this.#idle[index];
      if (entry?.key !== key) continue;
      this.#idle.splice(index, 1);
      stopTimers(entry);
      if (entry.resource.isReusable) return entry;
      void this.#end(entry);
    }
    return undefined;
  }

  async #open(key: string, request: Request): Promise<void> {
    const { open, retry } = this.#options;
    const controller = new AbortController();
    this.#opening.set(controller, key);
    try {
      const { signal } = controller;
      const attempt = () => open(request, signal);
      const resource = await (retry ? withRetry(attempt, retry, signal) : attempt());
      const entry = { key, resource, isExpired: false, stopIdle: () => {}, stopKeepAlive: () => {} };
      this.#opening.delete(controller);
      void resource.closed.then(() => this.#forget(entry));
      // Handed out even if it has already ended; opening another could repeat for ever.
      const waiter = this.#closing ? undefined : this.#waiting.find((each) => each.key === key);
      if (waiter) waiter.give(entry);
      else this.#keep(entry);
    } catch (error) {
      this.#opening.delete(controller);
      // It was opened for the first waiting caller.
      if (!controller.signal.aborted) this.#waiting.find((waiter) => waiter.key === key)?.fail(error);
      this.#serve();
    }
  }

  /** Cancels an opening if fewer callers wait than associations are being opened. */
  #giveUpOpening(key: string): void {
    const waiting = this.#waiting.filter((each) => each.key === key).length;
    if (waiting >= this.#openingFor(key)) return;
    for (const [controller, of] of this.#opening)
      if (of === key && !controller.signal.aborted) {
        controller.abort(new PoolError('POOL_UNUSED', 'no caller is waiting for the association'));
        return;
      }
  }

  #lease(entry: Entry<Resource>): Lease<Resource> {
    this.#leased.add(entry);
    let isReturned = false;
    const release = async (options?: { readonly reuse?: boolean }) => {
      const { reuse = true } = checkOptions(LEASE_RELEASE_OPTIONS, options);
      if (isReturned) return;
      isReturned = true;
      // It may have ended in the meantime.
      if (!this.#leased.delete(entry)) return;
      if (reuse) this.#keep(entry);
      else await this.#end(entry);
    };
    return { resource: entry.resource, release, [Symbol.asyncDispose]: () => release() };
  }

  #keep(entry: Entry<Resource>): void {
    const { idle = 30_000 } = this.#options;
    entry.isExpired = false;
    entry.stopIdle = startTimer(idle, () => {
      entry.isExpired = true;
      if (remove(this.#idle, entry)) void this.#end(entry);
    });
    this.#park(entry);
  }

  #park(entry: Entry<Resource>): void {
    if (this.#closing || entry.isExpired || !entry.resource.isReusable) {
      void this.#end(entry);
      return;
    }
    this.#idle.push(entry);
    const { keepAlive } = this.#options;
    if (keepAlive) entry.stopKeepAlive = startTimer(keepAlive.interval, () => void this.#check(entry));
    this.#serve();
  }

  /** Counts as in use while it is checked. */
  async #check(entry: Entry<Resource>): Promise<void> {
    const { keepAlive } = this.#options;
    if (!remove(this.#idle, entry)) return;
    this.#leased.add(entry);
    try {
      await keepAlive?.check(entry.resource);
    } catch (error) {
      entry.resource.abort(asError(error));
    }
    if (this.#leased.delete(entry)) this.#park(entry);
  }

  async #end(entry: Entry<Resource>): Promise<void> {
    const { resource } = entry;
    stopTimers(entry);
    this.#ending.add(entry);
    try {
      if (resource.isReusable) await resource.release();
      else resource.abort();
    } catch {
      resource.abort();
    }
    await resource.closed;
    this.#forget(entry);
  }

  #forget(entry: Entry<Resource>): void {
    stopTimers(entry);
    remove(this.#idle, entry);
    this.#leased.delete(entry);
    this.#ending.delete(entry);
    this.#serve();
  }

  #openingFor(key: string): number {
    return [...this.#opening].filter(([controller, of]) => of === key && !controller.signal.aborted).length;
  }

  #countOf(key: string): number {
    const isOfKey = (entry: Entry<Resource>) => entry.key === key;
    const kept = [...this.#leased, ...this.#idle, ...this.#ending].filter(isOfKey).length;
    return kept + [...this.#opening.values()].filter((of) => of === key).length;
  }
}

/** Returns whether the list had the value. */
function remove<T>(list: T[], value: T): boolean {
  const index = list.indexOf(value);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
