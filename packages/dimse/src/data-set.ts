// The public names of @x/dimse/data-set: data sets and DICOM files, without a network.

export {
  firstItem,
  isElement,
  isEmptyValue,
  isPersonName,
  items,
  number,
  personNameText,
  text,
  texts,
  uid,
  values,
} from './data-set/access.ts';
export {
  type IdentifierMatcher,
  MAXIMUM_MATCHING_ALTERNATIVES,
  type MatchingOptions,
  matchesIdentifier,
  prepareMatching,
} from './data-set/attribute-matching.ts';
export { supportedCharacterSets } from './data-set/character-set.ts';
export type { EditedAttribute } from './data-set/data-set-editor.ts';
export type { DataSetEdit } from './data-set/data-set-edits.ts';
export { DataSetError } from './data-set/data-set-error.ts';
export { DataSetInspector } from './data-set/data-set-inspector.ts';
export { ATTRIBUTE_LIST_LIMITS, type DataSetLimits, IDENTIFIER_LIMITS } from './data-set/data-set-limits.ts';
export { DataSetScanner, type DataSetScannerOptions, type Tags, uidValue } from './data-set/data-set-scanner.ts';
export type { FaultListener } from './data-set/data-set-scope.ts';
export {
  attributeKeywords,
  type BulkData,
  combineDataSetCodecs,
  createDataSetCodec,
  DATA_SET_TRANSFER_SYNTAXES,
  type DataSet,
  type DataSetCodec,
  type DataSetCodecOptions,
  type DataSetInput,
  DEFAULT_TRANSFER_SYNTAXES,
  decodeDataSet,
  decodeDataSetInTurns,
  decodeExtract,
  type Element,
  encodeDataSet,
  encodeDataSetInTurns,
  type Identifier,
  type Keyword,
  keywordOf,
  standardDataSetCodec,
  tagOf,
  type UntypedDataSet,
  valueRepresentationOf,
} from './data-set/dataset.ts';
export {
  type DicomJsonAttribute,
  type DicomJsonModel,
  type DicomJsonOptions,
  fromDicomJson,
  fromDicomJsonInTurns,
  toDicomJson,
  toDicomJsonInTurns,
} from './data-set/dicom-json.ts';
export { type EditOptions, editDataSet } from './data-set/edit-data-set.ts';
export { isDeflated, isUncompressed } from './data-set/encodings.ts';
export type { DataSetWarning, DataSetWarningCode } from './data-set/leniency.ts';
export { byKeyword, elementOf, isMisfit, type Misfit, misfits, withElements } from './data-set/misfits.ts';
export { type PersonName, parsePersonName } from './data-set/person-name.ts';
export { privateKey, privateValue, withPrivate } from './data-set/private-attributes.ts';
export {
  canReencode,
  type DataSetChunks,
  proposedBeside,
  type ReencodeOptions,
  reencode,
} from './data-set/reencode.ts';
export { SERIES_INSTANCE_UID, SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID } from './data-set/tags.ts';
export { MAXIMUM_WILDCARD_PART } from './data-set/wildcard-pattern.ts';
export { DicomFile } from './part10/dicom-file.ts';
export { isDiskSlow, timed } from './part10/disk-speed.ts';
export {
  encodeFileMetaInformation,
  type FileMetaInformation,
  locateFileMetaInformation,
  PREAMBLE_LENGTH,
} from './part10/file-meta-information.ts';
export { FileWriter } from './part10/file-writer.ts';
export { type FoundFile, type FoundPath, findDicomFiles } from './part10/find-dicom-files.ts';
export { NotDicomError } from './part10/not-dicom-error.ts';
export { type OpenOptions, openDicomFile, openDicomSource } from './part10/open-dicom-file.ts';
export { pathBytes, pathOfBytes } from './part10/path-bytes.ts';
export type { ClosablePositionedSource } from './part10/source-reader.ts';
export { makeUid } from './registry/make-uid.ts';
export { codeText, tagText } from './registry/tag-text.ts';
export { SopClass, STORAGE_SOP_CLASSES, TransferSyntax } from './registry/uids.generated.ts';
export { isUid, uidName } from './registry/uids.ts';
export { atOnce, inTurns, nextTurn, Step, type Steps, UNITS_PER_STEP, watchSteps } from './turns.ts';
