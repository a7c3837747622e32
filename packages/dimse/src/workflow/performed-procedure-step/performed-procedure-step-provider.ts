// The provider of Modality Performed Procedure Step, its retrieval and its notification (PS3.4 Annex F).

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DataSet } from '../../data-set/dataset.ts';
import { byKeywordInTurns } from '../../data-set/misfits.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import {
  modalityPerformedProcedureStep,
  PERFORMED_PROCEDURE_STEP_EVENTS,
} from '../../services/performed-procedure-step.ts';
import { type HandledRequest, type HandlerContext, type Service, serve } from '../../session/service-class.ts';
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import { type OnFailure, type Provider, reportFailure } from '../provider.ts';
import { requestedAttributes } from '../requested-attributes.ts';
import { createdStep, updatedStep } from './performed-procedure-step.ts';
import {
  createPerformedProcedureStepStore,
  isFinishedStep,
  type PerformedProcedureStepStore,
} from './performed-procedure-step-store.ts';

/** Options of a `PerformedProcedureStepProvider`. */
export interface PerformedProcedureStepProviderOptions {
  /** Keeps the steps. Default: a store in memory, which is lost with the process. */
  readonly store?: PerformedProcedureStepStore;
  /** Delivers the events of the Notification SOP class to the peers that `peersToNotify` names. */
  readonly delivery?: EventDelivery;
  /** AE titles of the peers that are notified of a change of a step. Default none. */
  readonly peersToNotify?: (step: DataSet) => readonly string[];
  /** Called when a step was created or set, before the response. An error it throws becomes the response. */
  readonly onChange?: (sopInstance: string, step: DataSet, context: HandlerContext) => void | Promise<void>;
  /** Called if the delivery does not accept an event. The change itself has succeeded, and the response says so. */
  readonly onFailure?: OnFailure;
}

type Request<Name extends keyof (typeof modalityPerformedProcedureStep)['operations']> = HandledRequest<
  typeof modalityPerformedProcedureStep,
  Name
>;

/** Manages performed procedure steps, which modalities create and set. */
export class PerformedProcedureStepProvider implements Provider {
  readonly service: Service;
  readonly #options: PerformedProcedureStepProviderOptions;
  readonly #store: PerformedProcedureStepStore;

  constructor(options: PerformedProcedureStepProviderOptions = {}) {
    this.#options = checkOptions(PROVIDER_OPTIONS, options);
    this.#store = options.store ?? createPerformedProcedureStepStore();
    this.service = serve(modalityPerformedProcedureStep, {
      create: (request, context) => this.#create(request, context),
      set: (request, context) => this.#set(request, context),
      get: (request) => this.#get(request),
    });
  }

  /** Settles at once: this provider does nothing between requests. */
  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #create({ sopInstance = makeUid(), attributes }: Request<'create'>, context: HandlerContext) {
    const step = createdStep(await byKeywordInTurns(attributes ?? {}));
    if (!(await this.#store.add(sopInstance, step, context.callingAeTitle)))
      throw new DimseError(Status.DuplicateSopInstance);
    await this.#report(sopInstance, step, PERFORMED_PROCEDURE_STEP_EVENTS['IN PROGRESS'], context);
    return { status: Status.Success, sopInstance };
  }

  async #set({ sopInstance, attributes }: Request<'set'>, context: HandlerContext): Promise<number> {
    const changes = await byKeywordInTurns(attributes);
    const step = await this.#store.change(sopInstance, (before) => updatedStep(before, changes));
    if (!step) throw new DimseError(Status.NoSuchSopInstance);
    const status = step.PerformedProcedureStepStatus as 'COMPLETED' | 'DISCONTINUED';
    const event = isFinishedStep(step) ? status : 'updated';
    await this.#report(sopInstance, step, PERFORMED_PROCEDURE_STEP_EVENTS[event], context);
    return Status.Success;
  }

  async #get({ sopInstance, attributeIdentifiers = [] }: Request<'get'>) {
    const step = await this.#store.get(sopInstance);
    if (!step) throw new DimseError(Status.NoSuchSopInstance);
    const { attributes, absent } = requestedAttributes(step, attributeIdentifiers);
    const status = absent.length === 0 ? Status.Success : Status.RequestedOptionalAttributesNotSupported;
    return { status, attributes };
  }

  async #report(sopInstance: string, step: DataSet, eventType: number, context: HandlerContext): Promise<void> {
    const { delivery, peersToNotify, onChange, onFailure } = this.#options;
    await onChange?.(sopInstance, step, context);
    if (!delivery || !peersToNotify) return;
    const sopClass = modalityPerformedProcedureStep.sopClasses.Notification.uid;
    for (const peer of peersToNotify(step))
      try {
        await delivery.deliver({ peer, sopClass, sopInstance, eventType });
      } catch (error) {
        reportFailure(onFailure, { error, peer, sopInstance, session: context.session });
      }
  }
}

const PROVIDER_OPTIONS: OptionTable<PerformedProcedureStepProviderOptions> = {
  of: 'PerformedProcedureStepProvider',
  rules: {
    store: aValueOf('object'),
    delivery: aValueOf('object'),
    peersToNotify: aValueOf('function'),
    onChange: aValueOf('function'),
    onFailure: aValueOf('function'),
  },
};
