// Errors of the shared database: whether it cannot be used now, and whether a change was made.

import { CodedError } from '@x/pdu/internal';

/** The connection to the shared database could not be made, or was lost. The same request may succeed later. */
export class SharedDatabaseLostError extends CodedError {
  static override readonly name: string = 'SharedDatabaseLostError';
  readonly code = 'SHARED_DATABASE_LOST';
}

/**
 * The connection was lost while a transaction was being committed: it may or may not have been. Look for what it changed on
 * another connection before anything is undone.
 */
export class OutcomeUnknownError extends CodedError {
  static override readonly name: string = 'OutcomeUnknownError';
  readonly code = 'OUTCOME_UNKNOWN';
}

/** The code of the database's own errors; undefined for errors of the connection and of the program. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  // The system has codes such as EPIPE.
  return typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : undefined;
}

/**
 * Whether the shared database lacks resources or cannot be reached, so that the same request may succeed later: connection
 * exceptions, insufficient resources (a full disk too), interventions of the operator, a statement that took too long, a
 * standby that only reads, a failing disk, and conflicts that repetition did not resolve.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof SharedDatabaseLostError || error instanceof OutcomeUnknownError) return true;
  const state = sqlStateOf(error);
  return state !== undefined && (UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || UNAVAILABLE.has(state));
}

/** Whether two transactions were in each other's way: the transaction was undone and can be repeated. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(sqlStateOf(error) ?? '');
}

/** Whether an error of COMMIT does not say that nothing was committed. */
export function leavesOutcomeUnknown(error: unknown): boolean {
  const state = sqlStateOf(error);
  return error instanceof SharedDatabaseLostError || (state !== undefined && /^(?:08|57)/.test(state));
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);
const CONFLICTS = new Set(['40001', '40P01']);
/** With read_only_sql_transaction and lock_not_available. */
const UNAVAILABLE = new Set([...CONFLICTS, '25006', '55P03']);
