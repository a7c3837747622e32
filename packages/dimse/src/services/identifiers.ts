// The identifiers of queries, with the keys that the standard lists for each service class. Editors offer these keys.

import type { DataSetInput } from '../data-set/typed-data-set.ts';
import type { WorklistAttribute } from './worklist-attributes.ts';

type Keys<Name extends keyof DataSetInput> = Pick<DataSetInput, Name>;

/** Keys of Query/Retrieve (PS3.4 Tables C.6-1 to C.6-5), without attributes of special instances. */
export interface StudyIdentifier
  extends Keys<
    | 'QueryRetrieveLevel'
    | 'SpecificCharacterSet'
    | 'TimezoneOffsetFromUTC'
    | 'PatientName'
    | 'PatientID'
    | 'IssuerOfPatientID'
    | 'PatientBirthDate'
    | 'PatientBirthTime'
    | 'PatientSex'
    | 'OtherPatientNames'
    | 'EthnicGroup'
    | 'PatientComments'
    | 'NumberOfPatientRelatedStudies'
    | 'NumberOfPatientRelatedSeries'
    | 'NumberOfPatientRelatedInstances'
    | 'StudyInstanceUID'
    | 'StudyDate'
    | 'StudyTime'
    | 'StudyID'
    | 'StudyDescription'
    | 'AccessionNumber'
    | 'ReferringPhysicianName'
    | 'NameOfPhysiciansReadingStudy'
    | 'AdmittingDiagnosesDescription'
    | 'PatientAge'
    | 'PatientSize'
    | 'PatientWeight'
    | 'Occupation'
    | 'AdditionalPatientHistory'
    | 'ModalitiesInStudy'
    | 'SOPClassesInStudy'
    | 'NumberOfStudyRelatedSeries'
    | 'NumberOfStudyRelatedInstances'
    | 'SeriesInstanceUID'
    | 'SeriesNumber'
    | 'SeriesDescription'
    | 'SeriesDate'
    | 'SeriesTime'
    | 'Modality'
    | 'BodyPartExamined'
    | 'NumberOfSeriesRelatedInstances'
    | 'SOPInstanceUID'
    | 'SOPClassUID'
    | 'InstanceNumber'
    | 'ContentDate'
    | 'ContentTime'
    | 'NumberOfFrames'
    | 'Rows'
    | 'Columns'
    | 'BitsAllocated'
    | 'RetrieveAETitle'
    | 'InstanceAvailability'
  > {
  readonly ProcedureCodeSequence?: readonly CodeKeys[];
  readonly RequestAttributesSequence?: readonly Keys<'RequestedProcedureID' | 'ScheduledProcedureStepID'>[];
}

/** Keys of Modality Worklist (PS3.4 Table K.6-1). */
export interface WorklistIdentifier extends Keys<WorklistAttribute | 'SpecificCharacterSet' | 'TimezoneOffsetFromUTC'> {
  readonly ScheduledProcedureStepSequence?: readonly ScheduledStepKeys[];
  readonly RequestedProcedureCodeSequence?: readonly CodeKeys[];
  readonly ReferencedStudySequence?: readonly ReferenceKeys[];
  readonly ReferencedPatientSequence?: readonly ReferenceKeys[];
}

/** Keys of work items (PS3.4 Table CC.2.5-3). */
export interface WorkItemIdentifier
  extends Keys<
    | 'SpecificCharacterSet'
    | 'TimezoneOffsetFromUTC'
    | 'SOPClassUID'
    | 'SOPInstanceUID'
    | 'ScheduledProcedureStepPriority'
    | 'ScheduledProcedureStepModificationDateTime'
    | 'ProcedureStepLabel'
    | 'WorklistLabel'
    | 'ScheduledProcedureStepStartDateTime'
    | 'ExpectedCompletionDateTime'
    | 'CommentsOnTheScheduledProcedureStep'
    | 'InputReadinessState'
    | 'ProcedureStepState'
    | 'StudyInstanceUID'
    | 'PatientName'
    | 'PatientID'
    | 'IssuerOfPatientID'
    | 'PatientBirthDate'
    | 'PatientSex'
    | 'AdmissionID'
    | 'AdmittingDiagnosesDescription'
  > {
  readonly ScheduledProcessingParametersSequence?: DataSetInput['ScheduledProcessingParametersSequence'];
  readonly ScheduledStationNameCodeSequence?: readonly CodeKeys[];
  readonly ScheduledStationClassCodeSequence?: readonly CodeKeys[];
  readonly ScheduledStationGeographicLocationCodeSequence?: readonly CodeKeys[];
  readonly ScheduledHumanPerformersSequence?: DataSetInput['ScheduledHumanPerformersSequence'];
  readonly ScheduledWorkitemCodeSequence?: readonly CodeKeys[];
  readonly InputInformationSequence?: DataSetInput['InputInformationSequence'];
  readonly ReferencedRequestSequence?: readonly Keys<
    | 'StudyInstanceUID'
    | 'AccessionNumber'
    | 'RequestedProcedureID'
    | 'RequestedProcedureDescription'
    | 'RequestingService'
    | 'PlacerOrderNumberImagingServiceRequest'
    | 'FillerOrderNumberImagingServiceRequest'
  >[];
}

