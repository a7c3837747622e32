// The user of storage commitment: sends requests, and takes their reports on any association (PS3.4 Annex J).

import { onAbort } from '@x/net/internal';
import { aNumber, aValueOf, CodedError, checkOptions, type OptionTable } from '@x/pdu/internal';
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
import { CALL_RULES, type CallOptions } from '../../session/call-options.ts';
import { type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import { inTurns, Step, type Steps } from '../../turns.ts';
import { asInstance, type ReferencedInstance, referencedInstances, referencingItems } from './referenced-instance.ts';

/** The outcome of a request. */
export interface CommitmentReport {
  /** (0008,1195) Transaction UID of the request. */
  readonly transactionUid: string;
  /** The instances that the SCP keeps. */
  readonly committed: readonly ReferencedInstance[];
  /** Each with its Failure Reason: see `CommitmentFailure`. */
  readonly failed: readonly FailedInstance[];
  /** Requested instances that the report does not mention: there is no commitment for them. */
  readonly unreported: readonly ReferencedInstance[];
}

type FailedInstance = ReferencedInstance & { readonly reason: number };

/** Options of a request for storage commitment. */
export interface CommitmentRequestOptions extends CallOptions {
  /** Default: a new UID. */
  readonly transactionUid?: string;
  /** Milliseconds to wait for the report. Default 10 min; with 0 or Infinity there is no limit. */
  readonly reportTimeout?: number;
}

/** Options of a `StorageCommitmentUser`. */
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
  /** Takes the reports: see `serves` of `openSession`. */
  readonly service: Service;
  readonly #options: StorageCommitmentUserOptions;
  readonly #pending = new Map<string, Pending>();
  /** The latest transactions with a report: a peer that missed the response reports them again. */
  readonly #reported = new Set<string>();

  constructor(options: StorageCommitmentUserOptions = {}) {
    this.#options = checkOptions(USER_OPTIONS, options);
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
    const {
      transactionUid = makeUid(),
      reportTimeout = 600_000,
      ...callOptions
    } = checkOptions(REQUEST_OPTIONS, options);
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
          information: {
            TransactionUID: transactionUid,
            ReferencedSOPSequence: await inTurns(referencingItems(instances)),
          },
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
    const { instances = [] } = this.#pending.get(transactionUid) ?? {};
    const report = await inTurns(reading(transactionUid, information, instances));
    const pending = this.#pending.get(transactionUid);
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
  /** (0008,1195) Transaction UID of the request. */
  readonly transactionUid: string;
  /** The limit that was exceeded. */
  readonly milliseconds: number;

  constructor(transactionUid: string, milliseconds: number) {
    super(`no storage commitment report for ${transactionUid} within ${milliseconds} ms`);
    this.transactionUid = transactionUid;
    this.milliseconds = milliseconds;
  }
}

const REMEMBERED_REPORTS = 1000;

function* reading(
  transactionUid: string,
  information: DataSet,
  requested: readonly ReferencedInstance[],
): Steps<CommitmentReport> {
  const step = new Step();
  const listed = yield* referencedInstances(information.ReferencedSOPSequence);
  const failed: FailedInstance[] = [];
  for (const item of items(information.FailedSOPSequence)) {
    const reason = typeof item.FailureReason === 'number' ? item.FailureReason : Status.ProcessingFailure;
    failed.push({ ...asInstance(item), reason });
    if (step.add(1)) yield step.end();
  }
  const isFailed = yield* sopInstancesOf(failed, step);
  const isListed = yield* sopInstancesOf(listed, step);
  // If the report lists an instance as committed and as failed, it counts as failed.
  const committed = yield* filtered(listed, ({ sopInstance }) => !isFailed.has(sopInstance), step);
  const isMissing = ({ sopInstance }: ReferencedInstance) => !isListed.has(sopInstance) && !isFailed.has(sopInstance);
  return { transactionUid, committed, failed, unreported: yield* filtered(requested, isMissing, step) };
}

function* sopInstancesOf(instances: readonly ReferencedInstance[], step: Step): Steps<Set<string>> {
  const found = new Set<string>();
  for (const { sopInstance } of instances) {
    found.add(sopInstance);
    if (step.add(1)) yield step.end();
  }
  return found;
}

function* filtered<T>(all: readonly T[], isWanted: (one: T) => boolean, step: Step): Steps<T[]> {
  const found: T[] = [];
  for (const one of all) {
    if (isWanted(one)) found.push(one);
    if (step.add(1)) yield step.end();
  }
  return found;
}

const USER_OPTIONS: OptionTable<StorageCommitmentUserOptions> = {
  of: 'StorageCommitmentUser',
  rules: { onUnexpectedReport: aValueOf('function'), maximumPending: aNumber },
};

const REQUEST_OPTIONS: OptionTable<CommitmentRequestOptions> = {
  of: 'requestCommitment',
  rules: { ...CALL_RULES, transactionUid: aValueOf('string'), reportTimeout: aNumber },
};
