// The errors of an object store, and the statuses that they mean.

import { DimseError, Status } from '@x/dimse';
import { CodedError } from '@x/pdu/internal';

/** A request that the object store did not answer, or that it refused. */
export class ObjectStoreError extends CodedError {
  static override readonly name: string = 'ObjectStoreError';
  /** `ENOENT` if the object does not exist, as for a file. */
  readonly code: 'ENOENT' | 'OBJECT_STORE_FAILED';
  /** The code that the store gives, such as `SlowDown`; `ENOENT`, `UNANSWERED` or `CUT_SHORT`. */
  readonly reason: string;
  /** The status of HTTP, if there was an answer. */
  readonly status: number | undefined;

  constructor(message: string, facts: { readonly reason: string; readonly status?: number; readonly cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.code = facts.reason === 'ENOENT' ? 'ENOENT' : 'OBJECT_STORE_FAILED';
    this.reason = facts.reason;
    this.status = facts.status;
  }

  /** Whether the same request may succeed a little later. */
  get isTransient(): boolean {
    return this.status === undefined || TRANSIENT_STATUSES.includes(this.status) || this.reason === 'RequestTimeout';
  }
}

/** Whether an error says that the object store cannot be used at the moment. */
export function isObjectStoreUnavailable(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.isTransient;
}

/** Whether an error says that an object, or an upload of parts, does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof ObjectStoreError && (error.code === 'ENOENT' || error.reason === 'NoSuchUpload');
}

/** The DimseError A700H if it is an error of the object store; otherwise the error itself. */
export function objectStorageError(error: unknown): unknown {
  if (!(error instanceof ObjectStoreError)) return error;
  return new DimseError(Status.OutOfResources, { errorComment: reasonIn(error), cause: error });
}

function reasonIn({ status, reason }: ObjectStoreError): string {
  if (status === undefined) return 'the object store does not answer';
  if (status === 507 || /quota|insufficientstorage/i.test(reason)) return 'the object store has no space left';
  if (status === 403) return 'the object store refuses access';
  if (reason === 'NoSuchBucket') return 'the bucket of the object store does not exist';
  return `the object store answers ${status}`;
}

const TRANSIENT_STATUSES = [408, 429, 500, 502, 503, 504];
