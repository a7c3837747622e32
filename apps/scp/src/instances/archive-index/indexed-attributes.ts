// The attributes the archive can match and return: PS3.4 §C.6.1.1 and §C.6.2.1, with those that workstations ask for.

import type { DataSet } from '@x/dimse';
import { tagOf } from '@x/dimse/data-set';
import { LEVELS, type Level } from './archive-index.ts';

/** By level, the unique key first. */
export const INDEXED_ATTRIBUTES: Readonly<Record<Level, readonly string[]>> = {
  PATIENT: [
    'PatientID',
    'PatientName',
    'IssuerOfPatientID',
    'IssuerOfPatientIDQualifiersSequence',
    'PatientBirthDate',
    'PatientBirthTime',
    'PatientSex',
    'OtherPatientIDs',
    'OtherPatientIDsSequence',
    'OtherPatientNames',
    'EthnicGroup',
    'PatientComments',
    'PatientSpeciesDescription',
    'PatientSpeciesCodeSequence',
    'PatientBreedDescription',
    'ResponsiblePerson',
    'ResponsibleOrganization',
  ],
  STUDY: [
    'StudyInstanceUID',
    'StudyDate',
    'StudyTime',
    'AccessionNumber',
    'IssuerOfAccessionNumberSequence',
    'StudyID',
    'ReferringPhysicianName',
    'StudyDescription',
    'ProcedureCodeSequence',
    'NameOfPhysiciansReadingStudy',
    'PhysiciansOfRecord',
    'AdmittingDiagnosesDescription',
    'PatientAge',
    'PatientSize',
    'PatientWeight',
    'Occupation',
    'AdditionalPatientHistory',
    'AdmissionID',
    'TimezoneOffsetFromUTC',
  ],
  SERIES: [
    'SeriesInstanceUID',
    'Modality',
    'SeriesNumber',
    'SeriesDescription',
    'SeriesDate',
    'SeriesTime',
    'BodyPartExamined',
    'Laterality',
    'ProtocolName',
    'PatientPosition',
    'PerformedProcedureStepID',
    'PerformedProcedureStepStartDate',
    'PerformedProcedureStepStartTime',
    'PerformedProcedureStepDescription',
    'RequestAttributesSequence',
    'PerformingPhysicianName',
    'OperatorsName',
    'Manufacturer',
    'ManufacturerModelName',
    'DeviceSerialNumber',
    'SoftwareVersions',
    'StationName',
    'InstitutionName',
    'InstitutionalDepartmentName',
    'FrameOfReferenceUID',
  ],
  IMAGE: [
    'SOPInstanceUID',
    'SOPClassUID',
    'InstanceNumber',
    'ImageType',
    'ContentDate',
    'ContentTime',
    'AcquisitionDate',
    'AcquisitionTime',
    'AcquisitionDateTime',
    'AcquisitionNumber',
    'InstanceCreationDate',
    'InstanceCreationTime',
    'NumberOfFrames',
    'Rows',
    'Columns',
    'BitsAllocated',
    'BitsStored',
    'SamplesPerPixel',
    'PhotometricInterpretation',
    'PixelSpacing',
    'ImagePositionPatient',
    'ImageOrientationPatient',
    'SliceLocation',
    'SliceThickness',
    'WindowCenter',
    'WindowWidth',
    'ImageComments',
    'ImageLaterality',
    'ViewPosition',
    'EchoNumbers',
    'EchoTime',
    'RepetitionTime',
    'LossyImageCompression',
    'ContentLabel',
    'ContentDescription',
    'ContentCreatorName',
    'PresentationCreationDate',
    'PresentationCreationTime',
    'ConceptNameCodeSequence',
    'CompletionFlag',
    'VerificationFlag',
    'DocumentTitle',
    'MIMETypeOfEncapsulatedDocument',
    'RTPlanLabel',
    'StructureSetLabel',
  ],
};

/** Attributes that no instance carries: they are worked out when asked for, at their level or below. */
export const COMPUTED_ATTRIBUTES: Readonly<Record<Level, readonly string[]>> = {
  PATIENT: ['NumberOfPatientRelatedStudies', 'NumberOfPatientRelatedSeries', 'NumberOfPatientRelatedInstances'],
  STUDY: ['ModalitiesInStudy', 'SOPClassesInStudy', 'NumberOfStudyRelatedSeries', 'NumberOfStudyRelatedInstances'],
  SERIES: ['NumberOfSeriesRelatedInstances'],
  IMAGE: ['AvailableTransferSyntaxUID'],
};

/** The levels from the top down to this one. */
export function levelsDownTo(level: Level): readonly Level[] {
  return LEVELS.slice(0, LEVELS.indexOf(level) + 1);
}

/** The attribute that names one entity of the level (PS3.4 §C.2.2.1.1). */
export function uniqueKey(level: Level): string {
  return INDEXED_ATTRIBUTES[level][0] as string;
}

/** The tags to be read of an instance. */
export const INDEXED_TAGS: ReadonlySet<number> = new Set(
  ['SpecificCharacterSet', ...Object.values(INDEXED_ATTRIBUTES).flat()].map((keyword) => {
    const tag = tagOf(keyword);
    if (tag === undefined) throw new TypeError(`${keyword} is no keyword of the standard`);
    return tag;
  }),
);

/** The attributes of one level, of all that were read. */
export function attributesOf(level: Level, attributes: DataSet): DataSet {
  const found: Record<string, unknown> = {};
  for (const keyword of INDEXED_ATTRIBUTES[level])
    if (attributes[keyword] !== undefined) found[keyword] = attributes[keyword];
  return found;
}
