// The attributes that the archive can match and return: PS3.4 §C.6.1.1 and §C.6.2.1, and those that workstations request.

import type { UntypedDataSet } from '@x/dimse';
import { tagOf } from '@x/dimse/data-set';
import { LEVELS, type Level } from './archive-index.ts';
import type { ColumnKind } from './column-kinds.ts';

/** An attribute of the index. */
export interface IndexedAttribute {
  readonly level: Level;
  readonly keyword: string;
  /** If the database has a column for it, so that it can leave out what does not match; also how the column matches. */
  readonly column?: ColumnKind;
  /** If instances do not contain it: how it is computed for an answer. */
  readonly computed?: Computation;
}

/** How an attribute is computed from the rows below its entity. */
export type Computation =
  /** The number of entities of that level below it. */
  | { readonly countOf: Level }
  /** The distinct values below it of an attribute that has a column; while the column is being filled, some may lack. */
  | { readonly valuesOf: string }
  /** A column of its own row that is not an attribute. */
  | { readonly rowColumn: 'transfer_syntax_uid' };

/**
 * One row per attribute; the first row of each level is its unique key. To index another attribute, add a row: the
 * schema, the writing and the queries follow from this table, and existing archives are completed in the background.
 * Rows are never removed or renamed, since databases record them (see attribute-list.ts).
 */
