// Instances that are being retrieved, and how the retrieval stands (PS3.4 §C.4.2 and §C.4.3).

import { texts } from '../data-set/access.ts';
import { DimseError } from '../message/errors.ts';
import { categoryIn, Status, type StatusTable } from '../message/status.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';
import type { ResponseStatus, Responses } from '../session/responses.ts';
import type { ReceivedInstance, ReceivedInstances } from './received-instances.ts';

/** How a retrieval stands, or how it ended. */
export interface RetrieveReport {
  /** Of the last response; Pending before. */
  readonly status: number;
  /** Sub-operations to come, as far as the peer says. */
  readonly remaining: number | undefined;
  /** Instances that were received, and answered Success. */
  readonly completed: number;
  /** Instances that were received, and answered with a warning. */
  readonly warning: number;
  /** Instances that were not retrieved, as far as the peer says so. */
  readonly failed: number;
  /** Those the peer could not send, or we did not take, as far as it says so. */
  readonly failedSopInstances: readonly string[];
  readonly errorComment: string | undefined;
}

/**
 * Instances that are being retrieved. Nothing happens before the loop begins; leaving it early cancels, and at its end
 * all that was opened is closed. Each instance is answered when the loop asks for the next one.
 */
export class Retrieval implements AsyncIterable<ReceivedInstance> {
  readonly #run: (retrieval: Retrieval) => AsyncGenerator<ReceivedInstance, void, undefined>;
  #report: RetrieveReport = NOTHING;
  #isBegun = false;

  constructor(run: (retrieval: Retrieval) => AsyncGenerator<ReceivedInstance, void, undefined>) {
    this.#run = run;
  }

  /** How it stands: after the loop, how it ended. */
  get report(): RetrieveReport {
    return this.#report;
  }

  /**
   * The instances, once.
   * @throws DimseError for a final failure status, unless instances were retrieved and only some failed; what opening
   * an association and listening throw; RequestError where the association is lost.
   */
  [Symbol.asyncIterator](): AsyncGenerator<ReceivedInstance, void, undefined> {
    if (this.#isBegun) throw new TypeError('a retrieval can be iterated once');
    this.#isBegun = true;
    return this.#run(this);
  }

  /** Takes what has changed. For who runs it. */
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
};

/** What of a response to C-GET or C-MOVE counts. */
export interface RetrieveResponse extends ResponseStatus {
  readonly remaining?: number | undefined;
  readonly failed?: number | undefined;
  readonly identifier?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Hands on what is received until the final response has come. Leaving it early cancels and waits for that response.
 * That each sub-operation failed is told by the report alone.
 * @throws what the responses throw otherwise.
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

/** @throws DimseError where nothing was retrieved, because each sub-operation failed. */
export function assertRetrieved({ report }: Retrieval, operation: string, statuses: StatusTable): void {
  const { status, completed, warning, failedSopInstances, errorComment } = report;
  if (status !== QueryRetrieveStatus.SubOperationsNotPerformed || completed + warning > 0) return;
  const response = { identifier: { FailedSOPInstanceUIDList: failedSopInstances } };
  throw new DimseError(status, { operation, statuses, errorComment, response });
}
