// The database of waiting deliveries, which keeps them across restarts: of one archive, or of all that share it.

import type { DeliveryClaims, DeliveryClock } from '@x/dimse/workflow';
import type { DeliveryRow } from './delivery-row.ts';

/** Statements in the SQL that both databases have in common. Question marks stand for their values. */
export interface DeliveryQueries {
  /** The rows that a statement gives. */
  rows<Row>(statement: string, ...values: readonly unknown[]): Promise<readonly Row[]>;
  /** Executes a statement. Returns the number of rows that it has changed. */
  run(statement: string, ...values: readonly unknown[]): Promise<number>;
}

export interface DeliveryDatabase extends DeliveryQueries, AsyncDisposable {
  /** The claims of the archives that share it; undefined if it has one archive, whose operators may use it too. */
  readonly claims: DestinationClaims | undefined;
  /** The clock of all that use it. */
  readonly clock: DeliveryClock;
  /** Makes all changes of `work` or none. All its statements must use the queries that it is given; it may be repeated. */
  change<T>(work: (queries: DeliveryQueries) => Promise<T>): Promise<T>;
  /** Whether an operator has changed the entries since the last call. */
  isChangedByOthers(): Promise<boolean>;
  /** Has all others look at the entries at once, also at those of destinations that rest: an operator has changed some. */
  tellOthers(): Promise<void>;
  /** Settles when all changes that were committed before are on disk. */
  sync(): Promise<void>;
}

/** The claims of one process on what several could do. */
export interface DestinationClaims extends DeliveryClaims {
  /** Claims the destination with the earliest entry that is due, if none of the others has it. */
  claimNext(destinations: readonly string[]): Promise<string | undefined>;
  /** The earliest entry that is not due yet, of destinations that no other process has claimed. */
  later(destinations: readonly string[]): Promise<DeliveryRow | undefined>;
  /** Claims each of these names that no other process has, and keeps it. Returns those that this process has. */
  keep(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ends the claims that `keep` made, except those of these names. */
  leave(except: ReadonlySet<string>): Promise<void>;
  /** When destinations are attempted again that rest now, by name. */
  rests(): Promise<ReadonlyMap<string, number>>;
}
