// A provider of Modality Performed Procedure Step, its retrieval and notification: PS3.4 Annex F.

import { tagOf } from '../../data-set/data-dictionary.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import {
  modalityPerformedProcedureStep,
  PERFORMED_PROCEDURE_STEP_EVENTS,
} from '../../services/performed-procedure-step.ts';
import { type HandlerContext, type Service, serve } from '../../session/service-class.ts';
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import { createdStep, updatedStep } from './performed-procedure-step.ts';
import {
  createPerformedProcedureStepStore,
  type PerformedProcedureStepStore,
} from './performed-procedure-step-store.ts';

export interface PerformedProcedureStepProviderOptions {
  /** Default: in memory, lost with the process. */
  readonly store?: PerformedProcedureStepStore;
  /** Told of each step that was created or set, before the peer is; what it throws is answered in place of success. */
  readonly changed?: (sopInstance: string, step: DataSet, context: HandlerContext) => void | Promise<void>;
  /** Who is told by N-EVENT-REPORT of the notification class, and by what. Default nobody. */
  readonly notify?: {
    readonly delivery: EventDelivery;
    readonly peers: (step: DataSet) => readonly string[];
    /** Told when the delivery does not take an event: who reports the step is answered success all the same. */
    readonly failed?: (error: unknown, peer: string, sopInstance: string, context: HandlerContext) => void;
  };
}

/** The service of a manager of performed procedure steps: give it to `createScp`. */
export function performedProcedureStepProvider(options: PerformedProcedureStepProviderOptions = {}): Service {
  const { store = createPerformedProcedureStepStore(), changed, notify } = options;
  const tell = async (
    sopInstance: string,
    step: DataSet,
    eventType: number,
    context: HandlerContext,
  ): Promise<void> => {
    await changed?.(sopInstance, step, context);
    if (!notify) return;
    for (const peer of notify.peers(step))
      try {
        await notify.delivery.deliver({ peer, sopClass: NOTIFICATION, sopInstance, eventType });
      } catch (error) {
        notify.failed?.(error, peer, sopInstance, context);
      }
  };
  return serve(modalityPerformedProcedureStep, {
    async create({ sopInstance = makeUid(), attributes }, context) {
      const step = createdStep(attributes);
      if (!(await store.add(sopInstance, step))) throw new DimseError(Status.DuplicateSopInstance);
      await tell(sopInstance, step, PERFORMED_PROCEDURE_STEP_EVENTS['IN PROGRESS'], context);
      return { status: Status.Success, sopInstance };
    },
    async set({ sopInstance, attributes }, context) {
      const step = await store.change(sopInstance, (before) => updatedStep(before, attributes));
      if (!step) throw new DimseError(Status.NoSuchSopInstance);
      const status = step.PerformedProcedureStepStatus;
      const event = status === 'COMPLETED' || status === 'DISCONTINUED' ? status : 'updated';
      await tell(sopInstance, step, PERFORMED_PROCEDURE_STEP_EVENTS[event], context);
      return Status.Success;
    },
    async get({ sopInstance, attributeIdentifiers = [] }) {
      const step = await store.get(sopInstance);
      if (!step) throw new DimseError(Status.NoSuchSopInstance);
      if (attributeIdentifiers.length === 0) return { status: Status.Success, attributes: step };
      const asked = new Set(attributeIdentifiers);
      const attributes = Object.fromEntries(
        Object.entries(step).filter(([key]) => key === 'SpecificCharacterSet' || asked.has(tagOf(key) ?? -1)),
      );
      const isComplete = [...asked].every((tag) => Object.keys(attributes).some((key) => tagOf(key) === tag));
      return { status: isComplete ? Status.Success : Status.RequestedOptionalAttributesNotSupported, attributes };
    },
  });
}

const NOTIFICATION = modalityPerformedProcedureStep.sopClasses.Notification.uid;
