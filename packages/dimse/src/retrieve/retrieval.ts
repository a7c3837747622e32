// A retrieval by C-GET or C-MOVE: its instances and its report (PS3.4 §C.4.2 and §C.4.3).

import { texts } from '../data-set/access.ts';
import { DimseError } from '../message/errors.ts';
import { categoryIn, Status, type StatusTable } from '../message/status.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';
import type { ResponseStatus, Responses } from '../session/responses.ts';
import type { ReceivedInstance, ReceivedInstances } from './received-instances.ts';

/** The progress of a retrieval, or its result. */
export interface RetrieveReport {
  /** The status of the last response; Pending before the first. */
  readonly status: number;
  /** The number of remaining sub-operations, if the peer reports it. */
  readonly remaining: number | undefined;
  /** The number of instances received and answered with Success. */
  readonly completed: number;
  /** The number of instances received and answered with a warning. */
  readonly warning: number;
  /** The number of instances that were not retrieved, if the peer reports it. */
  readonly failed: number;
  /** The SOP Instance UIDs that the peer could not send or that were refused, if the peer reports them. */
  readonly failedSopInstances: readonly string[];
  /** (0000,0902) Error Comment of the final response, if it has one. */
  readonly errorComment: string | undefined;
  /** Why instances are missing, by SOP Instance UID, if that is known. Only C-GET tells. */
  readonly failures: ReadonlyMap<string, RetrieveFailure>;
  /** The number of presentation contexts that were not proposed because of our limit of associations. Only C-GET has one. */
  readonly unproposed: number;
}

/** Why an instance was not retrieved. */
export interface RetrieveFailure {
  /** Whose limit it was. The requestor is this process, which may have to propose more. */
  readonly by: 'requestor' | 'provider';
  /** The limit or refusal in words. */
  readonly reason: string;
}

/**
 * A retrieval: an async iterable of instances. It begins with the loop. Leaving the loop early cancels the retrieval; at the
 * end of the loop, associations and listeners are closed. The response to each C-STORE is sent when the loop requests the
 * next instance.
 */
export class Retrieval implements AsyncIterable<ReceivedInstance> {
  readonly #run: (retrieval: Retrieval) => AsyncGenerator<ReceivedInstance, void, undefined>;
  #report: RetrieveReport = NOTHING;
  #isBegun = false;

  constructor(run: (retrieval: Retrieval) => AsyncGenerator<ReceivedInstance, void, undefined>) {
    this.#run = run;
  }

  /** The progress; after the loop, the result. */
  get report(): RetrieveReport {
    return this.#report;
  }

  /**
   * The instances. They can be iterated once.
   * @throws DimseError for a final failure status, unless instances were retrieved and only some failed; the errors of
   * opening an association and of listening; RequestError if the association is lost.
   */
  [Symbol.asyncIterator](): AsyncGenerator<ReceivedInstance, void, undefined> {
    if (this.#isBegun) throw new TypeError('a retrieval can be iterated once');
    this.#isBegun = true;
    return this.#run(this);
  }

  /** Updates the report. Called by the code that runs the retrieval. */
  tell(change: Partial<RetrieveReport>): void {
    this.#report = { ...this.#report, ...change };
  }
}

const NOTHING: RetrieveReport = {
  status: Status.Pending,
  remaining: undefined,
  completed: 0,
  failed: 0,
  warning: 0,
  failedSopInstances: [],
  errorComment: undefined,
  failures: new Map(),
  unproposed: 0,
};

/** The properties of a response to C-GET or C-MOVE that the report uses. */
export interface RetrieveResponse extends ResponseStatus {
  readonly remaining?: number | undefined;
  readonly failed?: number | undefined;
  readonly identifier?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Yields the instances until the final response has arrived. Leaving early cancels and waits for that response.
 * @throws the errors of the responses, except a failure of all sub-operations, which only the report tells.
 */
export async function* receive(
  retrieval: Retrieval,
  instances: ReceivedInstances,
  call: (signal: AbortSignal) => Responses<RetrieveResponse>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReceivedInstance, void, undefined> {
  const leaving = new AbortController();
  const responses = call(signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal);
  const watching = watch(retrieval, instances, responses);
  try {
    for await (const instance of instances) {
      responses.progressed();
      yield instance;
      count(retrieval, instance.status);
    }
  } finally {
    leaving.abort(new Error('the retrieval was left'));
    await watching;
  }
}

/** Never rejects. */
async function watch(
  retrieval: Retrieval,
  instances: ReceivedInstances,
  responses: Responses<RetrieveResponse>,
): Promise<void> {
  try {
    for await (const { status, remaining } of responses) retrieval.tell({ status, remaining });
    tellFinal(retrieval, await responses.final);
    instances.end({});
  } catch (error) {
    if (!(error instanceof DimseError)) {
      instances.end({ error });
      return;
    }
    const { status, errorComment, response } = error;
    tellFinal(retrieval, { ...response, status, ...(errorComment !== undefined && { errorComment }) });
    instances.end(status === QueryRetrieveStatus.SubOperationsNotPerformed ? {} : { error });
  }
}

function count(retrieval: Retrieval, status: number): void {
  const { completed, warning } = retrieval.report;
  const kind = categoryIn(storage.statuses, status);
  if (kind === 'success') retrieval.tell({ completed: completed + 1 });
  else if (kind === 'warning') retrieval.tell({ warning: warning + 1 });
}

function tellFinal(retrieval: Retrieval, response: RetrieveResponse): void {
  const { status, remaining, failed = 0, errorComment, identifier } = response;
  const failedSopInstances = texts(identifier?.FailedSOPInstanceUIDList);
  retrieval.tell({ status, remaining, failed, failedSopInstances, errorComment });
}

/** @throws DimseError if nothing was retrieved because each sub-operation failed. */
export function assertRetrieved({ report }: Retrieval, operation: string, statuses: StatusTable): void {
  const { status, completed, warning, failedSopInstances, errorComment } = report;
  if (status !== QueryRetrieveStatus.SubOperationsNotPerformed || completed + warning > 0) return;
  const response = { identifier: { FailedSOPInstanceUIDList: failedSopInstances } };
  throw new DimseError(status, { operation, statuses, errorComment, response });
}
