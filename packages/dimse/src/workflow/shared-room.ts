// The room of a store in memory, of which no peer can use all.

import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';

/** Counts the entries of a store, in all and of each peer. */
export class SharedRoom {
  readonly #what: string;
  readonly #maximum: number;
  readonly #maximumOfPeer: number;
  /** The peers that made the entries, by the keys of the entries. */
  readonly #peers = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** @param what The entries, in the plural, for the Error Comment. */
  constructor(what: string, maximum: number, maximumOfPeer: number) {
    this.#what = what;
    this.#maximum = maximum;
    this.#maximumOfPeer = maximumOfPeer;
  }

  /** Takes room for a new entry. @throws DimseError (0213H) if there is none */
  take(key: string, peer: string): void {
    const count = this.#counts.get(peer) ?? 0;
    if (this.#peers.size >= this.#maximum) throw noRoom(`${this.#peers.size} ${this.#what} are kept`);
    if (count >= this.#maximumOfPeer) throw noRoom(`${peer} has ${count} ${this.#what}`);
    this.#peers.set(key, peer);
    this.#counts.set(peer, count + 1);
  }

  /** Gives the room of an entry back; does nothing if there is no such entry. */
  free(key: string): void {
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    this.#peers.delete(key);
    const count = (this.#counts.get(peer) ?? 0) - 1;
    if (count > 0) this.#counts.set(peer, count);
    else this.#counts.delete(peer);
  }
}

function noRoom(errorComment: string): DimseError {
  return new DimseError(Status.ResourceLimitation, { errorComment });
}