export const INDEXED_ATTRIBUTES: readonly IndexedAttribute[] = [
  { level: 'PATIENT', keyword: 'PatientID', column: 'text' },
  { level: 'PATIENT', keyword: 'PatientName', column: 'name' },
  { level: 'PATIENT', keyword: 'IssuerOfPatientID' },
  { level: 'PATIENT', keyword: 'IssuerOfPatientIDQualifiersSequence' },
  { level: 'PATIENT', keyword: 'PatientBirthDate' },
  { level: 'PATIENT', keyword: 'PatientBirthTime' },
  { level: 'PATIENT', keyword: 'PatientSex' },
  { level: 'PATIENT', keyword: 'OtherPatientIDs' },
  { level: 'PATIENT', keyword: 'OtherPatientIDsSequence' },
  { level: 'PATIENT', keyword: 'OtherPatientNames' },
  { level: 'PATIENT', keyword: 'EthnicGroup' },
  { level: 'PATIENT', keyword: 'PatientComments' },
  { level: 'PATIENT', keyword: 'PatientSpeciesDescription' },
  { level: 'PATIENT', keyword: 'PatientSpeciesCodeSequence' },
  { level: 'PATIENT', keyword: 'PatientBreedDescription' },
  { level: 'PATIENT', keyword: 'ResponsiblePerson' },
  { level: 'PATIENT', keyword: 'ResponsibleOrganization' },
  { level: 'PATIENT', keyword: 'NumberOfPatientRelatedStudies', computed: { countOf: 'STUDY' } },
  { level: 'PATIENT', keyword: 'NumberOfPatientRelatedSeries', computed: { countOf: 'SERIES' } },
  { level: 'PATIENT', keyword: 'NumberOfPatientRelatedInstances', computed: { countOf: 'IMAGE' } },
  { level: 'STUDY', keyword: 'StudyInstanceUID', column: 'uid' },
  { level: 'STUDY', keyword: 'StudyDate', column: 'date' },
  { level: 'STUDY', keyword: 'StudyTime' },
  { level: 'STUDY', keyword: 'AccessionNumber', column: 'text' },
  { level: 'STUDY', keyword: 'IssuerOfAccessionNumberSequence' },
  { level: 'STUDY', keyword: 'StudyID' },
  { level: 'STUDY', keyword: 'ReferringPhysicianName' },
  { level: 'STUDY', keyword: 'StudyDescription' },
  { level: 'STUDY', keyword: 'ProcedureCodeSequence' },
  { level: 'STUDY', keyword: 'NameOfPhysiciansReadingStudy' },
  { level: 'STUDY', keyword: 'PhysiciansOfRecord' },
  { level: 'STUDY', keyword: 'AdmittingDiagnosesDescription' },
  { level: 'STUDY', keyword: 'PatientAge' },
  { level: 'STUDY', keyword: 'PatientSize' },
  { level: 'STUDY', keyword: 'PatientWeight' },
  { level: 'STUDY', keyword: 'Occupation' },
  { level: 'STUDY', keyword: 'AdditionalPatientHistory' },
  { level: 'STUDY', keyword: 'AdmissionID' },
  { level: 'STUDY', keyword: 'TimezoneOffsetFromUTC' },
  { level: 'STUDY', keyword: 'ModalitiesInStudy', computed: { valuesOf: 'Modality' } },
  { level: 'STUDY', keyword: 'SOPClassesInStudy', computed: { valuesOf: 'SOPClassUID' } },
  { level: 'STUDY', keyword: 'NumberOfStudyRelatedSeries', computed: { countOf: 'SERIES' } },
  { level: 'STUDY', keyword: 'NumberOfStudyRelatedInstances', computed: { countOf: 'IMAGE' } },
  { level: 'SERIES', keyword: 'SeriesInstanceUID', column: 'uid' },
  { level: 'SERIES', keyword: 'Modality', column: 'text' },
  { level: 'SERIES', keyword: 'SeriesNumber' },
  { level: 'SERIES', keyword: 'SeriesDescription' },
  { level: 'SERIES', keyword: 'SeriesDate' },
  { level: 'SERIES', keyword: 'SeriesTime' },
  { level: 'SERIES', keyword: 'BodyPartExamined' },
  { level: 'SERIES', keyword: 'Laterality' },
  { level: 'SERIES', keyword: 'ProtocolName' },
  { level: 'SERIES', keyword: 'PatientPosition' },
  { level: 'SERIES', keyword: 'PerformedProcedureStepID' },
  { level: 'SERIES', keyword: 'PerformedProcedureStepStartDate' },
  { level: 'SERIES', keyword: 'PerformedProcedureStepStartTime' },
  { level: 'SERIES', keyword: 'PerformedProcedureStepDescription' },
  { level: 'SERIES', keyword: 'RequestAttributesSequence' },
  { level: 'SERIES', keyword: 'PerformingPhysicianName' },
  { level: 'SERIES', keyword: 'OperatorsName' },
  { level: 'SERIES', keyword: 'Manufacturer' },
  { level: 'SERIES', keyword: 'ManufacturerModelName' },
  { level: 'SERIES', keyword: 'DeviceSerialNumber' },
  { level: 'SERIES', keyword: 'SoftwareVersions' },
  { level: 'SERIES', keyword: 'StationName' },
  { level: 'SERIES', keyword: 'InstitutionName' },
  { level: 'SERIES', keyword: 'InstitutionalDepartmentName' },
  { level: 'SERIES', keyword: 'FrameOfReferenceUID' },
  { level: 'SERIES', keyword: 'NumberOfSeriesRelatedInstances', computed: { countOf: 'IMAGE' } },
  { level: 'IMAGE', keyword: 'SOPInstanceUID', column: 'uid' },
  { level: 'IMAGE', keyword: 'SOPClassUID', column: 'uid' },
  { level: 'IMAGE', keyword: 'InstanceNumber' },
  { level: 'IMAGE', keyword: 'ImageType' },
  { level: 'IMAGE', keyword: 'ContentDate' },
  { level: 'IMAGE', keyword: 'ContentTime' },
  { level: 'IMAGE', keyword: 'AcquisitionDate' },
  { level: 'IMAGE', keyword: 'AcquisitionTime' },
  { level: 'IMAGE', keyword: 'AcquisitionDateTime' },
  { level: 'IMAGE', keyword: 'AcquisitionNumber' },
  { level: 'IMAGE', keyword: 'InstanceCreationDate' },
  { level: 'IMAGE', keyword: 'InstanceCreationTime' },
  { level: 'IMAGE', keyword: 'NumberOfFrames' },
  { level: 'IMAGE', keyword: 'Rows' },
  { level: 'IMAGE', keyword: 'Columns' },
  { level: 'IMAGE', keyword: 'BitsAllocated' },
  { level: 'IMAGE', keyword: 'BitsStored' },
  { level: 'IMAGE', keyword: 'SamplesPerPixel' },
  { level: 'IMAGE', keyword: 'PhotometricInterpretation' },
  { level: 'IMAGE', keyword: 'PixelSpacing' },
  { level: 'IMAGE', keyword: 'ImagePositionPatient' },
  { level: 'IMAGE', keyword: 'ImageOrientationPatient' },
  { level: 'IMAGE', keyword: 'SliceLocation' },
  { level: 'IMAGE', keyword: 'SliceThickness' },
  { level: 'IMAGE', keyword: 'WindowCenter' },
  { level: 'IMAGE', keyword: 'WindowWidth' },
  { level: 'IMAGE', keyword: 'ImageComments' },
  { level: 'IMAGE', keyword: 'ImageLaterality' },
  { level: 'IMAGE', keyword: 'ViewPosition' },
  { level: 'IMAGE', keyword: 'EchoNumbers' },
  { level: 'IMAGE', keyword: 'EchoTime' },
  { level: 'IMAGE', keyword: 'RepetitionTime' },
  { level: 'IMAGE', keyword: 'LossyImageCompression' },
  { level: 'IMAGE', keyword: 'ContentLabel' },
  { level: 'IMAGE', keyword: 'ContentDescription' },
  { level: 'IMAGE', keyword: 'ContentCreatorName' },
  { level: 'IMAGE', keyword: 'PresentationCreationDate' },
  { level: 'IMAGE', keyword: 'PresentationCreationTime' },
  { level: 'IMAGE', keyword: 'ConceptNameCodeSequence' },
  { level: 'IMAGE', keyword: 'CompletionFlag' },
  { level: 'IMAGE', keyword: 'VerificationFlag' },
  { level: 'IMAGE', keyword: 'DocumentTitle' },
  { level: 'IMAGE', keyword: 'MIMETypeOfEncapsulatedDocument' },
  { level: 'IMAGE', keyword: 'RTPlanLabel' },
  { level: 'IMAGE', keyword: 'StructureSetLabel' },
  { level: 'IMAGE', keyword: 'AvailableTransferSyntaxUID', computed: { rowColumn: 'transfer_syntax_uid' } },
];

