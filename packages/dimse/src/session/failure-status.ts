// The statuses of requests that fail here and not in their handlers (PS3.7 Annex C).

import type { DataSetError } from '../data-set/data-set-error.ts';
import type { DimseError } from '../message/errors.ts';
import type { Operation } from '../message/operation.ts';
import { cStore, isComposite } from '../message/operations.ts';
import { categoryIn, isStatus, Status, type StatusTable } from '../message/status.ts';

/** The status for a request beyond a local limit (PS3.7 Annex C). */
export function outOfResources(operation: Operation): number {
  return isComposite(operation) ? Status.OutOfResources : Status.ResourceLimitation;
}

/** The status for a request that takes too long (PS3.7 Annex C, PS3.4 Tables B.2-1 and C.4-1 to C.4-3). */
export function tooLate(operation: Operation): number {
  if (operation.commandField === cStore.commandField) return Status.OutOfResources;
  return isComposite(operation) && operation.answers === 'many' ? Status.UnableToProcess : Status.ProcessingFailure;
}

/** The status for a data set that cannot be decoded, or an identifier that exceeds a limit. */
export function statusOf({ limit }: DataSetError, operation: Operation): number {
  if (!isComposite(operation)) return Status.ProcessingFailure;
  const isIdentifier = operation.commandField !== cStore.commandField;
  return isIdentifier && limit !== undefined ? Status.DataSetDoesNotMatchSopClass : Status.CannotUnderstand;
}

/** A thrown status must be final and must not be Success. */
export function saysHowItEnded({ status }: DimseError, statuses: StatusTable): boolean {
  return isStatus(status) && !['success', 'pending'].includes(categoryIn(statuses, status));
}
