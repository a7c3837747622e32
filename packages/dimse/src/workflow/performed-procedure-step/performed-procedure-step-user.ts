// The user of Modality Performed Procedure Step: reports steps from their beginning to their end, and takes notifications
// (PS3.4 §F.7 and §F.9).

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DataSetInput } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import type { PerformedStepAttributes } from '../../services/identifiers.ts';
import { modalityPerformedProcedureStep } from '../../services/performed-procedure-step.ts';
import { CALL_OPTIONS, CALL_RULES, type CallOptions } from '../../session/call-options.ts';
import { type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import {
  createdStep,
  type PerformedProcedureStepStatus,
  updatedStep,
  withEmptyStepAttributes,
} from './performed-procedure-step.ts';

/** A change of a step that the manager of performed procedure steps notifies. */
export interface PerformedProcedureStepEvent {
  /** SOP Instance UID of the step. */
  readonly sopInstance: string;
  /** Event Type ID: see `PERFORMED_PROCEDURE_STEP_EVENTS`. */
  readonly eventType: number;
}

/** Options of a `PerformedProcedureStepUser`. */
export interface PerformedProcedureStepUserOptions {
  /**
   * Receives the events of the Notification SOP class. The response is sent when it settles; an error it throws becomes the
   * response. Default: events are answered with success and ignored.
   */
  readonly onEvent?: (event: PerformedProcedureStepEvent) => void | Promise<void>;
}

/** Reports performed procedure steps, as a modality does, and takes the notifications of others. */
export class PerformedProcedureStepUser {
  /** Takes events: for `serves` of `openSession`, or the `services` of an SCP that the manager calls. */
  readonly service: Service;

  constructor(options?: PerformedProcedureStepUserOptions) {
    const { onEvent } = checkOptions(USER_OPTIONS, options);
    this.service = serve(
      modalityPerformedProcedureStep,
      {
        async eventReport({ sopInstance, eventType }) {
          await onEvent?.({ sopInstance, eventType });
          return Status.Success;
        },
      },
      { roles: { scu: false, scp: true } },
    );
  }

  /**
   * Reports that a step has begun; its status is IN PROGRESS. Attributes of type 2 that are missing are sent empty, among
   * them the reason for a discontinuation, which could not be set later otherwise.
   * @throws DimseError before anything is sent if an attribute of type 1 is missing, or if the response has a failure status.
   */
  begin(
    session: ServiceSession,
    attributes: PerformedStepAttributes,
    options?: BeginOptions,
  ): Promise<PerformedProcedureStep>;
  begin(session: ServiceSession, attributes: DataSetInput, options?: BeginOptions): Promise<PerformedProcedureStep>;
  async begin(
    session: ServiceSession,
    attributes: DataSetInput,
    options: BeginOptions = {},
  ): Promise<PerformedProcedureStep> {
    const { sopInstance = makeUid(), ...callOptions } = checkOptions(BEGIN_OPTIONS, options);
    const begun = { ...attributes, PerformedProcedureStepStatus: 'IN PROGRESS' };
    const created = createdStep(withEmptyStepAttributes(begun, 'create'));
    const { create } = session.use(modalityPerformedProcedureStep);
    const response = await create({ sopInstance, attributes: created }, callOptions);
    return new PerformedProcedureStep(response.sopInstance ?? sopInstance, created);
  }
}

/** Options of `begin`. The UID of the step is a new one by default. */
type BeginOptions = CallOptions & { readonly sopInstance?: string };

/** A performed procedure step that this modality reports. `PerformedProcedureStepUser.begin` makes it. */
export class PerformedProcedureStep {
  /** SOP Instance UID of the step. */
  readonly sopInstance: string;
  #attributes: DataSetInput;

  constructor(sopInstance: string, attributes: DataSetInput) {
    this.sopInstance = sopInstance;
    this.#attributes = attributes;
  }

  /** The attributes reported so far. */
  get attributes(): DataSetInput {
    return this.#attributes;
  }

  /** The status that the provider has confirmed. */
  get status(): PerformedProcedureStepStatus {
    return this.#attributes.PerformedProcedureStepStatus as PerformedProcedureStepStatus;
  }

  /**
   * Reports changes of a step, on any session with the same peer. A sequence needs all its items; attributes of type 2 that
   * items lack are sent empty.
   * @throws DimseError as `begin` does, and with 0105H for attributes that the step did not have when it began (§F.7.2.2.2).
   */
  set(session: ServiceSession, attributes: PerformedStepAttributes, options?: CallOptions): Promise<void>;
  set(session: ServiceSession, attributes: DataSetInput, options?: CallOptions): Promise<void>;
  async set(session: ServiceSession, attributes: DataSetInput, options: CallOptions = {}): Promise<void> {
    checkOptions(CALL_OPTIONS, options);
    const changes = withEmptyStepAttributes(attributes, 'set');
    const updated = updatedStep(this.#attributes, changes);
    const created = ['SpecificCharacterSet', ...Object.keys(this.#attributes)];
    const others = Object.keys(changes).filter((keyword) => !created.includes(keyword));
    if (others.length > 0)
      throw new DimseError(Status.NoSuchAttribute, {
        errorComment: `${others.join(', ')}: not created with the step`.slice(0, 64),
      });
    const { sopInstance } = this;
    await session.use(modalityPerformedProcedureStep).set({ sopInstance, attributes: changes }, options);
    this.#attributes = updated;
  }

  /** Reports the end, which needs its date and time and a performed series. @throws DimseError as `begin` does. */
  complete(session: ServiceSession, changes: PerformedStepAttributes, options?: CallOptions): Promise<void>;
  complete(session: ServiceSession, changes: DataSetInput, options?: CallOptions): Promise<void>;
  async complete(session: ServiceSession, changes: DataSetInput, options: CallOptions = {}): Promise<void> {
    await this.set(session, { ...changes, PerformedProcedureStepStatus: 'COMPLETED' }, options);
  }

  /** Reports the discontinuation, which needs the same as `complete`. @throws DimseError as `begin` does. */
  discontinue(session: ServiceSession, changes: PerformedStepAttributes, options?: CallOptions): Promise<void>;
  discontinue(session: ServiceSession, changes: DataSetInput, options?: CallOptions): Promise<void>;
  async discontinue(session: ServiceSession, changes: DataSetInput, options: CallOptions = {}): Promise<void> {
    await this.set(session, { ...changes, PerformedProcedureStepStatus: 'DISCONTINUED' }, options);
  }
}

const USER_OPTIONS: OptionTable<PerformedProcedureStepUserOptions> = {
  of: 'PerformedProcedureStepUser',
  rules: { onEvent: aValueOf('function') },
};

const BEGIN_OPTIONS: OptionTable<BeginOptions> = {
  of: 'begin',
  rules: { ...CALL_RULES, sopInstance: aValueOf('string') },
};
