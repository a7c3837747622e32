// The life of a performed procedure step: which N-CREATE and N-SET are allowed, and what becomes of it (PS3.4 §F.7.2).

import type { DataSet } from '../../data-set/dataset.ts';
import { mergedCharacterSet } from '../../data-set/specific-character-set.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkItems, checkPresence, withEmptyValues } from '../../services/attribute-requirements.ts';
import { MAY_NO_LONGER_BE_UPDATED } from '../../services/performed-procedure-step.ts';
import { PERFORMED_PROCEDURE_STEP_ATTRIBUTES } from './performed-procedure-step-attributes.ts';

/** (0040,0252) Performed Procedure Step Status: PS3.3 §C.4.14. */
export type PerformedProcedureStepStatus = 'IN PROGRESS' | 'COMPLETED' | 'DISCONTINUED';

// From the status a step has to those that N-SET may give it: §F.7.2.2.
const TRANSITIONS: Readonly<Record<PerformedProcedureStepStatus, readonly PerformedProcedureStepStatus[]>> = {
  'IN PROGRESS': ['IN PROGRESS', 'COMPLETED', 'DISCONTINUED'],
  COMPLETED: [],
  DISCONTINUED: [],
};

/**
 * What a step is after N-CREATE.
 * @throws DimseError 0106H, 0120H or 0121H, with the attributes at fault.
 */
export function createdStep(attributes: DataSet = {}): DataSet {
  const required = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword, create }) => ({ keyword, type: create }));
  checkPresence(attributes, required);
  checkItems(attributes, PERFORMED_PROCEDURE_STEP_ATTRIBUTES);
  const status = attributes.PerformedProcedureStepStatus;
  if (status !== 'IN PROGRESS')
    throw attributeFault(
      Status.InvalidAttributeValue,
      ['PerformedProcedureStepStatus'],
      `begins IN PROGRESS, not ${status}`,
    );
  return attributes;
}

/**
 * What a step is after N-SET.
 * @throws DimseError 0110H with Error ID A710H when it is COMPLETED or DISCONTINUED already; 0105H for attributes that
 * may not be set; 0106H for a status that is none; 0120H and 0121H for what is missing. Attributes that N-CREATE had not
 * are taken: that they have to be created before they are set (§F.7.2.2.2) is asked of the SCU.
 */
export function updatedStep(step: DataSet, changes: DataSet): DataSet {
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
    throw attributeFault(Status.NoSuchAttribute, keywords, 'may not be set');
  }
  const next = (changes.PerformedProcedureStepStatus ?? status) as PerformedProcedureStepStatus;
  if (!allowed.includes(next))
    throw attributeFault(Status.InvalidAttributeValue, ['PerformedProcedureStepStatus'], `${next} is no status`);
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
 * What N-CREATE or N-SET may send of these attributes: what is of type 2 and left out is empty, in items too. With
 * N-CREATE the reason of a discontinuation is among it, which could not be set later otherwise (Table F.7.2-1, note 5).
 */
export function withEmptyStepAttributes(attributes: DataSet, operation: 'create' | 'set'): DataSet {
  const requirements = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword, create, items = [] }) => ({
    keyword,
    type: operation === 'create' ? create : 3,
    items,
  }));
  const filled = withEmptyValues(attributes, requirements);
  return operation === 'create' ? { PerformedProcedureStepDiscontinuationReasonCodeSequence: [], ...filled } : filled;
}
