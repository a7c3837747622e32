// The states of a performed procedure step, and the N-CREATE and N-SET that each allows (PS3.4 §F.7.2).

import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { mergedCharacterSet } from '../../data-set/specific-character-set.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkItems, checkPresence, withEmptyValues } from '../../services/attribute-requirements.ts';
import { MAY_NO_LONGER_BE_UPDATED } from '../../services/performed-procedure-step.ts';
import { PERFORMED_PROCEDURE_STEP_ATTRIBUTES } from './performed-procedure-step-attributes.ts';

/** (0040,0252) Performed Procedure Step Status: PS3.3 §C.4.14. */
export type PerformedProcedureStepStatus = 'IN PROGRESS' | 'COMPLETED' | 'DISCONTINUED';

// The statuses to which N-SET may change each status: §F.7.2.2.
const TRANSITIONS: Readonly<Record<PerformedProcedureStepStatus, readonly PerformedProcedureStepStatus[]>> = {
  'IN PROGRESS': ['IN PROGRESS', 'COMPLETED', 'DISCONTINUED'],
  COMPLETED: [],
  DISCONTINUED: [],
};

/**
 * The attributes of a step after N-CREATE.
 * @throws DimseError 0106H, 0120H or 0121H, with the attributes that are wrong or missing.
 */
export function createdStep(attributes: UntypedDataSet): UntypedDataSet {
  const required = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword, create }) => ({ keyword, type: create }));
  checkPresence(attributes, required);
  checkItems(attributes, PERFORMED_PROCEDURE_STEP_ATTRIBUTES);
  const status = attributes.PerformedProcedureStepStatus;
  if (status !== 'IN PROGRESS')
    throw attributeFault(
      Status.InvalidAttributeValue,
      ['PerformedProcedureStepStatus'],
      `must be IN PROGRESS, not ${status}`,
    );
  return attributes;
}

/**
 * The attributes of a step after N-SET. Attributes that N-CREATE did not contain are accepted, because the requirement to
 * create them first (§F.7.2.2.2) is one of the SCU.
 * @throws DimseError 0110H with Error ID A710H if the step is already COMPLETED or DISCONTINUED; 0105H for attributes that
 * must not be set; 0106H for an invalid status; 0120H and 0121H for attributes that are missing or empty.
 */
export function updatedStep(step: UntypedDataSet, changes: UntypedDataSet): UntypedDataSet {
  const status = step.PerformedProcedureStepStatus as PerformedProcedureStepStatus;
  const allowed = TRANSITIONS[status];
  if (allowed.length === 0)
    throw new DimseError(Status.ProcessingFailure, {
      errorId: MAY_NO_LONGER_BE_UPDATED,
      // Table F.7.2-2.
      errorComment: 'Performed Procedure Step Object may no longer be updated',
    });
  const fixed = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.filter(({ keyword, set }) => !set && keyword in changes);
  if (fixed.length > 0) {
    const keywords = fixed.map(({ keyword }) => keyword);
    throw attributeFault(Status.NoSuchAttribute, keywords, 'must not be set');
  }
  const next = (changes.PerformedProcedureStepStatus ?? status) as PerformedProcedureStepStatus;
  if (!allowed.includes(next))
    throw attributeFault(
      Status.InvalidAttributeValue,
      ['PerformedProcedureStepStatus'],
      `${next} is not a valid status`,
    );
  const updated = { ...step, ...changes, ...mergedCharacterSet(step, changes), PerformedProcedureStepStatus: next };
  checkItems(changes, PERFORMED_PROCEDURE_STEP_ATTRIBUTES);
  if (next !== 'IN PROGRESS') {
    const final = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword, final = 3 }) => ({ keyword, type: final }));
    checkPresence(updated, final);
    checkItems(updated, PERFORMED_PROCEDURE_STEP_ATTRIBUTES);
  }
  return updated;
}

/**
 * These attributes with empty values for missing attributes of type 2, in items too. For N-CREATE, the reason for a
 * discontinuation is among them, because it could not be set later otherwise (Table F.7.2-1, note 5).
 */
export function withEmptyStepAttributes(attributes: UntypedDataSet, operation: 'create' | 'set'): UntypedDataSet {
  const requirements = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword, create, items = [] }) => ({
    keyword,
    type: operation === 'create' ? create : 3,
    items,
  }));
  const filled = withEmptyValues(attributes, requirements);
  return operation === 'create' ? { PerformedProcedureStepDiscontinuationReasonCodeSequence: [], ...filled } : filled;
}
