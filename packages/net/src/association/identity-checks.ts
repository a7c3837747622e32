// Bounds for checks of user identities: their number at once, their queue, and the pace of a host that guesses.

import type { UserIdentity } from '@x/pdu';
import { aNumber, checkOptions, isPlainObject, type OptionTable, wrongReturn } from '@x/pdu/internal';
import { onAbort } from '../on-abort.ts';
import { HostTable, hostOf } from '../transport/host.ts';
import { type AssociationRequest, CONGESTION, type Rejection } from './accept.ts';

/**
 * The result of a verification: whether the identity is accepted; or accepted with the `response` to send if the
 * requestor asks for one (empty for user names, else a Kerberos ticket, a SAML response or a JSON Web Token); or how to
 * reject.
 */
export type IdentityVerdict = boolean | { readonly response: Uint8Array } | { readonly reject: Partial<Rejection> };

/** Verifies a user identity, or its absence. */
export type VerifyIdentity = (
  identity: UserIdentity | undefined,
  request: AssociationRequest,
) => IdentityVerdict | Promise<IdentityVerdict>;

/** Bounds of the checks of user identities. A host is an IPv4 address or an IPv6 network of 64 bits. */
export interface IdentityCheckLimits {
  /** Checks that run at once. Default 4. */
  readonly maximumAtOnce?: number;
  /** Checks of one host that run at once. Default 2. */
  readonly maximumAtOncePerHost?: number;
  /** Checks that wait for their turn; further requests are rejected as temporary congestion (2, 3, 1). Default 100. */
  readonly maximumWaiting?: number;
  /** Checks of one host that wait. Default 10. */
  readonly maximumWaitingPerHost?: number;
  /**
   * Milliseconds from a failed check to the next check of the same host. It doubles with each further failure, up to 16
   * times; a success, or ten minutes without a failure, ends it. The last 10,000 hosts are remembered. 0 turns it off. Default 1000.
   */
  readonly failureDelay?: number;
}

/** Numbers of checks, since the beginning and now. */
export interface IdentityCheckCounters {
  /** The identity was accepted. */
  readonly accepted: number;
  /** The identity was not accepted. */
  readonly failed: number;
  /** Rejected without a check, because too many were waiting. */
  readonly refused: number;
  /** Checks that run now. */
  readonly running: number;
  /** Checks that wait now. */
  readonly waiting: number;
}

/** A verification with bounds, made by `limitIdentityChecks`; `counters` are its numbers so far. */
export type LimitedVerifyIdentity = VerifyIdentity & { readonly counters: IdentityCheckCounters };

/**
 * Puts bounds on a verification, so that guesses of one host cost little and do not delay others: waiting hosts take
 * turns. `decideBy` does this with the default limits; call it yourself for other limits, or to read `counters`. Requests
 * without an identity are not bounded. The verification must not block the event loop: use the asynchronous `scrypt`, for
 * instance, which runs in the thread pool of Node.js; with its default of four threads, keep `maximumAtOnce` below four if
 * files are read and written at the same time. The waits count in the timeout `association`.
 * @throws OptionError.
 */
export function limitIdentityChecks(verify: VerifyIdentity, limits: IdentityCheckLimits = {}): LimitedVerifyIdentity {
  checkOptions(LIMIT_OPTIONS, limits);
  if ('counters' in verify) return verify as LimitedVerifyIdentity;
  const checks = new IdentityChecks(limits);
  const checked: VerifyIdentity = async (identity, request) => verdictOf(await verify(identity, request));
  const limited: VerifyIdentity = (identity, request) =>
    identity
      ? checks.run(request.address ?? '', request.signal, () => checked(identity, request))
      : checked(identity, request);
  return Object.defineProperty(limited, 'counters', { get: () => checks.counters }) as LimitedVerifyIdentity;
}

/** @throws ReturnValueError. */
function verdictOf(verdict: unknown): IdentityVerdict {
  if (typeof verdict === 'boolean') return verdict;
  const { response, reject } = isPlainObject(verdict) ? verdict : {};
  if (response instanceof Uint8Array || isPlainObject(reject)) return verdict as IdentityVerdict;
  throw wrongReturn('verifyIdentity', verdict, 'true, false, { response: Uint8Array } or { reject: { ... } }');
}

const LIMIT_OPTIONS: OptionTable<IdentityCheckLimits> = {
  of: 'limitIdentityChecks',
  rules: {
    maximumAtOnce: aNumber,
    maximumAtOncePerHost: aNumber,
    maximumWaiting: aNumber,
    maximumWaitingPerHost: aNumber,
    failureDelay: aNumber,
  },
};