/** Attributes of work items (PS3.4 Table CC.2.5-3), for N-CREATE and N-SET. */
export interface WorkItemAttributes
  extends WorkItemIdentifier,
    Keys<
      | 'IssuerOfPatientIDQualifiersSequence'
      | 'OtherPatientIDsSequence'
      | 'IssuerOfAdmissionIDSequence'
      | 'AdmittingDiagnosesCodeSequence'
      | 'ReplacedProcedureStepSequence'
      | 'ProcedureStepProgressInformationSequence'
      | 'UnifiedProcedureStepPerformedProcedureSequence'
    > {}

/** Attributes of performed procedure steps (PS3.4 Table F.7.2-1), for N-CREATE and N-SET. */
export interface PerformedStepAttributes
  extends Keys<
    | 'SpecificCharacterSet'
    | 'PatientName'
    | 'PatientID'
    | 'IssuerOfPatientID'
    | 'IssuerOfPatientIDQualifiersSequence'
    | 'OtherPatientIDsSequence'
    | 'PatientBirthDate'
    | 'PatientSex'
    | 'ReferencedPatientSequence'
    | 'AdmissionID'
    | 'IssuerOfAdmissionIDSequence'
    | 'ServiceEpisodeID'
    | 'IssuerOfServiceEpisodeIDSequence'
    | 'ServiceEpisodeDescription'
    | 'PerformedProcedureStepID'
    | 'PerformedStationAETitle'
    | 'PerformedStationName'
    | 'PerformedLocation'
    | 'PerformedProcedureStepStartDate'
    | 'PerformedProcedureStepStartTime'
    | 'PerformedProcedureStepStatus'
    | 'PerformedProcedureStepDescription'
    | 'PerformedProcedureTypeDescription'
    | 'PerformedProcedureStepEndDate'
    | 'PerformedProcedureStepEndTime'
    | 'Modality'
    | 'StudyID'
  > {
  readonly ProcedureCodeSequence?: readonly CodeKeys[];
  readonly ReasonForPerformedProcedureCodeSequence?: readonly CodeKeys[];
  readonly PerformedProcedureStepDiscontinuationReasonCodeSequence?: readonly CodeKeys[];
  readonly PerformedProtocolCodeSequence?: readonly CodeKeys[];
  readonly ScheduledStepAttributesSequence?: readonly (Keys<
    | 'StudyInstanceUID'
    | 'AccessionNumber'
    | 'RequestedProcedureID'
    | 'RequestedProcedureDescription'
    | 'ScheduledProcedureStepID'
    | 'ScheduledProcedureStepDescription'
    | 'PlacerOrderNumberImagingServiceRequest'
    | 'FillerOrderNumberImagingServiceRequest'
  > & {
    readonly ReferencedStudySequence?: readonly ReferenceKeys[];
    readonly RequestedProcedureCodeSequence?: readonly CodeKeys[];
    readonly ScheduledProtocolCodeSequence?: readonly CodeKeys[];
  })[];
  readonly PerformedSeriesSequence?: readonly (Keys<
    | 'PerformingPhysicianName'
    | 'OperatorsName'
    | 'ProtocolName'
    | 'SeriesInstanceUID'
    | 'SeriesDescription'
    | 'RetrieveAETitle'
  > & {
    readonly ReferencedImageSequence?: readonly ReferenceKeys[];
    readonly ReferencedNonImageCompositeSOPInstanceSequence?: readonly ReferenceKeys[];
  })[];
}

type CodeKeys = Keys<'CodeValue' | 'CodingSchemeDesignator' | 'CodingSchemeVersion' | 'CodeMeaning'>;
type ReferenceKeys = Keys<'ReferencedSOPClassUID' | 'ReferencedSOPInstanceUID'>;

interface ScheduledStepKeys
  extends Keys<
    | 'ScheduledStationAETitle'
    | 'ScheduledStationName'
    | 'ScheduledProcedureStepLocation'
    | 'ScheduledProcedureStepStartDate'
    | 'ScheduledProcedureStepStartTime'
    | 'ScheduledProcedureStepEndDate'
    | 'ScheduledProcedureStepEndTime'
    | 'ScheduledPerformingPhysicianName'
    | 'ScheduledProcedureStepDescription'
    | 'ScheduledProcedureStepID'
    | 'ScheduledProcedureStepStatus'
    | 'CommentsOnTheScheduledProcedureStep'
    | 'Modality'
    | 'RequestedContrastAgent'
    | 'PreMedication'
    | 'AnatomicalOrientationType'
  > {
  readonly ScheduledProtocolCodeSequence?: readonly CodeKeys[];
}
