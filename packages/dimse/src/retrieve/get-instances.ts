// Retrieving as a user by C-GET, with the contexts and roles that the instances need (PS3.4 §C.4.3).

import type { ProposedContext } from '@x/net';
import type { DataSetInput } from '../data-set/dataset.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { openSession } from '../session/scu.ts';
import type { Session } from '../session/session.ts';
import { askForInstances } from './ask-for-instances.ts';
import type { FoundInstance } from './find-instances.ts';
import { connectionOf, type GetOptions, RETRIEVE_ASSOCIATIONS } from './get-options.ts';
import { GetReport } from './get-report.ts';
import { type ReceivedInstance, ReceivedInstances } from './received-instances.ts';
import { assertRetrieved, Retrieval, receive } from './retrieval.ts';
import {
  RETRIEVED_SOP_CLASSES,
  RETRIEVED_TRANSFER_SYNTAXES,
  RetrieveContexts,
  type RetrievedKinds,
} from './retrieve-contexts.ts';
import { isLossOf, retrieveMissing } from './retrieve-missing.ts';
import { callGet, onSession } from './retrieve-session.ts';

/**
 * Retrieves by C-GET. The peer is first asked by C-FIND, on an association of its own, for the SOP classes and the transfer
 * syntaxes of the instances; if it does not tell, all storage SOP classes are proposed. The storage contexts have the SCP
 * role: one for each SOP class with all transfer syntaxes, and one for each transfer syntax in which the peer may have
 * instances, because many peers do not transcode. Contexts that do not fit on one association are proposed on further ones,
 * as long as instances are missing. The peer is not asked if all contexts fit on one association anyway.
 *
 * The instances that are missing at the end are retrieved one by one at IMAGE level, if the peer told which they are and
 * there are contexts that may bring them, or if the retrieval ended because the peer could not process one of them, or
 * because the association was lost. An instance on which the association is lost twice fails; C-GET has no other way to
 * leave out an instance. If the peer does not support C-FIND, the loop throws the error of the loss.
 *
 * The loop also throws RangeError if `associations` is out of range.
 */
export function get(options: GetOptions): Retrieval {
  return new Retrieval((retrieval) => new Getting(options, retrieval).run());
}

class Getting {
  readonly #options: GetOptions;
  readonly #retrieval: Retrieval;
  readonly #sopClass: string;
  readonly #transferSyntaxes: readonly string[];
  readonly #most: number;
  readonly #report: GetReport;
  /** The status with which each instance was answered. */
  readonly #answered = new Map<string, number>();
  #instances = new ReceivedInstances();
  #contexts: RetrieveContexts;
  /** Undefined until the peer was asked, and if it does not tell. */
  #found: readonly FoundInstance[] | undefined;
  #hasAsked = false;
  #associations = 0;

  constructor(options: GetOptions, retrieval: Retrieval) {
    const { model = studyRoot, transferSyntaxes = RETRIEVED_TRANSFER_SYNTAXES, furtherTransferSyntaxes = [] } = options;
    const { associations = RETRIEVE_ASSOCIATIONS } = options;
    if (!Number.isInteger(associations) || associations < 1)
      throw new RangeError(`associations is ${associations}; it must be an integer from 1 on`);
    this.#options = options;
    this.#retrieval = retrieval;
    this.#sopClass = model.sopClasses.Get.uid;
    this.#transferSyntaxes = [...new Set([...furtherTransferSyntaxes, ...transferSyntaxes])];
    this.#most = associations;
    this.#contexts = this.#contextsFor(this.#defaultKinds());
    this.#report = new GetReport(retrieval, this.#answered);
  }