interface Host {
  readonly waiting: Set<() => void>;
  running: number;
}

class IdentityChecks {
  readonly #limits: Required<IdentityCheckLimits>;
  /** The hosts with checks that run or wait, in the order of their turns. */
  readonly #hosts = new Map<string, Host>();
  readonly #failures = new HostTable<{ readonly count: number; readonly until: number }>();
  readonly #counters = { accepted: 0, failed: 0, refused: 0, running: 0, waiting: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: IdentityCheckLimits) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get counters(): IdentityCheckCounters {
    return { ...this.#counters };
  }

  async run(
    address: string,
    signal: AbortSignal,
    check: () => IdentityVerdict | Promise<IdentityVerdict>,
  ): Promise<IdentityVerdict> {
    const name = hostOf(address);
    const host = this.#hosts.get(name) ?? { waiting: new Set(), running: 0 };
    this.#hosts.set(name, host);
    if (!(await this.#turn(host, signal))) {
      this.#counters.refused++;
      this.#settle(name, host);
      return { reject: CONGESTION };
    }
    try {
      signal.throwIfAborted();
      const verdict = await check();
      this.#note(name, verdict !== false && !(typeof verdict === 'object' && 'reject' in verdict));
      return verdict;
    } finally {
      this.#counters.running--;
      host.running--;
      this.#settle(name, host);
      this.#goOn();
    }
  }

  /** Waits for a turn, and takes it. Resolves to false if too many wait already. The end of the connection is a turn, too. */
  async #turn(host: Host, signal: AbortSignal): Promise<boolean> {
    const { maximumWaiting, maximumWaitingPerHost } = this.#limits;
    // Those that start at once have not waited.
    const isFull = this.#counters.waiting >= maximumWaiting || host.waiting.size >= maximumWaitingPerHost;
    let begun = false;
    await new Promise<void>((resolve) => {
      const begin = () => {
        if (begun) return;
        begun = true;
        host.waiting.delete(begin);
        this.#counters.waiting--;
        this.#counters.running++;
        host.running++;
        resolve();
      };
      host.waiting.add(begin);
      this.#counters.waiting++;
      this.#goOn();
      if (begun) return;
      if (isFull) {
        host.waiting.delete(begin);
        this.#counters.waiting--;
        resolve();
      } else onAbort(signal, begin);
    });
    return begun;
  }

  /** Starts the checks that may run; hosts take turns. */
  #goOn(): void {
    clearTimeout(this.#timer);
    const { maximumAtOnce, maximumAtOncePerHost } = this.#limits;
    let next = Number.POSITIVE_INFINITY;
    for (const [name, host] of this.#hosts) {
      const [begin] = host.waiting;
      if (!begin || host.running >= maximumAtOncePerHost) continue;
      if (this.#counters.running >= maximumAtOnce) return;
      const delay = (this.#failures.get(name)?.until ?? 0) - performance.now();
      if (delay > 0) {
        next = Math.min(next, delay);
        continue;
      }
      // To the end of the order.
      this.#hosts.delete(name);
      this.#hosts.set(name, host);
      begin();
      this.#goOn();
      return;
    }
    if (next < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#goOn(), next);
  }

  #note(name: string, isAccepted: boolean): void {
    this.#counters[isAccepted ? 'accepted' : 'failed']++;
    if (isAccepted) {
      this.#failures.delete(name);
      return;
    }
    const now = performance.now();
    const { count = 0, until = 0 } = this.#failures.get(name) ?? {};
    const doublings = now > until + FORGET_AFTER ? 0 : Math.min(count, DOUBLINGS);
    this.#failures.set(name, { count: doublings + 1, until: now + this.#limits.failureDelay * 2 ** doublings });
  }

  #settle(name: string, host: Host): void {
    if (host.running === 0 && host.waiting.size === 0) this.#hosts.delete(name);
  }
}

const DEFAULT_LIMITS: Required<IdentityCheckLimits> = {
  maximumAtOnce: 4,
  maximumAtOncePerHost: 2,
  maximumWaiting: 100,
  maximumWaitingPerHost: 10,
  failureDelay: 1000,
};

// The delay stays below the default timeout of associations, 30 s.
const DOUBLINGS = 4;
// Failures of long ago are mistakes of a user, not guesses. In milliseconds.
const FORGET_AFTER = 600_000;
