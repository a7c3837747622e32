// What a store does, as a list of checks: what the contracts of all stores are made of.

import { DimseError } from './errors.ts';
import { Status } from './status.ts';

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

/** Whether a store had no room. */
export const isFull = (error: unknown) => error instanceof DimseError && error.status === Status.ResourceLimitation;
