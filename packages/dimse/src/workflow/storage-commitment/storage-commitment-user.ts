// A user of storage commitment: asks for it, and awaits the report on whatever association it comes (PS3.4 Annex J).

import { items, uid } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import {
  REQUEST_STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  StorageCommitmentEvent,
  storageCommitment,
} from '../../services/storage-commitment.ts';
import { type CallOptions, type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import { asInstance, asItem, type ReferencedInstance } from './referenced-instance.ts';

/** What a report said of a request. */
export interface CommitmentReport {
  readonly transactionUid: string;
  readonly committed: readonly ReferencedInstance[];
  /** With the Failure Reason: see `CommitmentFailure`. */
  readonly failed: readonly (ReferencedInstance & { readonly reason: number })[];
  /** Requested, and not mentioned in the report: there is no commitment for them. */
  readonly unreported: readonly ReferencedInstance[];
}

export interface CommitmentRequestOptions extends CallOptions {
  /** Default: a new one. */
  readonly transactionUid?: string;
  /** Milliseconds to wait for the report. Default 10 min; 0 or Infinity waits for ever. */
  readonly reportTimeout?: number;
}

export interface StorageCommitmentUserOptions {
  /**
   * Told of reports that no request here waits for: of requests that timed out, or from before a restart. The peer is
   * answered success when it settles. Default: such a report is answered 0115H.
   */
  readonly unexpected?: (report: CommitmentReport) => void | Promise<void>;
  /** Requests that may wait for their report at once. Default 1,000. */
  readonly maximumPending?: number;
}

interface Pending {
  readonly instances: readonly ReferencedInstance[];
  settle(report: CommitmentReport): void;
}

/**
 * Asks for storage commitment. Its `service` must be served where the report may come: on the session that asks
 * (`openSession({ services: [storageCommitment], serves: [user.service] })`), and by an SCP of our AE title for reports
 * that come on an association of the peer's.
 */
export class StorageCommitmentUser {
  readonly service: Service;
  readonly #options: StorageCommitmentUserOptions;
  readonly #pending = new Map<string, Pending>();
  /** Transactions whose report has come, the latest: a peer that missed our answer tells them again. */
  readonly #reported = new Set<string>();

  constructor(options: StorageCommitmentUserOptions = {}) {
    this.#options = options;
    this.service = serve(
      storageCommitment,
      { eventReport: ({ eventType, information }) => this.#take(eventType, information) },
      { roles: { scu: false, scp: true } },
    );
  }

  /** Requests whose report has not come. */
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
    if (this.#pending.size >= maximumPending) throw new RangeError(`${maximumPending} requests wait for their report`);
    if (this.#pending.has(transactionUid)) throw new RangeError(`the transaction ${transactionUid} is waiting already`);
    let timer: NodeJS.Timeout | undefined;
    const { signal } = options;
    let giveUp: (() => void) | undefined;
    try {
      // Before the request: its report may overtake the response.
      const reported = new Promise<CommitmentReport>((settle, reject) => {
        this.#pending.set(transactionUid, { instances, settle });
        giveUp = () => reject(signal?.reason);
        signal?.addEventListener('abort', giveUp, { once: true });
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
      if (giveUp) signal?.removeEventListener('abort', giveUp);
      this.#pending.delete(transactionUid);
    }
  }

  async #take(eventType: number, information: DataSet | undefined): Promise<number> {
    if (eventType !== StorageCommitmentEvent.Successful && eventType !== StorageCommitmentEvent.FailuresExist)
      throw new DimseError(Status.NoSuchEventType);
    const transactionUid = uid(information?.TransactionUID);
    if (!information || transactionUid === undefined)
      throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'the report has no Transaction UID' });
    if (this.#reported.has(transactionUid)) return Status.Success;
    const pending = this.#pending.get(transactionUid);
    const report = reportOf(transactionUid, information, pending?.instances ?? []);
    if (pending) pending.settle(report);
    else if (this.#options.unexpected) await this.#options.unexpected(report);
    else throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'the transaction is not known' });
    this.#reported.add(transactionUid);
    for (const oldest of this.#reported) {
      if (this.#reported.size <= REMEMBERED_REPORTS) break;
      this.#reported.delete(oldest);
    }
    return Status.Success;
  }
}

/** No report came in time. It may still come: see `StorageCommitmentUserOptions.unexpected`. */
export class CommitmentTimeoutError extends Error {
  override readonly name = 'CommitmentTimeoutError';
  readonly transactionUid: string;
  readonly milliseconds: number;

  constructor(transactionUid: string, milliseconds: number) {
    super(`no storage commitment report for ${transactionUid} came within ${milliseconds} ms`);
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
    // Said to be both: then rather not.
    committed: committed.filter(({ sopInstance }) => !isFailed.has(sopInstance)),
    failed,
    unreported: requested.filter(({ sopInstance }) => !mentioned.has(sopInstance)),
  };
}
