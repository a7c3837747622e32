// Counts the C-STORE sub-operations of a retrieval (PS3.4 §C.4.2.1 and §C.4.3.1, PS3.7 §9.1.3 and §9.1.4).

import { categoryIn, Status } from '../message/status.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';

/** The counts of a C-MOVE or C-GET response: 0 to 65,535 each. Larger counts are sent as 65,535. */
export interface SubOperationCounts {
  /** C-STORE sub-operations that have not been done. */
  readonly remaining: number;
  /** Those that succeeded. */
  readonly completed: number;
  /** Those that failed. */
  readonly failed: number;
  /** Those that succeeded with a warning. */
  readonly warning: number;
}

/** A final response. */
export interface RetrieveAnswer extends Partial<SubOperationCounts> {
  /** The final status (PS3.4 Tables C.4-2 and C.4-3). */
  readonly status: number;
  /** (0000,0902) Error Comment, at most 64 characters. */
  readonly errorComment?: string;
  /** The instances that failed. */
  readonly identifier?: { readonly FailedSOPInstanceUIDList: readonly string[] };
}

/**
 * The maximum length of the list of failed instances, in bytes: at least 16,000 UIDs. Further ones are only counted, because
 * the list is held in memory and sent in one response, which the requestor must be able to take.
 */
export const MAXIMUM_FAILED_LENGTH = 1024 * 1024;

export class SubOperations {
  #remaining: number;
  #completed = 0;
  #warning = 0;
  #failures = 0;
  readonly #failed: string[] = [];
  #failedLength = 0;
  #reason: string | undefined;

  constructor(total: number) {
    this.#remaining = total;
  }

  /** The number of sub-operations that have ended. */
  get ended(): number {
    return this.#completed + this.#failures + this.#warning;
  }

  get counts(): SubOperationCounts {
    return {
      remaining: told(this.#remaining),
      completed: told(this.#completed),
      failed: told(this.#failures),
      warning: told(this.#warning),
    };
  }

  /** Counts a sub-operation that the peer answered with success or a warning. */
  answered(status: number): void {
    this.#remaining--;
    if (categoryIn(storage.statuses, status) === 'warning') this.#warning++;
    else this.#completed++;
  }

  /** Counts a sub-operation that failed. The first reason becomes the Error Comment. */
  failed(sopInstance: string | undefined, reason: string): void {
    this.#remaining--;
    this.#failures++;
    // The UID is not known if a file cannot be read.
    if (sopInstance !== undefined && this.#failedLength < MAXIMUM_FAILED_LENGTH) {
      this.#failed.push(sopInstance);
      this.#failedLength += sopInstance.length + 1;
    }
    this.#reason ??= reason;
  }

  /** The final answer, from the counts or because of a cancel. */
  answer(isCancelled: boolean): RetrieveAnswer {
    const { remaining, ...counts } = this.counts;
    const identifier = this.#failed.length > 0 ? { FailedSOPInstanceUIDList: this.#failed } : undefined;
    // An Error Comment has 64 characters at most.
    const errorComment = this.#reason?.slice(0, 64);
    const details = { ...counts, ...(identifier && { identifier }), ...(errorComment && { errorComment }) };
    if (isCancelled && remaining > 0) return { status: Status.Cancel, remaining, ...details };
    if (this.#failures === 0 && this.#warning === 0) return { status: Status.Success, ...counts };
    const { SubOperationsNotPerformed, SubOperationsCompleteWithFailures } = QueryRetrieveStatus;
    const isAllFailed = this.#completed === 0 && this.#warning === 0;
    return { status: isAllFailed ? SubOperationsNotPerformed : SubOperationsCompleteWithFailures, ...details };
  }
}

// The source may give more instances than `total` announced.
function told(count: number): number {
  return Math.min(Math.max(count, 0), 0xffff);
}
