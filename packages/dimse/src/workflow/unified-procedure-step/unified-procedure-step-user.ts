// The user of Unified Procedure Step: calls all operations of work items, and takes their events (PS3.4 Annex CC).

import { anAeTitle, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DataSet, DataSetInput } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import type { WorkItemAttributes } from '../../services/identifiers.ts';
import {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE,
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepAction,
  unifiedProcedureStep,
} from '../../services/unified-procedure-step.ts';
import type { CallOptions } from '../../session/call-options.ts';
import type { Responses } from '../../session/responses.ts';
import { type ResponseOf, type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import { type UnifiedProcedureStepState, withEmptyWorkItemAttributes } from './unified-procedure-step.ts';

type Answer<Name extends keyof (typeof unifiedProcedureStep)['operations']> = ResponseOf<
  typeof unifiedProcedureStep,
  Name
>;

/** A subscription to the events of one work item, of all, or of those that match keys. */
export interface SubscriptionRequest {
  /** AE title that receives the events. */
  readonly receivingAeTitle: string;
  /** SOP Instance UID of the one work item. Default: all work items, present and future. */
  readonly sopInstance?: string;
  /** Whether finished work items are kept until the subscription ends. Default false. */
  readonly hasDeletionLock?: boolean;
  /** Restricts a subscription to all work items to those that match. */
  readonly keys?: DataSetInput;
}

/** An event of a work item. */
export interface WorkItemEvent {
  /** SOP Instance UID of the work item. */
  readonly sopInstance: string;
  /** Event Type ID: see `UnifiedProcedureStepEvent`. */
  readonly eventType: number;
  /** Event information. */
  readonly information: DataSet;
}

/** Options of a `UnifiedProcedureStepUser`. */
export interface UnifiedProcedureStepUserOptions {
  /**
   * Receives the events of work items. The response is sent when it settles; an error it throws becomes the response.
   * Default: events are answered with success and ignored.
   */
  readonly onEvent?: (event: WorkItemEvent) => void | Promise<void>;
}

/**
 * Works on work items over sessions that propose `unifiedProcedureStep`. Every method throws a DimseError if the response has
 * a failure status.
 */
export class UnifiedProcedureStepUser {
  /** Takes events: for `serves` of `openSession`, or the `services` of an SCP that the provider of the work items calls. */
  readonly service: Service;

  constructor(options?: UnifiedProcedureStepUserOptions) {
    const { onEvent } = checkOptions(USER_OPTIONS, options);
    this.service = serve(
      unifiedProcedureStep,
      {
        async eventReport({ sopInstance, eventType, information = {} }) {
          await onEvent?.({ sopInstance, eventType, information });
          return Status.Success;
        },
      },
      { roles: { scu: true, scp: true } },
    );
  }

  /**
   * Creates a SCHEDULED work item and settles with its UID, which is a new one by default. Attributes of type 2 that are
   * missing are sent empty.
   */
  create(session: ServiceSession, attributes: WorkItemAttributes, options?: CreateOptions): Promise<Created>;
  create(session: ServiceSession, attributes: DataSetInput, options?: CreateOptions): Promise<Created>;
  async create(
    session: ServiceSession,
    attributes: DataSetInput,
    { sopInstance = makeUid(), ...options }: CreateOptions = {},
  ): Promise<Created> {
    const all = withEmptyWorkItemAttributes({ ProcedureStepState: 'SCHEDULED', TransactionUID: '', ...attributes });
    const response = await clientOf(session).create({ sopClass: PUSH, sopInstance, attributes: all }, options);
    return { ...response, sopInstance: response.sopInstance ?? sopInstance };
  }

  /** Gets the attributes with these tags (`0xggggeeee`), or all attributes. */
  get(
    session: ServiceSession,
    sopInstance: string,
    tags: readonly number[] = [],
    options: CallOptions = {},
  ): Promise<Answer<'get'>> {
    const requested = tags.length > 0 ? { attributeIdentifiers: tags } : {};
    return clientOf(session).get({ sopClass: PUSH, sopInstance, ...requested }, options);
  }

  /** Changes attributes. Needs the transaction UID if the work item is IN PROGRESS, and must not have it before. */
  set(
    session: ServiceSession,
    sopInstance: string,
    attributes: WorkItemAttributes,
    options?: SetOptions,
  ): Promise<Answer<'set'>>;
  set(
    session: ServiceSession,
    sopInstance: string,
    attributes: DataSetInput,
    options?: SetOptions,
  ): Promise<Answer<'set'>>;
  set(
    session: ServiceSession,
    sopInstance: string,
    attributes: DataSetInput,
    { transactionUid, ...options }: SetOptions = {},
  ): Promise<Answer<'set'>> {
    const all = { ...attributes, ...(transactionUid !== undefined && { TransactionUID: transactionUid }) };
    return clientOf(session).set({ sopClass: PUSH, sopInstance, attributes: all }, options);
  }

  /** Changes the state. The change to IN PROGRESS sets the transaction UID, which all later changes need. */
  changeState(
    session: ServiceSession,
    sopInstance: string,
    state: UnifiedProcedureStepState,
    transactionUid: string,
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    const information = { ProcedureStepState: state, TransactionUID: transactionUid };
    return act(session, sopInstance, UnifiedProcedureStepAction.ChangeState, information, options);
  }

  /**
   * Makes a work item IN PROGRESS under a new transaction UID, and settles with that.
   * @throws DimseError with C301H if another performer has claimed it.
   */
  async claim(session: ServiceSession, sopInstance: string, options: CallOptions = {}): Promise<string> {
    const transactionUid = makeUid();
    await this.changeState(session, sopInstance, 'IN PROGRESS', transactionUid, options);
    return transactionUid;
  }

  /** Requests that a work item be canceled. If it is IN PROGRESS, its performer decides. */
  requestCancel(
    session: ServiceSession,
    sopInstance: string,
    information: DataSetInput = {},
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    return act(session, sopInstance, UnifiedProcedureStepAction.RequestCancel, information, options);
  }

  /** Subscribes an AE title to events. */
  subscribe(
    session: ServiceSession,
    request: SubscriptionRequest,
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    const { receivingAeTitle, sopInstance, hasDeletionLock = false, keys } = checkOptions(SUBSCRIPTION, request);
    const global = keys ? FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE : GLOBAL_SUBSCRIPTION_INSTANCE;
    const information = { ...keys, ReceivingAE: receivingAeTitle, DeletionLock: hasDeletionLock ? 'TRUE' : 'FALSE' };
    return act(session, sopInstance ?? global, UnifiedProcedureStepAction.Subscribe, information, options);
  }

  /** Ends the subscription of an AE title to one work item, or to all. */
  unsubscribe(
    session: ServiceSession,
    request: SubscriptionRequest,
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    const { receivingAeTitle, sopInstance = GLOBAL_SUBSCRIPTION_INSTANCE } = checkOptions(SUBSCRIPTION, request);
    const information = { ReceivingAE: receivingAeTitle };
    return act(session, sopInstance, UnifiedProcedureStepAction.Unsubscribe, information, options);
  }

  /** Ends the subscription of an AE title to future work items. Subscriptions to existing ones remain. */
  suspendGlobalSubscription(
    session: ServiceSession,
    receivingAeTitle: string,
    options: CallOptions = {},
  ): Promise<Answer<'action'>> {
    const information = { ReceivingAE: receivingAeTitle };
    const { SuspendGlobalSubscription } = UnifiedProcedureStepAction;
    return act(session, GLOBAL_SUBSCRIPTION_INSTANCE, SuspendGlobalSubscription, information, options);
  }

  /** Finds the work items that match, each with its UID, on an accepted context of Pull, Watch or Query. */
  find(session: ServiceSession, identifier: DataSetInput, options: CallOptions = {}): Responses<Answer<'find'>> {
    const { Pull, Watch, Query } = unifiedProcedureStep.sopClasses;
    const accepted = [...session.association.contexts.values()].map(({ abstractSyntax }) => abstractSyntax);
    const { uid } = [Pull, Watch, Query].find((sopClass) => accepted.includes(sopClass.uid)) ?? Query;
    return clientOf(session).find({ sopClass: uid, identifier: { SOPInstanceUID: '', ...identifier } }, options);
  }
}

/** Options of `create`. The UID of the work item is a new one by default. */
type CreateOptions = CallOptions & { readonly sopInstance?: string };

type Created = Answer<'create'> & { readonly sopInstance: string };

/** Options of `set`. */
type SetOptions = CallOptions & { readonly transactionUid?: string };

const PUSH = unifiedProcedureStep.sopClasses.Push.uid;

function clientOf(session: ServiceSession) {
  return session.use(unifiedProcedureStep);
}

function act(
  session: ServiceSession,
  sopInstance: string,
  actionType: number,
  information: DataSetInput,
  options: CallOptions,
): Promise<Answer<'action'>> {
  return clientOf(session).action({ sopClass: PUSH, sopInstance, actionType, information }, options);
}

const USER_OPTIONS: OptionTable<UnifiedProcedureStepUserOptions> = {
  of: 'UnifiedProcedureStepUser',
  rules: { onEvent: aValueOf('function') },
};

const SUBSCRIPTION: OptionTable<SubscriptionRequest> = {
  of: 'subscribe',
  rules: {
    receivingAeTitle: anAeTitle,
    sopInstance: aValueOf('string'),
    hasDeletionLock: aValueOf('boolean'),
    keys: aValueOf('object'),
  },
  required: ['receivingAeTitle'],
};
