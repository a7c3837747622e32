// What is told of work items by N-EVENT-REPORT: PS3.4 Table CC.2.4-1.

import { isDeepStrictEqual } from 'node:util';
import { isEmptyValue } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { UnifiedProcedureStepEvent } from '../../services/unified-procedure-step.ts';
import { progressOf, type WorkItem } from './unified-procedure-step.ts';

/** An event of a work item, whoever is told. */
export interface WorkItemReport {
  /** See UnifiedProcedureStepEvent. */
  readonly eventType: number;
  readonly information: DataSet;
}

const { StateReport, CancelRequested, ProgressReport, ScpStatusChange, Assigned } = UnifiedProcedureStepEvent;

/** The state it has, or passes through on its way to that. */
export function stateReport({ state, attributes }: WorkItem, passed?: WorkItem['state']): WorkItemReport {
  const reasons = ['ReasonForCancellation', 'ProcedureStepDiscontinuationReasonCodeSequence'];
  const information = {
    ...ofThese(attributes, ['SpecificCharacterSet', 'InputReadinessState']),
    ...(state === 'CANCELED' && passed === undefined && ofThese(progressOf(attributes), reasons)),
    ProcedureStepState: passed ?? state,
  };
  return { eventType: StateReport, information };
}

/** To whom it is assigned: an event for each person, for each as the table has room for one; none for nobody. */
export function assignmentReports({ attributes }: WorkItem): WorkItemReport[] {
  const station = ofThese(attributes, ['SpecificCharacterSet', 'ScheduledStationNameCodeSequence']);
  const people = attributes.ScheduledHumanPerformersSequence;
  const told = (Array.isArray(people) ? (people as readonly DataSet[]) : []).map((person) => ({
    ...station,
    ...ofThese(person, ['HumanPerformerCodeSequence', 'HumanPerformerOrganization']),
  }));
  if (told.length === 0 && station.ScheduledStationNameCodeSequence !== undefined) told.push(station);
  return told.map((information) => ({ eventType: Assigned, information }));
}

/** That somebody asks the performer to cancel. */
export function cancelReport(information: DataSet, requestingAeTitle: string): WorkItemReport {
  const given = ofThese(information, [
    'SpecificCharacterSet',
    'ReasonForCancellation',
    'ProcedureStepDiscontinuationReasonCodeSequence',
    'ContactURI',
    'ContactDisplayName',
  ]);
  return { eventType: CancelRequested, information: { ...given, RequestingAE: requestingAeTitle } };
}

/** What N-SET has made of a work item; what it has left as it was is not told. */
export function changeReports(before: WorkItem, after: WorkItem): WorkItemReport[] {
  const isChanged = (keyword: string) => !isDeepStrictEqual(before.attributes[keyword], after.attributes[keyword]);
  const { ProcedureStepProgressInformationSequence } = after.attributes;
  const progress = { ...ofThese(after.attributes, ['SpecificCharacterSet']), ProcedureStepProgressInformationSequence };
  return [
    ...(isChanged('ProcedureStepProgressInformationSequence')
      ? [{ eventType: ProgressReport, information: progress }]
      : []),
    ...(isChanged('InputReadinessState') ? [stateReport(after)] : []),
    ...(['ScheduledStationNameCodeSequence', 'ScheduledHumanPerformersSequence'].some(isChanged)
      ? assignmentReports(after)
      : []),
  ];
}

/** That the provider has been restarted, with its work items and subscriptions or without. */
export function restartReport(isWarm: boolean): WorkItemReport {
  const [subscriptions, items] = isWarm ? ['WARM START', 'WARM START'] : ['COLD START', 'COLD START'];
  const information = {
    SCPStatus: 'RESTARTED',
    SubscriptionListStatus: subscriptions,
    UnifiedProcedureStepListStatus: items,
  };
  return { eventType: ScpStatusChange, information };
}

function ofThese(attributes: DataSet, keywords: readonly string[]): DataSet {
  return Object.fromEntries(
    keywords
      .map((keyword) => [keyword, attributes[keyword]] as const)
      .filter(([, value]) => value !== undefined && !isEmptyValue(value)),
  );
}
