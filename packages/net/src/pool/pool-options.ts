// The types around a pool: its options, its resources and its leases.

import { CodedError } from '@x/pdu/internal';
import type { RetryPolicy } from './retry.ts';

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
  readonly resource: Resource;
  /**
   * Returns the association to the pool; further calls do nothing. If it cannot be reused, or with `reuse: false`, it is
   * released instead.
   */
  release(options?: { readonly reuse?: boolean }): Promise<void>;
}