/** The levels from the top down to this one. */
export function levelsDownTo(level: Level): readonly Level[] {
  return LEVELS.slice(0, LEVELS.indexOf(level) + 1);
}

/** The attribute that names one entity of the level (PS3.4 §C.2.2.1.1). */
export function uniqueKey(level: Level): string {
  return UNIQUE_KEYS[level];
}

/** Whether the attribute can be requested in a query at the level: it is an attribute of the level or of one above. */
export function isIndexedAt(level: Level, keyword: string): boolean {
  return levelsDownTo(level).some((each) => KEYWORDS[each].has(keyword));
}

/** The tags to read from an instance. */
export function tagsOf(attributes: readonly IndexedAttribute[]): ReadonlySet<number> {
  const keywords = attributes.filter(({ computed }) => computed === undefined).map(({ keyword }) => keyword);
  return new Set(['SpecificCharacterSet', ...keywords].map(tag));
}

/** The keywords of those attributes that are kept at the level. */
export function keptKeywords(level: Level, attributes: readonly IndexedAttribute[]): ReadonlySet<string> {
  const kept = attributes.filter((each) => each.level === level && !each.computed);
  return new Set(kept.map(({ keyword }) => keyword));
}

/** The values of the attributes with these keywords. */
export function withKeywords(keywords: ReadonlySet<string>, dataSet: UntypedDataSet): UntypedDataSet {
  const found: Record<string, unknown> = {};
  // To ask an object for each of many properties that it lacks takes longer.
  for (const keyword of Object.keys(dataSet)) if (keywords.has(keyword)) found[keyword] = dataSet[keyword];
  return found;
}

const UNIQUE_KEYS = byLevel((attributes) => attributes[0]?.keyword ?? '');
const KEYWORDS = byLevel((attributes) => new Set(attributes.map(({ keyword }) => keyword)));

function byLevel<T>(value: (attributes: readonly IndexedAttribute[]) => T): Readonly<Record<Level, T>> {
  const entries = LEVELS.map((level) => [level, value(INDEXED_ATTRIBUTES.filter((each) => each.level === level))]);
  return Object.fromEntries(entries) as Record<Level, T>;
}

function tag(keyword: string): number {
  const found = tagOf(keyword);
  if (found === undefined) throw new TypeError(`'${keyword}' is not a keyword of the standard`);
  return found;
}

/** The tags of all attributes in the table. */
export const INDEXED_TAGS = tagsOf(INDEXED_ATTRIBUTES);
