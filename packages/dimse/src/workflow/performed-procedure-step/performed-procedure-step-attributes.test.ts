import { expect, test } from 'vitest';
import type { ItemRequirement } from '../../services/attribute-requirements.ts';
import { PERFORMED_PROCEDURE_STEP_ATTRIBUTES } from './performed-procedure-step-attributes.ts';

// PS3.4 Table F.7.2-1, with the code macros F.7.2-1a to F.7.2-1f expanded: attribute, requirement of the SCU in N-CREATE,
// whether N-SET may contain it, requirement in the final state if there is one; attributes of items with their type.
// Attributes of type 3 that may be set and have no items with requirements are omitted.
const TABLE = `
SpecificCharacterSet 3 set
ScheduledStepAttributesSequence 1 not-allowed
ScheduledStepAttributesSequence>StudyInstanceUID 1
ScheduledStepAttributesSequence>ReferencedStudySequence 2
ScheduledStepAttributesSequence>ReferencedStudySequence>ReferencedSOPClassUID 1
ScheduledStepAttributesSequence>ReferencedStudySequence>ReferencedSOPInstanceUID 1
ScheduledStepAttributesSequence>AccessionNumber 2
ScheduledStepAttributesSequence>IssuerOfAccessionNumberSequence 3
ScheduledStepAttributesSequence>IssuerOfAccessionNumberSequence>LocalNamespaceEntityID 1C
ScheduledStepAttributesSequence>IssuerOfAccessionNumberSequence>UniversalEntityIDType 1C
ScheduledStepAttributesSequence>OrderPlacerIdentifierSequence 3
ScheduledStepAttributesSequence>OrderPlacerIdentifierSequence>LocalNamespaceEntityID 1C
ScheduledStepAttributesSequence>OrderPlacerIdentifierSequence>UniversalEntityIDType 1C
ScheduledStepAttributesSequence>OrderFillerIdentifierSequence 3
ScheduledStepAttributesSequence>OrderFillerIdentifierSequence>LocalNamespaceEntityID 1C
ScheduledStepAttributesSequence>OrderFillerIdentifierSequence>UniversalEntityIDType 1C
ScheduledStepAttributesSequence>RequestedProcedureID 2
ScheduledStepAttributesSequence>RequestedProcedureCodeSequence 3
ScheduledStepAttributesSequence>RequestedProcedureCodeSequence>CodeValue 1C
ScheduledStepAttributesSequence>RequestedProcedureCodeSequence>CodingSchemeDesignator 1C
ScheduledStepAttributesSequence>RequestedProcedureCodeSequence>CodeMeaning 1
ScheduledStepAttributesSequence>RequestedProcedureDescription 2
ScheduledStepAttributesSequence>ScheduledProcedureStepID 2
ScheduledStepAttributesSequence>ScheduledProcedureStepDescription 2
ScheduledStepAttributesSequence>ScheduledProtocolCodeSequence 2
ScheduledStepAttributesSequence>ScheduledProtocolCodeSequence>CodeValue 1C
ScheduledStepAttributesSequence>ScheduledProtocolCodeSequence>CodingSchemeDesignator 1C
ScheduledStepAttributesSequence>ScheduledProtocolCodeSequence>CodeMeaning 1
PatientName 2 not-allowed
PatientID 2 not-allowed
IssuerOfPatientID 3 not-allowed
IssuerOfPatientIDQualifiersSequence 3 not-allowed
IssuerOfPatientIDQualifiersSequence>UniversalEntityIDType 1C
OtherPatientIDsSequence 3 not-allowed
PatientBirthDate 2 not-allowed
PatientSex 2 not-allowed
ReferencedPatientSequence 2 not-allowed
ReferencedPatientSequence>ReferencedSOPClassUID 1
ReferencedPatientSequence>ReferencedSOPInstanceUID 1
AdmissionID 3 not-allowed
IssuerOfAdmissionIDSequence 3 not-allowed
IssuerOfAdmissionIDSequence>LocalNamespaceEntityID 1C
IssuerOfAdmissionIDSequence>UniversalEntityIDType 1C
ServiceEpisodeID 3 not-allowed
IssuerOfServiceEpisodeIDSequence 3 not-allowed
IssuerOfServiceEpisodeIDSequence>LocalNamespaceEntityID 1C
IssuerOfServiceEpisodeIDSequence>UniversalEntityIDType 1C
ServiceEpisodeDescription 3 not-allowed
PerformedProcedureStepID 1 not-allowed
PerformedStationAETitle 1 not-allowed
PerformedStationName 2 not-allowed
PerformedLocation 2 not-allowed
PerformedProcedureStepStartDate 1 not-allowed
PerformedProcedureStepStartTime 1 not-allowed
PerformedProcedureStepStatus 1 set
PerformedProcedureStepDescription 2 set
PerformedProcedureTypeDescription 2 set
ProcedureCodeSequence 2 set
ProcedureCodeSequence>CodeValue 1C
ProcedureCodeSequence>CodingSchemeDesignator 1C
ReasonForPerformedProcedureCodeSequence 3 set
ReasonForPerformedProcedureCodeSequence>CodeValue 1C
ReasonForPerformedProcedureCodeSequence>CodingSchemeDesignator 1C
ReasonForPerformedProcedureCodeSequence>CodeMeaning 1
PerformedProcedureStepEndDate 2 set 1
PerformedProcedureStepEndTime 2 set 1
PerformedProcedureStepDiscontinuationReasonCodeSequence 3 set
PerformedProcedureStepDiscontinuationReasonCodeSequence>CodeValue 1C
PerformedProcedureStepDiscontinuationReasonCodeSequence>CodingSchemeDesignator 1C
PerformedProcedureStepDiscontinuationReasonCodeSequence>CodeMeaning 1
Modality 1 not-allowed
StudyID 2 not-allowed
PerformedProtocolCodeSequence 2 set
PerformedProtocolCodeSequence>CodeValue 1C
PerformedProtocolCodeSequence>CodingSchemeDesignator 1C
PerformedSeriesSequence 2 set 1
PerformedSeriesSequence>PerformingPhysicianName 2
PerformedSeriesSequence>ProtocolName 1
PerformedSeriesSequence>OperatorsName 2
PerformedSeriesSequence>SeriesInstanceUID 1
PerformedSeriesSequence>SeriesDescription 2
PerformedSeriesSequence>RetrieveAETitle 2
PerformedSeriesSequence>ReferencedImageSequence 2
PerformedSeriesSequence>ReferencedImageSequence>ReferencedSOPClassUID 1
PerformedSeriesSequence>ReferencedImageSequence>ReferencedSOPInstanceUID 1
PerformedSeriesSequence>ReferencedImageSequence>SpecimenDescriptionSequence 3
PerformedSeriesSequence>ReferencedImageSequence>SpecimenDescriptionSequence>SpecimenIdentifier 1
PerformedSeriesSequence>ReferencedImageSequence>SpecimenDescriptionSequence>SpecimenUID 1
PerformedSeriesSequence>ReferencedNonImageCompositeSOPInstanceSequence 2
PerformedSeriesSequence>ReferencedNonImageCompositeSOPInstanceSequence>ReferencedSOPClassUID 1
PerformedSeriesSequence>ReferencedNonImageCompositeSOPInstanceSequence>ReferencedSOPInstanceUID 1
`;

test('the attributes match Table F.7.2-1, row by row', () => {
  const flatten = (items: readonly ItemRequirement[], above: string): string[] =>
    items.flatMap(({ keyword, type, when, items: below = [] }) => [
      `${above}>${keyword} ${type}${when ? 'C' : ''}`,
      ...flatten(below, `${above}>${keyword}`),
    ]);
  const ours = PERFORMED_PROCEDURE_STEP_ATTRIBUTES.flatMap(({ keyword, create, set, final, items = [] }) => [
    `${keyword} ${create} ${set ? 'set' : 'not-allowed'}${final ? ` ${final}` : ''}`,
    ...flatten(items, keyword),
  ]);
  expect(ours.sort()).toEqual(TABLE.trim().split('\n').sort());
});
