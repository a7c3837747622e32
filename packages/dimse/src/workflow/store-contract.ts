// A contract of a store: a list of checks that every implementation passes.

import { Status } from '../message/status.ts';

/** One check of a contract. */
export interface StoreContract {
  /** A sentence about the behaviour, whose subject is the store. */
  readonly name: string;
  /** Runs the check. Rejects with an AssertionError if the store fails it. */
  check(): Promise<void>;
}

/** Creates an empty store with room for this many items; for at least 100 by default. */
export type CreateStore<Store> = (room?: number) => Store | Promise<Store>;

/** Checks by their names. */
export type Checks<Store> = Readonly<Record<string, (create: CreateStore<Store>) => Promise<void>>>;

/** The contract of a kind of store, made of its checks; each runs with a store of its own. */
export function contract<Store>(create: CreateStore<Store>, checks: Checks<Store>): StoreContract[] {
  return Object.entries(checks).map(([name, check]) => ({ name, check: () => check(create) }));
}

/** The error of a full store. It is compared by name, because each entry point of the package has its own class. */
export const NO_ROOM = { name: 'DimseError', status: Status.ResourceLimitation };
