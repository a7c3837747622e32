// Unified Procedure Step as its user calls it, and takes its events (PS3.4 Annex CC).

import type { DataSet } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE,
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepAction,
  unifiedProcedureStep,
} from '../../services/unified-procedure-step.ts';
import type { Responses } from '../../session/responses.ts';
import {
  type CallOptions,
  type ResponseOf,
  type Service,
  type ServiceSession,
  serve,
} from '../../session/service-class.ts';
import { type UnifiedProcedureStepState, withEmptyWorkItemAttributes } from './unified-procedure-step.ts';

type Answer<Name extends keyof (typeof unifiedProcedureStep)['operations']> = ResponseOf<
  typeof unifiedProcedureStep,
  Name
>;

/** Whom to tell of what: one work item; or all; or, of those to come and those there are, the ones that match keys. */
export interface SubscriptionRequest {
  /** AE title that is told. */
  readonly receivingAeTitle: string;
  /** Default: all of them. */
  readonly sopInstance?: string;
  /** Whether finished work items are kept until the subscription ends. Default no. */
  readonly hasDeletionLock?: boolean;
  /** For a subscription to all that match. */
  readonly keys?: DataSet;
}

/** Work items on a session that proposes `unifiedProcedureStep`. Every method throws DimseError for a failure status. */
export class UnifiedProcedureStepUser {
  readonly #session: ServiceSession;

  constructor(session: ServiceSession) {
    this.#session = session;
  }

  /**
   * Creates a SCHEDULED work item; its UID is made where none is given. The response tells it. Attributes of type 2 that
   * are left out are sent empty.
   */
  async create(
    attributes: DataSet,
    { sopInstance = makeUid(), ...options }: CallOptions & { readonly sopInstance?: string } = {},
  ): Promise<Answer<'create'> & { readonly sopInstance: string }> {
    const all = withEmptyWorkItemAttributes({ ProcedureStepState: 'SCHEDULED', TransactionUID: '', ...attributes });
    const response = await this.#client.create({ sopClass: PUSH, sopInstance, attributes: all }, options);
    return { ...response, sopInstance: response.sopInstance ?? sopInstance };
  }

  /** The attributes of a work item: those of the tags `0xggggeeee`, or all. */
  get(sopInstance: string, tags: readonly number[] = [], options: CallOptions = {}): Promise<Answer<'get'>> {
    const asked = tags.length > 0 ? { attributeIdentifiers: tags } : {};
    return this.#client.get({ sopClass: PUSH, sopInstance, ...asked }, options);
  }

  /** Changes attributes: with the transaction UID while it is IN PROGRESS, without before. */
  set(
    sopInstance: string,
    attributes: DataSet,
    { transactionUid, ...options }: CallOptions & { readonly transactionUid?: string } = {},
  ): Promise<Answer<'set'>> {
    const all = { ...attributes, ...(transactionUid !== undefined && { TransactionUID: transactionUid }) };
    return this.#client.set({ sopClass: PUSH, sopInstance, attributes: all }, options);
  }

  /** Changes the state. Whoever makes it IN PROGRESS chooses the transaction UID, and shows it from then on. */
  changeState(
    sopInstance: string,
    state: UnifiedProcedureStepState,
    transactionUid: string,
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    const information = { ProcedureStepState: state, TransactionUID: transactionUid };
    return this.#act(sopInstance, UnifiedProcedureStepAction.ChangeState, information, options);
  }

  /** Takes a work item: IN PROGRESS, under a transaction UID of our own, which is given. C301H: another has it. */
  async claim(sopInstance: string, options: CallOptions = {}): Promise<string> {
    const transactionUid = makeUid();
    await this.changeState(sopInstance, 'IN PROGRESS', transactionUid, options);
    return transactionUid;
  }

  /** Asks for a work item to be canceled: one that is IN PROGRESS by its performer, who decides. */
  requestCancel(sopInstance: string, information: DataSet = {}, options: CallOptions = {}): Promise<Answer<'action'>> {
    return this.#act(sopInstance, UnifiedProcedureStepAction.RequestCancel, information, options);
  }

  subscribe(request: SubscriptionRequest, options: CallOptions = {}): Promise<Answer<'action'>> {
    const { receivingAeTitle, sopInstance, hasDeletionLock = false, keys } = request;
    const global = keys ? FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE : GLOBAL_SUBSCRIPTION_INSTANCE;
    const information = { ...keys, ReceivingAE: receivingAeTitle, DeletionLock: hasDeletionLock ? 'TRUE' : 'FALSE' };
    return this.#act(sopInstance ?? global, UnifiedProcedureStepAction.Subscribe, information, options);
  }

  /** Ends a subscription: to one work item, or to all. */
  unsubscribe(
    { receivingAeTitle, sopInstance = GLOBAL_SUBSCRIPTION_INSTANCE }: SubscriptionRequest,
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    const information = { ReceivingAE: receivingAeTitle };
    return this.#act(sopInstance, UnifiedProcedureStepAction.Unsubscribe, information, options);
  }

  /** Work items to come are not subscribed to any more; those that are there stay so. */
  suspendGlobalSubscription(receivingAeTitle: string, options: CallOptions = {}): Promise<Answer<'action'>> {
    const information = { ReceivingAE: receivingAeTitle };
    const { SuspendGlobalSubscription } = UnifiedProcedureStepAction;
    return this.#act(GLOBAL_SUBSCRIPTION_INSTANCE, SuspendGlobalSubscription, information, options);
  }

  /** Work items that match, with their UID, on whichever of the SOP classes that find was accepted. */
  find(identifier: DataSet, options: CallOptions = {}): Responses<Answer<'find'>> {
    const { Pull, Watch, Query } = unifiedProcedureStep.sopClasses;
    const accepted = [...this.#session.association.contexts.values()].map(({ abstractSyntax }) => abstractSyntax);
    const { uid } = [Pull, Watch, Query].find((sopClass) => accepted.includes(sopClass.uid)) ?? Query;
    return this.#client.find({ sopClass: uid, identifier: { SOPInstanceUID: '', ...identifier } }, options);
  }

  get #client() {
    return this.#session.use(unifiedProcedureStep);
  }

  #act(sopInstance: string, actionType: number, information: DataSet, options: CallOptions): Promise<Answer<'action'>> {
    return this.#client.action({ sopClass: PUSH, sopInstance, actionType, information }, options);
  }
}

const PUSH = unifiedProcedureStep.sopClasses.Push.uid;

/** An event of a work item. */
export interface WorkItemEvent {
  readonly sopInstance: string;
  /** See UnifiedProcedureStepEvent. */
  readonly eventType: number;
  readonly information: DataSet;
}

/**
 * Takes events: among `serves` of `openSession` on an association of ours, or `services` of a provider that the work items'
 * provider calls. It is told that an event has arrived when `handle` has settled; what that throws is answered.
 */
export function workItemEvents(handle: (event: WorkItemEvent) => void | Promise<void>): Service {
  return serve(
    unifiedProcedureStep,
    {
      async eventReport({ sopInstance, eventType, information = {} }) {
        await handle({ sopInstance, eventType, information });
        return Status.Success;
      },
    },
    { roles: { scu: true, scp: true } },
  );
}