  async *run(): AsyncGenerator<ReceivedInstance, void, undefined> {
    const { identifier, model = studyRoot, signal } = this.#options;
    if (!this.#contexts.isWhole) {
      await this.#ask();
      if (this.#found) this.#contexts = this.#contextsFor(this.#kindsOf(this.#found));
    }
    let refusal: DimseError | undefined;
    for (const contexts of this.#groups()) {
      const before = this.#answered.size;
      const session = await this.#open(contexts);
      try {
        // A later association without storage contexts cannot bring anything.
        if (before === 0 || acceptsStorage(session, this.#sopClass))
          yield* onSession(session, this.#get(session, identifier));
        else await session.release();
      } catch (error) {
        if (signal?.aborted) throw error;
        if (isLossOf(error, session)) {
          await this.#ask();
          if (!this.#found) throw error;
          yield* this.#missing(this.#found, (kinds) => this.#contexts.again(kinds), error);
          return;
        }
        if (!isUnableToProcess(error)) throw error;
        refusal = error;
      }
      if (!this.#report.settle(before) && !refusal && !this.#isMissing()) break;
    }
    if (this.#isMissing() || refusal) {
      if (refusal) await this.#ask();
      const isOver = refusal !== undefined || this.#isUncounted();
      const planned = (kinds: RetrievedKinds) => (isOver ? this.#contexts.again(kinds) : this.#contexts.further(kinds));
      if (this.#found) {
        yield* this.#missing(this.#found, planned, undefined);
        // Without knowing their transfer syntaxes, there would be too many to try one by one.
        const told = this.#found.filter(({ transferSyntaxes }) => transferSyntaxes.length > 0);
        const separate = () => this.#contexts.separate(this.#kindsOf(this.#unanswered(told)));
        if (this.#isMissing()) yield* this.#missing(this.#found, separate, refusal);
      } else if (refusal) throw refusal;
    }
    this.#report.explainMissing(this.#found ?? [], this.#contexts);
    assertRetrieved(this.#retrieval, 'C-GET', model.statuses);
  }

  /** Retrieves the missing instances one by one. @throws the cause, if there is one and nothing could be retrieved */
  async *#missing(
    found: readonly FoundInstance[],
    planned: (kinds: RetrievedKinds) => readonly (readonly ProposedContext[])[],
    cause: unknown,
  ): AsyncGenerator<ReceivedInstance, void, undefined> {
    const missing = this.#unanswered(found);
    const groups = planned(this.#kindsOf(missing));
    yield* retrieveMissing(
      {
        groups: this.#within(groups),
        open: (contexts) => this.#open(contexts),
        retrieve: (session, { identifier }) => this.#get(session, identifier),
        hasAnswered: (uid) => this.#answered.has(uid),
        failed: (uid, error) => this.#report.failed(uid, error),
      },
      missing,
    );
    if (!this.#report.settleMissing(missing) && cause !== undefined) throw cause;
    this.#report.explainMissing(found, this.#contexts);
  }

  /** The groups of contexts for the whole identifier. Later ones depend on the answers to the earlier ones. */
  *#groups(): Generator<readonly ProposedContext[], void, undefined> {
    yield* this.#within(this.#contexts.first());
    if (!this.#found) yield* this.#within(this.#contexts.further());
  }

  /** The groups that our limit of associations allows. */
  *#within(groups: readonly (readonly ProposedContext[])[]): Generator<readonly ProposedContext[], void, undefined> {
    for (const [at, contexts] of groups.entries()) {
      if (this.#associations >= this.#most) {
        this.#report.unproposed(groups.slice(at));
        return;
      }
      this.#associations++;
      yield contexts;
    }
  }

  /** Asks which instances there are, once. @throws the errors of a peer that cannot be reached */
  async #ask(): Promise<void> {
    if (!this.#hasAsked) this.#found = await askForInstances(this.#options);
    this.#hasAsked = true;
  }

  /** Whether the peer told of instances that have not arrived. Some peers do not count those that they cannot send. */
  #isMissing(): boolean {
    const { completed, warning } = this.#retrieval.report;
    const found = this.#found ?? [];
    return completed + warning < found.length && this.#unanswered(found).length > 0;
  }

  #unanswered(found: readonly FoundInstance[]): readonly FoundInstance[] {
    return found.filter(({ sopInstance }) => !this.#answered.has(sopInstance));
  }

  /** Whether more instances are missing than the peer counts as failed: it may not have tried to send them. */
  #isUncounted(): boolean {
    return this.#unanswered(this.#found ?? []).length > this.#retrieval.report.failed;
  }

  async #open(contexts: readonly ProposedContext[]): Promise<Session> {
    const { model = studyRoot, onSession: opened } = this.#options;
    const received = new ReceivedInstances();
    this.#instances = received;
    // A peer that transcodes sends the same instances again on a later association.
    const serves = [received.service(({ sopInstance }) => this.#answered.get(sopInstance))];
    const session = await openSession({ ...connectionOf(this.#options), services: [model], serves, contexts });
    this.#contexts.negotiated(session);
    opened?.(session);
    return session;
  }

  #get(session: Session, identifier: DataSetInput): AsyncGenerator<ReceivedInstance, void, undefined> {
    const { model = studyRoot } = this.#options;
    this.#instances.restart();
    const call = (signal: AbortSignal) => callGet(session, model, { sopClass: this.#sopClass, identifier }, { signal });
    const received = receive(this.#retrieval, this.#instances, call, this.#options.signal);
    return this.#report.remembered(session, received);
  }

  #contextsFor(kinds: RetrievedKinds): RetrieveContexts {
    return new RetrieveContexts(this.#sopClass, kinds, this.#transferSyntaxes);
  }

  /** The SOP classes that are proposed if the peer does not tell, in all transfer syntaxes. */
  #defaultKinds(): RetrievedKinds {
    const { sopClasses = RETRIEVED_SOP_CLASSES, furtherSopClasses = [] } = this.#options;
    const syntaxes = new Set(this.#transferSyntaxes);
    return new Map([...furtherSopClasses, ...sopClasses].map((uid) => [uid, syntaxes]));
  }

  /** The kinds of instances, as far as the options allow them. */
  #kindsOf(found: readonly FoundInstance[]): RetrievedKinds {
    const { sopClasses, furtherSopClasses = [], transferSyntaxes } = this.#options;
    const classes = sopClasses && new Set([...sopClasses, ...furtherSopClasses]);
    const syntaxes = transferSyntaxes && new Set(this.#transferSyntaxes);
    const kinds = new Map(furtherSopClasses.map((uid) => [uid, new Set<string>()]));
    for (const { sopClass, transferSyntaxes: told } of found) {
      // The peer may have any kind of instance if it does not tell the kind of one.
      if (sopClass === undefined) return this.#defaultKinds();
      if (classes && !classes.has(sopClass)) continue;
      const own = kinds.get(sopClass) ?? new Set<string>();
      kinds.set(sopClass, own);
      for (const uid of told.length > 0 ? told : this.#transferSyntaxes)
        if (!syntaxes || syntaxes.has(uid)) own.add(uid);
    }
    return kinds;
  }
}

function acceptsStorage({ association }: Session, retrieveSopClass: string): boolean {
  return [...association.contexts.values()].some(
    ({ abstractSyntax, roles }) => abstractSyntax !== retrieveSopClass && roles.scp,
  );
}

/** Whether the peer ended the retrieval because of an instance (PS3.4 Table C.4-3): C000H to CFFFH. */
function isUnableToProcess(error: unknown): error is DimseError {
  return error instanceof DimseError && (error.status & 0xf000) === Status.CannotUnderstand;
}
