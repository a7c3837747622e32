// The attributes of performed procedure steps, and when each is required: PS3.4 Table F.7.2-1.

import type { UntypedDataSet } from '../../data-set/data-set-values.ts';
import type { AttributeType, ItemRequirement } from '../../services/attribute-requirements.ts';

/** A row of the table. */
export interface AttributeRequirement {
  /** Keyword of the attribute. */
  readonly keyword: string;
  /** Requirement of the SCU in N-CREATE. */
  readonly create: AttributeType;
  /** Whether N-SET may contain it. */
  readonly set: boolean;
  /** Requirement when the step becomes COMPLETED or DISCONTINUED, if it is stricter than for N-CREATE. */
  readonly final?: AttributeType;
  /** Requirements of each item of the sequence, if it has items. */
  readonly items?: readonly ItemRequirement[];
}

const isAbsent = (item: UntypedDataSet, ...keywords: readonly string[]) =>
  keywords.every((keyword) => item[keyword] === undefined);

// Tables F.7.2-1e and F.7.2-1f: codes whose meaning is optional.
const code: readonly ItemRequirement[] = [
  { keyword: 'CodeValue', type: 1, when: (item) => isAbsent(item, 'LongCodeValue', 'URNCodeValue') },
  {
    keyword: 'CodingSchemeDesignator',
    type: 1,
    when: (item) => !isAbsent(item, 'CodeValue') || !isAbsent(item, 'LongCodeValue'),
  },
];

// Tables F.7.2-1a to F.7.2-1d.
const codeWithMeaning: readonly ItemRequirement[] = [...code, { keyword: 'CodeMeaning', type: 1 }];

const reference: readonly ItemRequirement[] = [
  { keyword: 'ReferencedSOPClassUID', type: 1 },
  { keyword: 'ReferencedSOPInstanceUID', type: 1 },
];

// The issuer of an identifier.
const issuer: readonly ItemRequirement[] = [
  { keyword: 'LocalNamespaceEntityID', type: 1, when: (item) => isAbsent(item, 'UniversalEntityID') },
  { keyword: 'UniversalEntityIDType', type: 1, when: (item) => !isAbsent(item, 'UniversalEntityID') },
];

const specimen: readonly ItemRequirement[] = [
  { keyword: 'SpecimenIdentifier', type: 1 },
  { keyword: 'SpecimenUID', type: 1 },
];

/**
 * PS3.4 Table F.7.2-1, restricted to attributes that are required or must not be set, or have items with such attributes. All
 * others are of type 3 and may be set.
 */
export const PERFORMED_PROCEDURE_STEP_ATTRIBUTES: readonly AttributeRequirement[] = [
  { keyword: 'SpecificCharacterSet', create: 3, set: true },
  // Performed Procedure Step Relationship
  {
    keyword: 'ScheduledStepAttributesSequence',
    create: 1,
    set: false,
    items: [
      { keyword: 'StudyInstanceUID', type: 1 },
      { keyword: 'ReferencedStudySequence', type: 2, items: reference },
      { keyword: 'AccessionNumber', type: 2 },
      { keyword: 'IssuerOfAccessionNumberSequence', type: 3, items: issuer },
      { keyword: 'OrderPlacerIdentifierSequence', type: 3, items: issuer },
      { keyword: 'OrderFillerIdentifierSequence', type: 3, items: issuer },
      { keyword: 'RequestedProcedureID', type: 2 },
      { keyword: 'RequestedProcedureCodeSequence', type: 3, items: codeWithMeaning },
      { keyword: 'RequestedProcedureDescription', type: 2 },
      { keyword: 'ScheduledProcedureStepID', type: 2 },
      { keyword: 'ScheduledProcedureStepDescription', type: 2 },
      { keyword: 'ScheduledProtocolCodeSequence', type: 2, items: codeWithMeaning },
    ],
  },
  { keyword: 'PatientName', create: 2, set: false },
  { keyword: 'PatientID', create: 2, set: false },
  { keyword: 'IssuerOfPatientID', create: 3, set: false },
  {
    keyword: 'IssuerOfPatientIDQualifiersSequence',
    create: 3,
    set: false,
    items: [{ keyword: 'UniversalEntityIDType', type: 1, when: (item) => !isAbsent(item, 'UniversalEntityID') }],
  },
  { keyword: 'OtherPatientIDsSequence', create: 3, set: false },
  { keyword: 'PatientBirthDate', create: 2, set: false },
  { keyword: 'PatientSex', create: 2, set: false },
  { keyword: 'ReferencedPatientSequence', create: 2, set: false, items: reference },
  { keyword: 'AdmissionID', create: 3, set: false },
  { keyword: 'IssuerOfAdmissionIDSequence', create: 3, set: false, items: issuer },
  { keyword: 'ServiceEpisodeID', create: 3, set: false },
  { keyword: 'IssuerOfServiceEpisodeIDSequence', create: 3, set: false, items: issuer },
  { keyword: 'ServiceEpisodeDescription', create: 3, set: false },
  // Performed Procedure Step Information
  { keyword: 'PerformedProcedureStepID', create: 1, set: false },
  { keyword: 'PerformedStationAETitle', create: 1, set: false },
  { keyword: 'PerformedStationName', create: 2, set: false },
  { keyword: 'PerformedLocation', create: 2, set: false },
  { keyword: 'PerformedProcedureStepStartDate', create: 1, set: false },
  { keyword: 'PerformedProcedureStepStartTime', create: 1, set: false },
  { keyword: 'PerformedProcedureStepStatus', create: 1, set: true },
  { keyword: 'PerformedProcedureStepDescription', create: 2, set: true },
  { keyword: 'PerformedProcedureTypeDescription', create: 2, set: true },
  { keyword: 'ProcedureCodeSequence', create: 2, set: true, items: code },
  { keyword: 'ReasonForPerformedProcedureCodeSequence', create: 3, set: true, items: codeWithMeaning },
  { keyword: 'PerformedProcedureStepEndDate', create: 2, set: true, final: 1 },
  { keyword: 'PerformedProcedureStepEndTime', create: 2, set: true, final: 1 },
  { keyword: 'PerformedProcedureStepDiscontinuationReasonCodeSequence', create: 3, set: true, items: codeWithMeaning },
  // Image Acquisition Results
  { keyword: 'Modality', create: 1, set: false },
  { keyword: 'StudyID', create: 2, set: false },
  { keyword: 'PerformedProtocolCodeSequence', create: 2, set: true, items: code },
  {
    keyword: 'PerformedSeriesSequence',
    create: 2,
    set: true,
    final: 1,
    items: [
      { keyword: 'PerformingPhysicianName', type: 2 },
      { keyword: 'ProtocolName', type: 1 },
      { keyword: 'OperatorsName', type: 2 },
      { keyword: 'SeriesInstanceUID', type: 1 },
      { keyword: 'SeriesDescription', type: 2 },
      { keyword: 'RetrieveAETitle', type: 2 },
      {
        keyword: 'ReferencedImageSequence',
        type: 2,
        items: [...reference, { keyword: 'SpecimenDescriptionSequence', type: 3, items: specimen }],
      },
      { keyword: 'ReferencedNonImageCompositeSOPInstanceSequence', type: 2, items: reference },
    ],
  },
];
