// Query/Retrieve: PS3.4 Annex C, and the retrieval of composite instances by SOP Instance UID of Annexes Y and Z.

import { cFind, cGet, cMove } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';
import { modelOfLevels, QUERY_LEVELS, QUERY_RETRIEVE_STATUSES, queryRetrieveModel } from './query-retrieve-model.ts';

/** Patient root (§C.6.1): levels PATIENT, STUDY, SERIES, IMAGE. */
export const patientRoot = queryRetrieveModel(
  'Patient Root Query/Retrieve',
  {
    find: SopClass.PatientRootQueryRetrieveInformationModelFind,
    move: SopClass.PatientRootQueryRetrieveInformationModelMove,
    get: SopClass.PatientRootQueryRetrieveInformationModelGet,
  },
  modelOfLevels('patient root', QUERY_LEVELS),
);

/** Study root (§C.6.2): levels STUDY, SERIES, IMAGE; the attributes of the patient belong to the study. */
export const studyRoot = queryRetrieveModel(
  'Study Root Query/Retrieve',
  {
    find: SopClass.StudyRootQueryRetrieveInformationModelFind,
    move: SopClass.StudyRootQueryRetrieveInformationModelMove,
    get: SopClass.StudyRootQueryRetrieveInformationModelGet,
  },
  modelOfLevels('study root', QUERY_LEVELS.slice(1)),
);

/** Patient/study only (§C.6.3): retired, but still in use. */
export const patientStudyOnly = queryRetrieveModel(
  'Patient/Study Only Query/Retrieve',
  {
    find: SopClass.PatientStudyOnlyQueryRetrieveInformationModelFind,
    move: SopClass.PatientStudyOnlyQueryRetrieveInformationModelMove,
    get: SopClass.PatientStudyOnlyQueryRetrieveInformationModelGet,
  },
  modelOfLevels('patient/study only', QUERY_LEVELS.slice(0, 2)),
);

/** Composite instance root retrieve (Annex Y): whole instances, or frames of them. */
export const compositeInstanceRoot = defineServiceClass({
  name: 'Composite Instance Root Retrieve',
  operations: { move: cMove, get: cGet },
  sopClasses: {
    Move: { uid: SopClass.CompositeInstanceRootRetrieveMove, operations: ['move'] },
    Get: { uid: SopClass.CompositeInstanceRootRetrieveGet, operations: ['get'] },
  },
  statuses: QUERY_RETRIEVE_STATUSES,
});

/** Composite instance retrieve without bulk data (Annex Z). */
export const compositeInstanceWithoutBulkData = defineServiceClass({
  name: 'Composite Instance Retrieve Without Bulk Data',
  operations: { get: cGet },
  sopClasses: { Get: { uid: SopClass.CompositeInstanceRetrieveWithoutBulkDataGet, operations: ['get'] } },
  statuses: QUERY_RETRIEVE_STATUSES,
});

/** Repository query (§C.6.4): lists the content of a repository in portions. */
export const repositoryQuery = defineServiceClass({
  name: 'Repository Query',
  operations: { find: cFind },
  sopClasses: { Find: { uid: SopClass.RepositoryQuery, operations: ['find'] } },
  statuses: QUERY_RETRIEVE_STATUSES,
  queries: {
    find: { ...modelOfLevels('repository', QUERY_LEVELS.slice(1)), isRelational: true, required: ['RecordKey'] },
  },
});
