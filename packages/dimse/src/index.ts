// The public names of @x/dimse: sessions, messages, service classes, storing and retrieving.

export {
  type IdentifierMatcher,
  MAXIMUM_MATCHING_ALTERNATIVES,
  type MatchingOptions,
  matchesIdentifier,
  prepareMatching,
} from './data-set/attribute-matching.ts';
export type { EditedAttribute } from './data-set/data-set-editor.ts';
export type { DataSetEdit } from './data-set/data-set-edits.ts';
export { DataSetError } from './data-set/data-set-error.ts';
export { ATTRIBUTE_LIST_LIMITS, type DataSetLimits, IDENTIFIER_LIMITS } from './data-set/data-set-limits.ts';
export {
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
  type Element,
  encodeDataSet,
  encodeDataSetInTurns,
  type Identifier,
  type Keyword,
  standardDataSetCodec,
  type UntypedDataSet,
} from './data-set/dataset.ts';
export { type EditOptions, editDataSet } from './data-set/edit-data-set.ts';
export type { DataSetWarning, DataSetWarningCode } from './data-set/leniency.ts';
export { elementOf, type Misfit, misfits, withElements } from './data-set/misfits.ts';
export {
  canReencode,
  type DataSetChunks,
  proposedBeside,
  type ReencodeOptions,
  reencode,
} from './data-set/reencode.ts';
export {
  type CommandElement,
  type CommandSet,
  CommandSetError,
  decodeCommandSet,
  encodeCommandSet,
} from './message/command-set.ts';
export { OPERATION_CHANNEL, type OperationTrace } from './message/diagnostics.ts';
export {
  DimseError,
  NoContextError,
  NotSentError,
  PeerLostError,
  RequestError,
  type RequestPhase,
} from './message/errors.ts';
export {
  type DataSetField,
  type ElementField,
  type Field,
  type Fields,
  field,
  type InstanceField,
} from './message/field.ts';
export {
  type MessageEvents,
  MessageExchange,
  type MessageHead,
  type MessageLimits,
  type ReceivedMessage,
} from './message/message.ts';
export { MessageData } from './message/message-data.ts';
export { defineOperation, type IncomingData, type Operation, type Received, type Sent } from './message/operation.ts';
export {
  cEcho,
  cFind,
  cGet,
  cMove,
  cStore,
  messageName,
  nAction,
  nCreate,
  nDelete,
  nEventReport,
  nGet,
  nSet,
} from './message/operations.ts';
export { category, describeStatus, Status, type StatusCategory, type StatusTable } from './message/status.ts';
export { DicomFile } from './part10/dicom-file.ts';
export { type FoundFile, type FoundPath, findDicomFiles } from './part10/find-dicom-files.ts';
export { type HeldFile, HeldFiles, type HeldFilesOptions } from './part10/held-files.ts';
export { NotDicomError } from './part10/not-dicom-error.ts';
export { type OpenOptions, openDicomFile } from './part10/open-dicom-file.ts';
export { createSessionPool, type SessionPoolOptions } from './pool/session-pool.ts';
export {
  type AnswerQueryOptions,
  answerQuery,
  type QueryAnswer,
  type QueryContext,
  type QueryItems,
  type QueryService,
} from './query/answer-query.ts';
export type { KeyPlace, Query, SupportsKey } from './query/query.ts';
export type { QueryLevel, QueryModel } from './query/query-model.ts';
export { makeUid } from './registry/make-uid.ts';
export { SopClass, STORAGE_SOP_CLASSES, TransferSyntax } from './registry/uids.generated.ts';
export { isUid, uidName } from './registry/uids.ts';
export { get } from './retrieve/get-instances.ts';
export { type GetOptions, RETRIEVE_ASSOCIATIONS } from './retrieve/get-options.ts';
export { type MoveToSelfOptions, moveToSelf } from './retrieve/move-to-self.ts';
export type { ReceivedInstance } from './retrieve/received-instances.ts';
export { Retrieval, type RetrieveFailure, type RetrieveReport } from './retrieve/retrieval.ts';
export {
  type MoveDestination,
  type MoveOptions,
  performGet,
  performMove,
  type RetrieveOptions,
} from './retrieve/retrieve.ts';
export { RETRIEVED_SOP_CLASSES, RETRIEVED_TRANSFER_SYNTAXES } from './retrieve/retrieve-contexts.ts';
export type { RetrieveAnswer, SubOperationCounts } from './retrieve/sub-operations.ts';
export { applicationEventLogging, EventLogInstance } from './services/application-event-logging.ts';
export {
  type AttributeType,
  checkAttributes,
  type ItemRequirement,
  withEmptyValues,
} from './services/attribute-requirements.ts';
export { DISPLAY_SYSTEM_INSTANCE, displaySystemManagement } from './services/display-system.ts';
export type {
  PerformedStepAttributes,
  StudyIdentifier,
  WorkItemAttributes,
  WorkItemIdentifier,
  WorklistIdentifier,
} from './services/identifiers.ts';
export {
  INSTANCE_AVAILABILITY_ATTRIBUTES,
  instanceAvailabilityNotification,
} from './services/instance-availability.ts';
export { machineVerification } from './services/machine-verification.ts';
export { MediaCreationAction, mediaCreationManagement } from './services/media-creation.ts';
export { nonPatientObjectStorage } from './services/non-patient-object-storage.ts';
export {
  colorPalette,
  definedProcedureProtocol,
  genericImplantTemplate,
  hangingProtocol,
  implantAssemblyTemplate,
  implantTemplateGroup,
  inventory,
  protocolApproval,
} from './services/non-patient-query-retrieve.ts';
export {
  MAY_NO_LONGER_BE_UPDATED,
  modalityPerformedProcedureStep,
  PERFORMED_PROCEDURE_STEP_EVENTS,
} from './services/performed-procedure-step.ts';
export {
  PRINT_ACTION,
  PRINTER_CONFIGURATION_INSTANCE,
  PRINTER_INSTANCE,
  printManagement,
} from './services/print-management.ts';
export {
  compositeInstanceRoot,
  compositeInstanceWithoutBulkData,
  patientRoot,
  patientStudyOnly,
  repositoryQuery,
  studyRoot,
} from './services/query-retrieve.ts';
export { relevantPatientInformation } from './services/relevant-patient-information.ts';
export { type InstanceKind, storage, storageContexts } from './services/storage.ts';
export {
  CommitmentFailure,
  REQUEST_STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  StorageCommitmentEvent,
  storageCommitment,
} from './services/storage-commitment.ts';
export { STORAGE_MANAGEMENT_INSTANCE, storageManagement } from './services/storage-management.ts';
export { substanceAdministration } from './services/substance-administration.ts';
export {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE,
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepAction,
  UnifiedProcedureStepEvent,
  UnifiedProcedureStepStatus,
  unifiedProcedureStep,
} from './services/unified-procedure-step.ts';
export { modalityWorklist } from './services/worklist.ts';
export type { ApplicationEntity, CalledApplicationEntity } from './session/application-entity.ts';
export type { CallOptions } from './session/call-options.ts';
export type { MatchOf, QueryRequest } from './session/query-call.ts';
export type { Answer, PendingAnswer, ResponseStatus, Responses, UnreadableDataSet } from './session/responses.ts';
export {
  createScp,
  Scp,
  type ScpEvents,
  type ScpListenerOptions,
  type ScpOfEntitiesOptions,
  type ScpOptions,
} from './session/scp.ts';
export { impliedContexts, type OpenSessionOptions, openSession, type SentInstance } from './session/scu.ts';
export {
  type Client,
  defineServiceClass,
  type HandledRequest,
  type Handler,
  type HandlerContext,
  type Handlers,
  type Queries,
  type QueryHandler,
  type RequestOf,
  type ResponseOf,
  type ServeOptions,
  type Service,
  type ServiceClass,
  type ServiceSession,
  type SopClassDefinition,
  serve,
} from './session/service-class.ts';
export { Session, type SessionEvents } from './session/session.ts';
export {
  DEFAULT_SESSION_LIMITS,
  DEFAULT_SESSION_TIMEOUTS,
  type SessionLimits,
  type SessionOptions,
  type SessionTimeouts,
  type UnknownCommandAction,
} from './session/session-options.ts';
export { verification } from './session/verification.ts';
export type {
  DescribedInstance,
  InstanceData,
  InstanceFile,
  InstanceSource,
  RetrievableInstance,
} from './store/instance-source.ts';
export type { RecoveryLimits } from './store/store-associations.ts';
export { type StoreInstancesOptions, storeInstances } from './store/store-instances.ts';
export type { StoreOutcome } from './store/store-outcome.ts';
export { type StoreReportLine, sentBefore, storeReportLine } from './store/store-report.ts';
export {
  type ArrivingInstance,
  type WriteInstanceOptions,
  type WrittenInstance,
  writeArrivedInstance,
  writeInstance,
} from './store/write-instance.ts';
