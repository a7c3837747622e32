// Query/Retrieve: PS3.4 Annex C, and its kin of Annexes Y and Z that retrieve composite instances by their own UIDs.

import { cFind, cGet, cMove } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';
import { QUERY_RETRIEVE_STATUSES, queryRetrieveModel } from './query-retrieve-model.ts';

/** Patient root (§C.6.1): levels PATIENT, STUDY, SERIES, IMAGE. */
export const patientRoot = queryRetrieveModel('Patient Root Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.1.2.1.1',
  move: '1.2.840.10008.5.1.4.1.2.1.2',
  get: '1.2.840.10008.5.1.4.1.2.1.3',
});

/** Study root (§C.6.2): levels STUDY, SERIES, IMAGE; attributes of the patient are attributes of the study. */
export const studyRoot = queryRetrieveModel('Study Root Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.1.2.2.1',
  move: '1.2.840.10008.5.1.4.1.2.2.2',
  get: '1.2.840.10008.5.1.4.1.2.2.3',
});

/** Patient/study only (§C.6.3): retired, and still met. */
export const patientStudyOnly = queryRetrieveModel('Patient/Study Only Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.1.2.3.1',
  move: '1.2.840.10008.5.1.4.1.2.3.2',
  get: '1.2.840.10008.5.1.4.1.2.3.3',
});

/** Composite instance root retrieve (Annex Y): whole instances, or frames of them. */
export const compositeInstanceRoot = defineServiceClass({
  name: 'Composite Instance Root Retrieve',
  operations: { move: cMove, get: cGet },
  sopClasses: {
    Move: { uid: '1.2.840.10008.5.1.4.1.2.4.2', operations: ['move'] },
    Get: { uid: '1.2.840.10008.5.1.4.1.2.4.3', operations: ['get'] },
  },
  statuses: QUERY_RETRIEVE_STATUSES,
});

/** Composite instance retrieve without bulk data (Annex Z). */
export const compositeInstanceWithoutBulkData = defineServiceClass({
  name: 'Composite Instance Retrieve Without Bulk Data',
  operations: { get: cGet },
  sopClasses: { Get: { uid: '1.2.840.10008.5.1.4.1.2.5.3', operations: ['get'] } },
  statuses: QUERY_RETRIEVE_STATUSES,
});

/** Repository query (§C.6.4): all of what a repository holds, in portions. */
export const repositoryQuery = defineServiceClass({
  name: 'Repository Query',
  operations: { find: cFind },
  sopClasses: { Find: { uid: '1.2.840.10008.5.1.4.1.1.201.6', operations: ['find'] } },
  statuses: QUERY_RETRIEVE_STATUSES,
});
