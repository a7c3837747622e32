// The user of storage commitment: sends requests, and takes their reports on any association (PS3.4 Annex J).

import { onAbort } from '@x/net/internal';
import { items, uid } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { CodedError } from '../../registry/coded-error.ts';
import { makeUid } from '../../registry/make-uid.ts';
import {
  REQUEST_STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  StorageCommitmentEvent,
  storageCommitment,
} from '../../services/storage-commitment.ts';
import { type CallOptions, type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import { asInstance, asItem, type ReferencedInstance } from './referenced-instance.ts';

/** The outcome of a request. */
export interface CommitmentReport {
  readonly transactionUid: string;
  readonly committed: readonly ReferencedInstance[];
  /** Each with its Failure Reason: see `CommitmentFailure`. */
  readonly failed: readonly (ReferencedInstance & { readonly reason: number })[];
  /** Requested instances that the report does not mention: there is no commitment for them. */
  readonly unreported: readonly ReferencedInstance[];
}

export interface CommitmentRequestOptions extends CallOptions {
  /** Default: a new UID. */
  readonly transactionUid?: string;
  /** Milliseconds to wait for the report. Default 10 min; with 0 or Infinity there is no limit. */
  readonly reportTimeout?: number;
}

export interface StorageCommitmentUserOptions {
  /**
   * Receives reports for which no request is waiting: of requests that timed out, or from before a restart. The response is
   * success when it settles. Default: the response to such a report is 0115H.
   */
  readonly onUnexpectedReport?: (report: CommitmentReport) => void | Promise<void>;
  /** Maximum number of requests that wait for their report. Default 1,000. */
  readonly maximumPending?: number;
}

interface Pending {
  readonly instances: readonly ReferencedInstance[];
  settle(report: CommitmentReport): void;
}

/**
 * Requests storage commitment. Its `service` takes the reports: serve it on the session of the request
 * (`openSession({ services: [storageCommitment], serves: [user.service] })`), and by an SCP with the same AE title if the
 * peer may report on an association that it requests itself.
 */
export class StorageCommitmentUser {
  readonly service: Service;
  readonly #options: StorageCommitmentUserOptions;
  readonly #pending = new Map<string, Pending>();
  /** The latest transactions with a report: a peer that missed the response reports them again. */
  readonly #reported = new Set<string>();

  constructor(options: StorageCommitmentUserOptions = {}) {
    this.#options = options;
    this.service = serve(
      storageCommitment,
      { eventReport: ({ eventType, information }) => this.#take(eventType, information) },
      { roles: { scu: false, scp: true } },
    );
  }

  /** Number of requests that wait for their report. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Requests commitment for instances, and settles with the report.
   * @throws RangeError for no instances or too many requests; what the call throws; CommitmentTimeoutError after
   * `reportTimeout`; the signal's reason.
   */
  async requestCommitment(
    session: ServiceSession,
    instances: readonly ReferencedInstance[],
    options: CommitmentRequestOptions = {},
  ): Promise<CommitmentReport> {
    const { transactionUid = makeUid(), reportTimeout = 600_000, ...callOptions } = options;
    const { maximumPending = 1000 } = this.#options;
    if (instances.length === 0) throw new RangeError('storage commitment needs at least one instance');
    if (this.#pending.size >= maximumPending)
      throw new RangeError(`${maximumPending} requests are already waiting for their report`);
    if (this.#pending.has(transactionUid))
      throw new RangeError(`the transaction ${transactionUid} is already waiting for its report`);
    let timer: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    try {
      // Before the request is sent, because the report may overtake the response.
      const reported = new Promise<CommitmentReport>((settle, reject) => {
        this.#pending.set(transactionUid, { instances, settle });
        stopListening = onAbort(options.signal, reject);
        if (reportTimeout > 0 && Number.isFinite(reportTimeout))
          timer = setTimeout(() => reject(new CommitmentTimeoutError(transactionUid, reportTimeout)), reportTimeout);
      });
      reported.catch(() => {});
      await session.use(storageCommitment).action(
        {
          sopInstance: STORAGE_COMMITMENT_INSTANCE,
          actionType: REQUEST_STORAGE_COMMITMENT,
          information: { TransactionUID: transactionUid, ReferencedSOPSequence: instances.map(asItem) },
        },
        callOptions,
      );
      return await reported;
    } finally {
      clearTimeout(timer);
      stopListening?.();
      this.#pending.delete(transactionUid);
    }
  }

  async #take(eventType: number, information: DataSet | undefined): Promise<number> {
    if (eventType !== StorageCommitmentEvent.Successful && eventType !== StorageCommitmentEvent.FailuresExist)
      throw new DimseError(Status.NoSuchEventType);
    const transactionUid = uid(information?.TransactionUID);
    if (!information || transactionUid === undefined)
      throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'the Transaction UID is missing' });
    if (this.#reported.has(transactionUid)) return Status.Success;
    const pending = this.#pending.get(transactionUid);
    const report = reportOf(transactionUid, information, pending?.instances ?? []);
    if (pending) pending.settle(report);
    else if (this.#options.onUnexpectedReport) await this.#options.onUnexpectedReport(report);
    else throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'the transaction is unknown' });
    this.#reported.add(transactionUid);
    for (const oldest of this.#reported) {
      if (this.#reported.size <= REMEMBERED_REPORTS) break;
      this.#reported.delete(oldest);
    }
    return Status.Success;
  }
}

/** No report arrived in time. It may still arrive later: see `StorageCommitmentUserOptions.onUnexpectedReport`. */
export class CommitmentTimeoutError extends CodedError {
  static override readonly name: string = 'CommitmentTimeoutError';
  readonly code = 'COMMITMENT_TIMEOUT';
  readonly transactionUid: string;
  readonly milliseconds: number;

  constructor(transactionUid: string, milliseconds: number) {
    super(`no storage commitment report for ${transactionUid} within ${milliseconds} ms`);
    this.transactionUid = transactionUid;
    this.milliseconds = milliseconds;
  }
}

const REMEMBERED_REPORTS = 1000;

function reportOf(
  transactionUid: string,
  information: DataSet,
  requested: readonly ReferencedInstance[],
): CommitmentReport {
  const committed = items(information.ReferencedSOPSequence).map(asInstance);
  const failed = items(information.FailedSOPSequence).map((item) => ({
    ...asInstance(item),
    reason: typeof item.FailureReason === 'number' ? item.FailureReason : Status.ProcessingFailure,
  }));
  const isFailed = new Set(failed.map(({ sopInstance }) => sopInstance));
  const mentioned = new Set([...committed, ...failed].map(({ sopInstance }) => sopInstance));
  return {
    transactionUid,
    // If the report lists an instance as committed and as failed, it counts as failed.
    committed: committed.filter(({ sopInstance }) => !isFailed.has(sopInstance)),
    failed,
    unreported: requested.filter(({ sopInstance }) => !mentioned.has(sopInstance)),
  };
}
