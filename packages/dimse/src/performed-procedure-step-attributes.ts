// What a performed procedure step must have, and when: PS3.4 Table F.7.2-1.

/** Type 1: there, with a value. 2: there, maybe empty. 3: optional. */
export type AttributeType = 1 | 2 | 3;

/** What the table says of an attribute. */
export interface AttributeRequirement {
  readonly keyword: string;
  /** For the SCU, in N-CREATE. */
  readonly create: AttributeType;
  /** Whether N-SET may have it. */
  readonly set: boolean;
  /** When the step becomes COMPLETED or DISCONTINUED, where that is more than for N-CREATE. */
  readonly final?: AttributeType;
  /** Of each item of the sequence, whenever there is one. */
  readonly items?: readonly { readonly keyword: string; readonly type: AttributeType }[];
}

// Table F.7.2-1, as far as attributes are required or may not be set; all others are of type 3 and may be set.
export const PERFORMED_PROCEDURE_STEP_ATTRIBUTES: readonly AttributeRequirement[] = [
  { keyword: 'SpecificCharacterSet', create: 3, set: true },
  // Performed Procedure Step Relationship
  {
    keyword: 'ScheduledStepAttributesSequence',
    create: 1,
    set: false,
    items: [
      { keyword: 'StudyInstanceUID', type: 1 },
      { keyword: 'ReferencedStudySequence', type: 2 },
      { keyword: 'AccessionNumber', type: 2 },
      { keyword: 'RequestedProcedureID', type: 2 },
      { keyword: 'RequestedProcedureDescription', type: 2 },
      { keyword: 'ScheduledProcedureStepID', type: 2 },
      { keyword: 'ScheduledProcedureStepDescription', type: 2 },
      { keyword: 'ScheduledProtocolCodeSequence', type: 2 },
    ],
  },
  { keyword: 'PatientName', create: 2, set: false },
  { keyword: 'PatientID', create: 2, set: false },
  { keyword: 'IssuerOfPatientID', create: 3, set: false },
  { keyword: 'IssuerOfPatientIDQualifiersSequence', create: 3, set: false },
  { keyword: 'OtherPatientIDsSequence', create: 3, set: false },
  { keyword: 'PatientBirthDate', create: 2, set: false },
  { keyword: 'PatientSex', create: 2, set: false },
  { keyword: 'ReferencedPatientSequence', create: 2, set: false },
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
  { keyword: 'ProcedureCodeSequence', create: 2, set: true },
  { keyword: 'PerformedProcedureStepEndDate', create: 2, set: true, final: 1 },
  { keyword: 'PerformedProcedureStepEndTime', create: 2, set: true, final: 1 },
  // Image Acquisition Results
  { keyword: 'Modality', create: 1, set: false },
  { keyword: 'StudyID', create: 2, set: false },
  { keyword: 'PerformedProtocolCodeSequence', create: 2, set: true },
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
      { keyword: 'ReferencedImageSequence', type: 2 },
      { keyword: 'ReferencedNonImageCompositeSOPInstanceSequence', type: 2 },
    ],
  },
];
