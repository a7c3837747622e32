// The parts common to all Query/Retrieve information models: PS3.4 Annexes C, U, X, BB, HH, II and JJ.

import { cFind, cGet, cMove } from '../message/operations.ts';
import type { StatusTable } from '../message/status.ts';
import { Status } from '../message/status.ts';
import type { QueryLevel, QueryModel } from '../query/query-model.ts';
import { defineServiceClass } from '../session/service-class.ts';
import type { StudyIdentifier } from './identifiers.ts';

/** Statuses of C-MOVE and C-GET that this library answers (PS3.4 Tables C.4-2 and C.4-3). */
export const QueryRetrieveStatus = {
  SubOperationsNotPerformed: 0xa702,
  MoveDestinationUnknown: 0xa801,
  SubOperationsCompleteWithFailures: 0xb000,
} as const;

/** PS3.4 Tables C.4-1, C.4-2 and C.4-3. */
export const QUERY_RETRIEVE_STATUSES: StatusTable = {
  [Status.OutOfResources]: ['failure', 'out of resources'],
  0xa701: ['failure', 'out of resources: the number of matches cannot be calculated'],
  [QueryRetrieveStatus.SubOperationsNotPerformed]: ['failure', 'out of resources: sub-operations cannot be performed'],
  0xa710: ['failure', 'invalid prior record key'],
  [QueryRetrieveStatus.MoveDestinationUnknown]: ['failure', 'move destination unknown'],
  [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the identifier does not match the SOP class'],
  0xaa00: ['failure', 'none of the requested frames were found in the SOP instance'],
  0xaa01: ['failure', 'no new object can be created for this SOP class'],
  0xaa02: ['failure', 'frames cannot be extracted'],
  0xaa03: ['failure', 'a time-based request for an object that is not time-based'],
  0xaa04: ['failure', 'invalid request'],
  [QueryRetrieveStatus.SubOperationsCompleteWithFailures]: [
    'warning',
    'sub-operations complete, with one or more failures or warnings',
  ],
  0xb001: ['warning', 'matching reached the limit of responses; another request may return more'],
  [Status.CannotUnderstand]: ['failure', 'unable to process'],
  [Status.Cancel]: ['cancel', 'matching or sub-operations were stopped by a cancel request'],
  [Status.Pending]: ['pending', 'matches or sub-operations are continuing'],
  [Status.PendingWithWarning]: ['pending', 'matches are continuing, but some optional keys are not supported'],
};

/** The levels of the models of patients, from the top down, with their unique keys (PS3.4 §C.6.1.1 and §C.6.2.1). */
export const QUERY_LEVELS: readonly QueryLevel[] = [
  { name: 'PATIENT', uniqueKey: 'PatientID' },
  { name: 'STUDY', uniqueKey: 'StudyInstanceUID' },
  { name: 'SERIES', uniqueKey: 'SeriesInstanceUID' },
  { name: 'IMAGE', uniqueKey: 'SOPInstanceUID' },
];

/** The information model of composite instances with these levels. */
export function modelOfLevels(name: string, levels: readonly QueryLevel[]): QueryModel<StudyIdentifier> {
  return { name, levels, isRetrievable: true, negotiation: 'query' };
}

/** The information model of instances without a hierarchy (PS3.4 §U.6, §X.6, §BB.6, §HH.6, §II.6, §JJ.6). */
const INSTANCES: QueryModel = {
  name: 'instance',
  required: ['SOPInstanceUID'],
  isRetrievable: true,
  negotiation: 'query',
};

/** Declares a service class with C-FIND, C-MOVE and C-GET, each with its own SOP class. */
export function queryRetrieveModel<
  const Find extends string,
  const Move extends string,
  const Get extends string,
  Declared = unknown,
>(
  name: string,
  uids: { readonly find: Find; readonly move: Move; readonly get: Get },
  model: QueryModel<Declared> = INSTANCES as QueryModel<Declared>,
) {
  return defineServiceClass({
    name,
    operations: { find: cFind, move: cMove, get: cGet },
    sopClasses: {
      Find: { uid: uids.find, operations: ['find'] },
      Move: { uid: uids.move, operations: ['move'] },
      Get: { uid: uids.get, operations: ['get'] },
    },
    statuses: QUERY_RETRIEVE_STATUSES,
    queries: { find: model },
  });
}
