// The peers of the archive with their last success and failure, and the recent errors, for the live page.

import type { AssociationView } from './live-association.ts';

/** A peer by its AE title. Times are milliseconds of the clock. */
export interface PeerState {
  readonly aeTitle: string;
  /** Its last address; for one that has not been seen, the configured one. */
  readonly address: string;
  readonly lastSuccess?: number;
  readonly lastFailure?: number;
  /** The reason of the last failure. */
  readonly reason?: string;
}

export interface RecentError {
  readonly at: number;
  /** The peer or the association. */
  readonly who: string;
  readonly why: string;
}

/** The number of peers that are kept: peers can make up any number of AE titles. */
export const MOST_PEERS = 100;
/** The number of errors that are kept. */
export const MOST_ERRORS = 50;

export class PeerHistory {
  /** Those that were seen last come last. */
  readonly #peers = new Map<string, PeerState>();
  readonly #errors: RecentError[] = [];

  /** The peers, the most recent ones first. */
  get peers(): readonly PeerState[] {
    return [...this.#peers.values()].reverse();
  }

  /** The errors, the most recent ones first. */
  get errors(): readonly RecentError[] {
    return [...this.#errors].reverse();
  }

  /** A peer that is configured. */
  expect(aeTitle: string, address: string): void {
    this.#peers.set(aeTitle, { aeTitle, address });
  }

  /** An association has ended. */
  ended(view: AssociationView): void {
    const { isOurs, calling, called, address, isBad, ended = Date.now(), end = '' } = view;
    const aeTitle = isOurs ? called : calling;
    const who = calling || called ? `${calling} → ${called}` : address;
    if (isBad) this.failed(who, end, ended);
    if (aeTitle === '') return;
    const before = this.#peers.get(aeTitle);
    this.#peers.delete(aeTitle);
    // The address that the archive calls is worth more than a port from which it was called.
    const kept = isOurs || before === undefined ? address : before.address;
    const news = isBad ? { lastFailure: ended, reason: end } : { lastSuccess: ended };
    this.#peers.set(aeTitle, { aeTitle, ...before, address: kept, ...news });
    if (this.#peers.size > MOST_PEERS) this.#peers.delete(this.#peers.keys().next().value as string);
  }

  /** Something has failed. */
  failed(who: string, why: string, at = Date.now()): void {
    this.#errors.push({ at, who, why });
    if (this.#errors.length > MOST_ERRORS) this.#errors.shift();
  }
}
