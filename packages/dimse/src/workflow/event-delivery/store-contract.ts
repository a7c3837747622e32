// What a store does, as a list of checks: what the contracts of all stores are made of.

import { Status } from '../../message/status.ts';

/** One thing that a store does. */
export interface StoreContract {
  /** A sentence whose subject is the store. */
  readonly name: string;
  /** Rejects with an AssertionError where the store does not do it. */
  check(): Promise<void>;
}

/** Makes a store that is empty, with room for so many; for at least 100 where none is said. */
export type CreateStore<Store> = (room?: number) => Store | Promise<Store>;

/** Checks by their names. */
export type Checks<Store> = Readonly<Record<string, (create: CreateStore<Store>) => Promise<void>>>;

export function contract<Store>(create: CreateStore<Store>, checks: Checks<Store>): StoreContract[] {
  return Object.entries(checks).map(([name, check]) => ({ name, check: () => check(create) }));
}

/** What a store throws that has no room. Not by its class: an entry point of its own has another one of that name. */
export const NO_ROOM = { name: 'DimseError', status: Status.ResourceLimitation };
