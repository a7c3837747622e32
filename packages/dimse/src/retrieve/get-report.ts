// The report of a retrieval by C-GET over its associations, and why instances are missing (PS3.4 §C.4.3).

import type { ProposedContext } from '@x/net';
import type { DimseError } from '../message/errors.ts';
import { categoryIn, describeStatus, Status } from '../message/status.ts';
import { uidName } from '../registry/uids.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';
import type { Session } from '../session/session.ts';
import type { FoundInstance } from './find-instances.ts';
import type { ReceivedInstance } from './received-instances.ts';
import type { Retrieval, RetrieveFailure } from './retrieval.ts';
import type { RetrieveContexts } from './retrieve-contexts.ts';

/** Updates the report of a retrieval. */
export class GetReport {
  readonly #retrieval: Retrieval;
  readonly #answered: Map<string, number>;
  /** The failures of the instances that were requested alone. */
  readonly #errors = new Map<string, DimseError>();

  /** @param answered The status with which each instance was answered; `remembered` fills it. */
  constructor(retrieval: Retrieval, answered: Map<string, number>) {
    this.#retrieval = retrieval;
    this.#answered = answered;
  }

  /** Records the status with which each instance was answered. */
  async *remembered(
    { association }: Session,
    instances: AsyncIterable<ReceivedInstance>,
  ): AsyncGenerator<ReceivedInstance, void, undefined> {
    for await (const instance of instances) {
      yield instance;
      // The loss of the association is not an answer.
      if (association.isEstablished) this.#answered.set(instance.sopInstance, instance.status);
    }
  }

  /** Records the failure of an instance that was requested alone. */
  failed(sopInstance: string, error: DimseError): void {
    this.#errors.set(sopInstance, error);
  }

  /** Records contexts that were not proposed because of the limit of associations. */
  unproposed(groups: readonly (readonly ProposedContext[])[]): void {
    // Each group has the context of the retrieval itself.
    const count = groups.reduce((sum, { length }) => sum + length - 1, 0);
    this.#retrieval.tell({ unproposed: this.#retrieval.report.unproposed + count });
  }

  /** Updates the counts over all associations so far. Returns whether another association may bring more. */
  settle(before: number): boolean {
    const { failed, failedSopInstances, completed, warning } = this.#retrieval.report;
    const missing = failedSopInstances.filter((uid) => !this.#answered.has(uid));
    const refused = this.#refused();
    // The peer counts instances that were sent before as failures, because they have no context now.
    const count = failedSopInstances.length > 0 ? missing.length : Math.max(failed - before, 0);
    this.#retrieval.tell({
      failed: count + refused.length,
      failedSopInstances: [...missing, ...refused],
      ...(count + refused.length === 0 && warning === 0 && { errorComment: undefined }),
      ...(completed + warning > 0 && {
        status:
          count + refused.length + warning > 0 ? QueryRetrieveStatus.SubOperationsCompleteWithFailures : Status.Success,
      }),
    });
    return count > 0;
  }

  /** Updates the counts after instances were requested one by one. Returns whether anything was retrieved at all. */
  settleMissing(instances: readonly FoundInstance[]): boolean {
    const { completed, warning, status: last, errorComment } = this.#retrieval.report;
    const missing = instances.map(({ sopInstance }) => sopInstance).filter((uid) => !this.#answered.has(uid));
    const failedSopInstances = [...missing, ...this.#refused()];
    const failed = failedSopInstances.length;
    const isAny = completed + warning > 0;
    const status =
      failed + warning === 0
        ? Status.Success
        : isAny
          ? QueryRetrieveStatus.SubOperationsCompleteWithFailures
          : QueryRetrieveStatus.SubOperationsNotPerformed;
    const comment = status === last ? errorComment : undefined;
    this.#retrieval.tell({ failed, failedSopInstances, status, remaining: 0, errorComment: comment });
    return isAny;
  }

  /** Says of the missing instances whose limit it was, as far as it is known. */
  explainMissing(found: readonly FoundInstance[], contexts: RetrieveContexts): void {
    const failures = new Map<string, RetrieveFailure>();
    const missing = new Set(this.#retrieval.report.failedSopInstances);
    for (const instance of found) {
      const { sopInstance } = instance;
      if (!missing.has(sopInstance) || this.#answered.has(sopInstance)) continue;
      const failure = failureOf(instance, contexts, this.#errors.get(sopInstance));
      if (failure) failures.set(sopInstance, failure);
    }
    this.#retrieval.tell({ failures });
  }

  #refused(): string[] {
    return [...this.#answered]
      .filter(([, status]) => categoryIn(storage.statuses, status) === 'failure')
      .map(([uid]) => uid);
  }
}

function failureOf(
  { sopClass, transferSyntaxes }: FoundInstance,
  contexts: RetrieveContexts,
  error: DimseError | undefined,
): RetrieveFailure | undefined {
  if (sopClass === undefined) return undefined;
  const name = uidName(sopClass);
  const accepted = contexts.accepted(sopClass);
  if (!accepted) return { by: 'requestor', reason: `we did not propose ${name}` };
  if (accepted.size === 0) return { by: 'provider', reason: `the peer accepts no presentation context for ${name}` };
  if (transferSyntaxes.length > 0 && !transferSyntaxes.some((uid) => accepted.has(uid))) {
    const has = transferSyntaxes.map(uidName).join(' or ');
    const isProposed = transferSyntaxes.some((uid) => contexts.isProposed(sopClass, uid));
    return isProposed
      ? {
          by: 'provider',
          reason: `the peer has it in ${has}, and accepts ${name} in ${[...accepted].map(uidName).join(', ')}`,
        }
      : { by: 'requestor', reason: `we did not propose ${name} in ${has}` };
  }
  if (!error) return undefined;
  const comment = error.errorComment === undefined ? '' : `: ${JSON.stringify(error.errorComment)}`;
  const status = describeStatus(error.status, studyRoot.statuses);
  return { by: 'provider', reason: `the peer could not send it: ${status}${comment}` };
}
