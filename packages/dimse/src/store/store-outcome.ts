// The outcome of sending an instance, with the reason in words.

import { DimseError, NoContextError } from '../message/errors.ts';
import { describeStatus } from '../message/status.ts';
import { storage } from '../services/storage.ts';
import type { DescribedInstance } from './instance-source.ts';

/** The result of sending an instance. */
export interface StoreOutcome extends DescribedInstance {
  /** `skipped`: it had been sent before. */
  readonly result: 'sent' | 'warning' | 'failed' | 'skipped';
  /** The transfer syntax in which it was sent, if that is another than its own. */
  readonly sentTransferSyntax?: string;
  /** The status of the response, if there was one. */
  readonly status?: number;
  /** The reason for a warning or failure, in words. */
  readonly reason?: string;
  /** The error of a failure, if there is one. */
  readonly error?: Error;
}

/** The outcome of an instance that failed. */
export function failed(known: DescribedInstance, error: Error): StoreOutcome {
  const status = error instanceof DimseError ? { status: error.status } : {};
  const reason = error instanceof NoContextError ? error.message : explain(error);
  return { ...known, result: 'failed', ...status, reason, error };
}

function explain(error: Error): string {
  if (!(error instanceof DimseError)) return error.message;
  const comment = error.errorComment ? `: ${error.errorComment}` : '';
  return `${describeStatus(error.status, storage.statuses)}${comment}`;
}
