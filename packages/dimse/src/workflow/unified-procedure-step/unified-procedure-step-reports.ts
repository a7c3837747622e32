// The events of work items, which N-EVENT-REPORT reports: PS3.4 Table CC.2.4-1.

import { isDeepStrictEqual } from 'node:util';
import { isEmptyValue, items } from '../../data-set/access.ts';
import type { Keyword, UntypedDataSet } from '../../data-set/dataset.ts';
import { UnifiedProcedureStepEvent } from '../../services/unified-procedure-step.ts';
import { progressOf, type WorkItem } from './unified-procedure-step.ts';

/** An event of a work item, for any subscriber. */
export interface WorkItemReport {
  /** Event Type ID: see `UnifiedProcedureStepEvent`. */
  readonly eventType: number;
  readonly information: UntypedDataSet;
}

const { StateReport, CancelRequested, ProgressReport, ScpStatusChange, Assigned } = UnifiedProcedureStepEvent;

/** The state of a work item, or a state through which it has passed. */
export function stateReport({ state, attributes }: WorkItem, passed?: WorkItem['state']): WorkItemReport {
  const reasons = ['ReasonForCancellation', 'ProcedureStepDiscontinuationReasonCodeSequence'];
  const information = {
    ...ofThese(attributes, ['SpecificCharacterSet', 'InputReadinessState']),
    ...(state === 'CANCELED' && passed === undefined && ofThese(progressOf(attributes), reasons)),
    ProcedureStepState: passed ?? state,
  };
  return { eventType: StateReport, information };
}

/**
 * The assignment of a work item: an event for each person, because the table has room for one; none if it is not assigned.
 * At most `MAXIMUM_ASSIGNMENT_REPORTS`, because each event goes to each subscriber.
 */
export function assignmentReports({ attributes }: WorkItem): WorkItemReport[] {
  const station = ofThese(attributes, ['SpecificCharacterSet', 'ScheduledStationNameCodeSequence']);
  const persons = items(attributes.ScheduledHumanPerformersSequence).slice(0, MAXIMUM_ASSIGNMENT_REPORTS);
  const reports = persons.map((person) => ({
    ...station,
    ...ofThese(person, ['HumanPerformerCodeSequence', 'HumanPerformerOrganization']),
  }));
  if (reports.length === 0 && station.ScheduledStationNameCodeSequence !== undefined) reports.push(station);
  return reports.map((information) => ({ eventType: Assigned, information }));
}

/** The maximum number of persons whose assignment is reported. A subscriber can get all of them by N-GET. */
export const MAXIMUM_ASSIGNMENT_REPORTS = 32;

/** A request to the performer to cancel. */
export function cancelReport(information: UntypedDataSet, requestingAeTitle: string): WorkItemReport {
  const given = ofThese(information, [
    'SpecificCharacterSet',
    'ReasonForCancellation',
    'ProcedureStepDiscontinuationReasonCodeSequence',
    'ContactURI',
    'ContactDisplayName',
  ]);
  return { eventType: CancelRequested, information: { ...given, RequestingAE: requestingAeTitle } };
}

/** The changes that an N-SET has made to a work item. */
export function changeReports(before: WorkItem, after: WorkItem): WorkItemReport[] {
  const isChanged = (keyword: Keyword) => !isDeepStrictEqual(before.attributes[keyword], after.attributes[keyword]);
  const { ProcedureStepProgressInformationSequence } = after.attributes;
  const progress = { ...ofThese(after.attributes, ['SpecificCharacterSet']), ProcedureStepProgressInformationSequence };
  return [
    ...(isChanged('ProcedureStepProgressInformationSequence')
      ? [{ eventType: ProgressReport, information: progress }]
      : []),
    ...(isChanged('InputReadinessState') ? [stateReport(after)] : []),
    ...((['ScheduledStationNameCodeSequence', 'ScheduledHumanPerformersSequence'] as const).some(isChanged)
      ? assignmentReports(after)
      : []),
  ];
}

/** A restart of the provider; warm if it has kept its work items and subscriptions. */
export function restartReport(isWarm: boolean): WorkItemReport {
  const [subscriptions, items] = isWarm ? ['WARM START', 'WARM START'] : ['COLD START', 'COLD START'];
  const information = {
    SCPStatus: 'RESTARTED',
    SubscriptionListStatus: subscriptions,
    UnifiedProcedureStepListStatus: items,
  };
  return { eventType: ScpStatusChange, information };
}

function ofThese(attributes: UntypedDataSet, keywords: readonly string[]): UntypedDataSet {
  return Object.fromEntries(
    keywords
      .map((keyword) => [keyword, attributes[keyword]] as const)
      .filter(([, value]) => value !== undefined && !isEmptyValue(value)),
  );
}
