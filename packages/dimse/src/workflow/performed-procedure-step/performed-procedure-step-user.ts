// A user of Modality Performed Procedure Step: what a modality does from the beginning of a step to its end (PS3.4 §F.7).

import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import { modalityPerformedProcedureStep } from '../../services/performed-procedure-step.ts';
import type { CallOptions, ServiceSession } from '../../session/service-class.ts';
import {
  createdStep,
  type PerformedProcedureStepStatus,
  updatedStep,
  withEmptyStepAttributes,
} from './performed-procedure-step.ts';

/** A performed procedure step that this modality reports. */
export class PerformedProcedureStep {
  readonly sopInstance: string;
  #attributes: DataSet;

  private constructor(sopInstance: string, attributes: DataSet) {
    this.sopInstance = sopInstance;
    this.#attributes = attributes;
  }

  /**
   * Reports that a step has begun. Attributes of type 2 that are left out are sent empty, and the reason of a later
   * discontinuation, which could not be told otherwise; the status is IN PROGRESS.
   * @throws DimseError, before anything is sent, when an attribute of type 1 is missing; and that of the response.
   */
  static async begin(
    session: ServiceSession,
    attributes: DataSet,
    options: CallOptions & { readonly sopInstance?: string } = {},
  ): Promise<PerformedProcedureStep> {
    const { sopInstance = makeUid(), ...callOptions } = options;
    const begun = { ...attributes, PerformedProcedureStepStatus: 'IN PROGRESS' };
    const created = createdStep(withEmptyStepAttributes(begun, 'create'));
    const { create } = session.use(modalityPerformedProcedureStep);
    const response = await create({ sopInstance, attributes: created }, callOptions);
    return new PerformedProcedureStep(response.sopInstance ?? sopInstance, created);
  }

  /** What has been reported so far. */
  get attributes(): DataSet {
    return this.#attributes;
  }

  get status(): PerformedProcedureStepStatus {
    return this.#attributes.PerformedProcedureStepStatus as PerformedProcedureStepStatus;
  }

  /**
   * Reports more of a step; the session may be another than that it began on. All items of a sequence have to be given;
   * what is of type 2 in them and left out is sent empty.
   * @throws DimseError, as `begin`, also 0105H for attributes that were not there when the step began (§F.7.2.2.2).
   */
  async set(session: ServiceSession, attributes: DataSet, options: CallOptions = {}): Promise<void> {
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

  /** Reports the end: needs the date and time of it, and a performed series. @throws DimseError, as `begin`. */
  async complete(session: ServiceSession, changes: DataSet, options: CallOptions = {}): Promise<void> {
    await this.set(session, { ...changes, PerformedProcedureStepStatus: 'COMPLETED' }, options);
  }

  /** Reports that the step was given up: needs what `complete` does. @throws DimseError, as `begin`. */
  async discontinue(session: ServiceSession, changes: DataSet, options: CallOptions = {}): Promise<void> {
    await this.set(session, { ...changes, PerformedProcedureStepStatus: 'DISCONTINUED' }, options);
  }
}
