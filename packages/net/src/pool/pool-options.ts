// What a pool keeps, what it is made with, and what it gives.

import type { RetryPolicy } from './retry.ts';

/** What can be pooled: an association, or what is built on one. */
export interface Poolable {
  /** Whether it may be handed to somebody else: established, and nothing half sent or half read on it. */
  readonly isReusable: boolean;
  /** Settles when it has ended. */
  readonly closed: Promise<unknown>;
  release(): Promise<void>;
  abort(reason?: Error): void;
}

/** What a pool opens, for whom, and how many. */
export interface PoolOptions<Request, Resource extends Poolable> {
  /** Opens one; must settle when the signal aborts. */
  readonly open: (request: Request, signal: AbortSignal) => Promise<Resource>;
  /** Whoever has the same key may have the same association. */
  readonly keyOf: (request: Request) => string;
  /** Associations in all, in use or idle. Default 64. */
  readonly maximum?: number;
  /** Associations for each key. Default 4. */
  readonly maximumPerKey?: number;
  /** Callers that may wait for each key; more are refused at once. Default 256. */
  readonly maximumWaiting?: number;
  /** Milliseconds an idle one is kept before it is released. Default 30 s. */
  readonly idle?: number;
  /** Milliseconds to wait for one, opening included. Default 60 s. */
  readonly acquireTimeout?: number;
  /** Keeps idle ones alive: called each `interval` milliseconds, for instance with C-ECHO; one that fails is aborted. */
  readonly keepAlive?: { readonly interval: number; readonly check: (resource: Resource) => Promise<unknown> };
  /** When opening fails in passing. Default: not tried again. */
  readonly retry?: RetryPolicy;
}

/** The pool has no room for another waiting caller, or was closed. Nothing was sent. */
export class PoolError extends Error {
  override readonly name = 'PoolError';
}

/** The use of a pooled association, until it is given back. */
export interface Lease<Resource> extends AsyncDisposable {
  readonly resource: Resource;
  /**
   * Gives it back; the second time does nothing. It goes to the next only if it is established and quiet, and with
   * `reuse: false` not at all: then it is released.
   */
  release(options?: { readonly reuse?: boolean }): Promise<void>;
}
