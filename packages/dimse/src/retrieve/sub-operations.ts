// The C-STORE sub-operations of a retrieval, counted: PS3.4 §C.4.2.1 and §C.4.3.1, PS3.7 §9.1.3 and §9.1.4.

import { categoryIn, Status } from '../message/status.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';

/** The counts of a C-MOVE or C-GET response: 0 to 65,535 each; larger ones, which no element can say, are told as that. */
export interface SubOperationCounts {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

/** A final response. */
export interface RetrieveAnswer extends Partial<SubOperationCounts> {
  readonly status: number;
  readonly errorComment?: string;
  readonly identifier?: { readonly FailedSOPInstanceUIDList: readonly string[] };
}

export class SubOperations {
  #remaining: number;
  #completed = 0;
  #warning = 0;
  #failures = 0;
  readonly #failed: string[] = [];
  #reason: string | undefined;

  constructor(total: number) {
    this.#remaining = total;
  }

  /** Those that have come to their end. */
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

  /** Of the peer's answer to one. */
  answered(status: number): void {
    this.#remaining--;
    if (categoryIn(storage.statuses, status) === 'warning') this.#warning++;
    else this.#completed++;
  }

  /** One that came to nothing; the first reason is told. */
  failed(sopInstance: string | undefined, reason: string): void {
    this.#remaining--;
    this.#failures++;
    // Of a file that cannot be read nobody knows it.
    if (sopInstance !== undefined) this.#failed.push(sopInstance);
    this.#reason ??= reason;
  }

  /** What ends the retrieval: by its counts, or because it was cancelled; `unable` where all has failed. */
  answer(isCancelled: boolean, unable: number = QueryRetrieveStatus.SubOperationsNotPerformed): RetrieveAnswer {
    const { remaining, ...counts } = this.counts;
    const identifier = this.#failed.length > 0 ? { FailedSOPInstanceUIDList: this.#failed } : undefined;
    // An Error Comment has 64 characters at most.
    const errorComment = this.#reason?.slice(0, 64);
    const details = { ...counts, ...(identifier && { identifier }), ...(errorComment && { errorComment }) };
    if (isCancelled && remaining > 0) return { status: Status.Cancel, remaining, ...details };
    if (this.#failures === 0 && this.#warning === 0) return { status: Status.Success, ...counts };
    const isAllFailed = this.#completed === 0 && this.#warning === 0;
    return { status: isAllFailed ? unable : QueryRetrieveStatus.SubOperationsCompleteWithFailures, ...details };
  }
}

// More may be found than were said to be there, too.
function told(count: number): number {
  return Math.min(Math.max(count, 0), 0xffff);
}
