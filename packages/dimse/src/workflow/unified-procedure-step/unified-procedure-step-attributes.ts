// The attributes of work items: which are required, and which may be set (PS3.4 Table CC.2.5-3).

import type { UntypedDataSet } from '../../data-set/data-set-values.ts';
import type { AttributeType, ItemRequirement } from '../../services/attribute-requirements.ts';

/** A row of the table. */
export interface WorkItemAttribute {
  /** Keyword of the attribute. */
  readonly keyword: string;
  /** Requirement of the SCU in N-CREATE. */
  readonly create: AttributeType;
  /** In N-SET: whether it needs a value (1), and whether it may be set at all. */
  readonly set: 1 | 3 | 'not allowed';
  /** Whether it must be empty in a new work item. */
  readonly isCreatedEmpty?: true;
  /** Enumerated values. */
  readonly values?: readonly string[];
  /** Requirements of each item of the sequence, if it has items. */
  readonly items?: readonly ItemRequirement[];
}

const isAbsent = (item: UntypedDataSet, ...keywords: readonly string[]) =>
  keywords.every((keyword) => item[keyword] === undefined);

// Table CC.2.5-2a
const code: readonly ItemRequirement[] = [
  { keyword: 'CodeValue', type: 1, when: (item) => isAbsent(item, 'LongCodeValue', 'URNCodeValue') },
  {
    keyword: 'CodingSchemeDesignator',
    type: 1,
    when: (item) => !isAbsent(item, 'CodeValue') || !isAbsent(item, 'LongCodeValue'),
  },
  { keyword: 'CodeMeaning', type: 1 },
];

// Table CC.2.5-2c
const referencedInstances: readonly ItemRequirement[] = [
  { keyword: 'TypeOfInstances', type: 1 },
  {
    keyword: 'ReferencedSOPSequence',
    type: 1,
    items: [
      { keyword: 'ReferencedSOPClassUID', type: 1 },
      { keyword: 'ReferencedSOPInstanceUID', type: 1 },
    ],
  },
];

// Table CC.2.5-2f
const reference: readonly ItemRequirement[] = [
  { keyword: 'ReferencedSOPClassUID', type: 1 },
  { keyword: 'ReferencedSOPInstanceUID', type: 1 },
];

const scheduledPerformer: readonly ItemRequirement[] = [
  { keyword: 'HumanPerformerCodeSequence', type: 1, items: code },
  { keyword: 'HumanPerformerName', type: 1 },
  { keyword: 'HumanPerformerOrganization', type: 1 },
];

const progress: readonly ItemRequirement[] = [
  {
    keyword: 'ProcedureStepCommunicationsURISequence',
    type: 3,
    items: [{ keyword: 'ContactURI', type: 1 }],
  },
  { keyword: 'ProcedureStepDiscontinuationReasonCodeSequence', type: 3, items: code },
];

const performed: readonly ItemRequirement[] = [
  { keyword: 'PerformedStationNameCodeSequence', type: 3, items: code },
  { keyword: 'PerformedStationClassCodeSequence', type: 3, items: code },
  { keyword: 'PerformedStationGeographicLocationCodeSequence', type: 3, items: code },
  { keyword: 'PerformedWorkitemCodeSequence', type: 3, items: code },
  { keyword: 'OutputInformationSequence', type: 3, items: referencedInstances },
];

/**
 * PS3.4 Table CC.2.5-3, restricted to attributes that are required, must not be set, need a value when set, or have items with
 * requirements. All others are of type 3. If only the SCU can know the condition of type 1C or 2C, it counts as not met.
 */
// biome-ignore format: rows of a table
export const WORK_ITEM_ATTRIBUTES: readonly WorkItemAttribute[] = [
  { keyword: 'SOPClassUID', create: 3, set: 'not allowed' },
  { keyword: 'SOPInstanceUID', create: 3, set: 'not allowed' },
  // Unified Procedure Step Scheduled Procedure Information
  { keyword: 'ScheduledProcedureStepPriority', create: 1, set: 1, values: ['HIGH', 'MEDIUM', 'LOW'] },
  { keyword: 'ProcedureStepLabel', create: 1, set: 1 },
  { keyword: 'WorklistLabel', create: 2, set: 1 },
  { keyword: 'ScheduledProcessingParametersSequence', create: 2, set: 3 },
  { keyword: 'ScheduledStationNameCodeSequence', create: 2, set: 3, items: code },
  { keyword: 'ScheduledStationClassCodeSequence', create: 2, set: 3, items: code },
  { keyword: 'ScheduledStationGeographicLocationCodeSequence', create: 2, set: 3, items: code },
  { keyword: 'ScheduledHumanPerformersSequence', create: 3, set: 3, items: scheduledPerformer },
  { keyword: 'ScheduledProcedureStepStartDateTime', create: 1, set: 1 },
  { keyword: 'ExpectedCompletionDateTime', create: 3, set: 1 },
  { keyword: 'ScheduledWorkitemCodeSequence', create: 2, set: 1, items: code },
  { keyword: 'CommentsOnTheScheduledProcedureStep', create: 2, set: 1 },
  { keyword: 'InputReadinessState', create: 1, set: 1, values: ['INCOMPLETE', 'UNAVAILABLE', 'READY'] },
  { keyword: 'InputInformationSequence', create: 2, set: 3, items: referencedInstances },
  { keyword: 'StudyInstanceUID', create: 2, set: 3 },
  // Unified Procedure Step Relationship
  { keyword: 'PatientName', create: 2, set: 'not allowed' },
  { keyword: 'PatientID', create: 2, set: 'not allowed' },
  { keyword: 'IssuerOfPatientID', create: 2, set: 'not allowed' },
  { keyword: 'IssuerOfPatientIDQualifiersSequence', create: 2, set: 'not allowed' },
  { keyword: 'OtherPatientIDsSequence', create: 2, set: 3, items: [{ keyword: 'PatientID', type: 1 }] },
  { keyword: 'PatientBirthDate', create: 2, set: 'not allowed' },
  { keyword: 'PatientSex', create: 2, set: 'not allowed' },
  { keyword: 'AdmissionID', create: 2, set: 'not allowed' },
  { keyword: 'IssuerOfAdmissionIDSequence', create: 2, set: 'not allowed' },
  { keyword: 'AdmittingDiagnosesDescription', create: 2, set: 'not allowed' },
  { keyword: 'AdmittingDiagnosesCodeSequence', create: 2, set: 'not allowed', items: code },
  {
    keyword: 'ReferencedRequestSequence', create: 2, set: 'not allowed',
    items: [
      { keyword: 'StudyInstanceUID', type: 1 },
      { keyword: 'RequestedProcedureCodeSequence', type: 3, items: code },
    ],
  },
  { keyword: 'ReplacedProcedureStepSequence', create: 3, set: 'not allowed', items: reference },
  // Unified Procedure Step Progress Information
  { keyword: 'ProcedureStepState', create: 1, set: 'not allowed' },
  { keyword: 'ProcedureStepProgressInformationSequence', create: 2, set: 3, isCreatedEmpty: true, items: progress },
  // Unified Procedure Step Performed Procedure Information
  { keyword: 'UnifiedProcedureStepPerformedProcedureSequence', create: 2, set: 3, isCreatedEmpty: true, items: performed },
];
