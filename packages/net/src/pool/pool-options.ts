// The types around a pool: its options, its resources and its leases.

import { aNumber, anObjectOf, aSignal, aValueOf, CodedError, type OptionTable } from '@x/pdu/internal';
import { RETRY_OPTIONS, type RetryPolicy } from './retry.ts';

/** A resource that can be pooled: an association, or an object built on one. */
export interface Poolable {
  /** Whether another caller may use it: it is established and has not sent or read part of a message. */
  readonly isReusable: boolean;
  /** Settles when it has ended. */
  readonly closed: Promise<unknown>;
  release(): Promise<void>;
  abort(reason?: Error): void;
}

/** Options of a pool. */
export interface PoolOptions<Request, Resource extends Poolable> {
  /** Opens a resource. It must settle when the signal aborts. */
  readonly open: (request: Request, signal: AbortSignal) => Promise<Resource>;
  /** Requests with equal keys may share a resource. */
  readonly keyOf: (request: Request) => string;
  /** Most associations, in use or idle. Default 64. */
  readonly maximum?: number;
  /** Most associations for each key. Default 4. */
  readonly maximumPerKey?: number;
  /** Most callers that wait for each key; further callers fail immediately with PoolError. Default 256. */
  readonly maximumWaiting?: number;
  /** Milliseconds until an idle association is released. Default 30 s. */
  readonly idle?: number;
  /** Milliseconds to wait in `acquire`, including the opening. Default 60 s. */
  readonly acquireTimeout?: number;
  /** Checks idle associations every `interval` milliseconds, for instance by C-ECHO, and aborts those that fail. */
  readonly keepAlive?: { readonly interval: number; readonly check: (resource: Resource) => Promise<unknown> };
  /** Retries opening after transient failures. Default: no retries. */
  readonly retry?: RetryPolicy;
}

/** The options of the pools that callers make, which have a key of their own. */
export const POOL_RULES = {
  open: aValueOf('function'),
  maximum: aNumber,
  maximumPerKey: aNumber,
  maximumWaiting: aNumber,
  idle: aNumber,
  acquireTimeout: aNumber,
  keepAlive: anObjectOf({ interval: aNumber, check: aValueOf('function') }, ['interval', 'check']),
  retry: anObjectOf(RETRY_OPTIONS.rules),
};

/** The options of `acquire`. */
export interface AcquireOptions {
  /** Milliseconds to wait. Default the pool's `acquireTimeout`. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export const ACQUIRE_OPTIONS: OptionTable<AcquireOptions> = {
  of: 'acquire',
  rules: { timeout: aNumber, signal: aSignal },
};

export const POOL_CLOSE_OPTIONS: OptionTable<{ readonly drain?: number }> = { of: 'close', rules: { drain: aNumber } };

export const LEASE_RELEASE_OPTIONS: OptionTable<{ readonly reuse?: boolean }> = {
  of: 'release',
  rules: { reuse: aValueOf('boolean') },
};

/** Too many callers are waiting, or the pool is closed. Nothing was sent. */
export class PoolError extends CodedError {
  static override readonly name: string = 'PoolError';
  readonly code: 'POOL_CLOSED' | 'POOL_FULL' | 'POOL_UNUSED';

  constructor(code: PoolError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The use of a pooled association until it is returned. */
export interface Lease<Resource> extends AsyncDisposable {
  /** The association, or the session on it. */
  readonly resource: Resource;
  /**
   * Returns the association to the pool; further calls do nothing. If it cannot be reused, or with `reuse: false`, it is
   * released instead.
   */
  release(options?: { readonly reuse?: boolean }): Promise<void>;
}
