// The public names of @x/dimse.

export { type MatchingOptions, matchesIdentifier } from './attribute-matching.ts';
export {
  type AttributeType,
  checkAttributes,
  type ItemRequirement,
  withEmptyValues,
} from './attribute-requirements.ts';
export { supportedCharacterSets } from './character-set.ts';
export {
  type CommandElement,
  type CommandSet,
  CommandSetError,
  decodeCommandSet,
  encodeCommandSet,
  tagText,
} from './command-set.ts';
export { DataSetInspector } from './data-set-inspector.ts';
export { DataSetScanner, type DataSetScannerOptions, uidValue } from './data-set-scanner.ts';
export {
  attributeKeywords,
  type BulkData,
  combineDataSetCodecs,
  createDataSetCodec,
  DATA_SET_TRANSFER_SYNTAXES,
  type DataSet,
  type DataSetCodec,
  type DataSetCodecOptions,
  DEFAULT_TRANSFER_SYNTAXES,
  decodeDataSet,
  decodeExtract,
  type Element,
  encodeDataSet,
  keywordOf,
  standardDataSetCodec,
  tagOf,
  valueRepresentationOf,
} from './dataset.ts';
export { OPERATION_END, OPERATION_START, type OperationEnd, type OperationStart } from './diagnostics.ts';
export { DicomFile, NotDicomError, type OpenOptions, openDicomFile } from './dicom-file.ts';
export {
  type DicomJsonAttribute,
  type DicomJsonModel,
  type DicomJsonOptions,
  fromDicomJson,
  toDicomJson,
} from './dicom-json.ts';
export { DataSetError, DimseError, NoContextError, NotSentError, RequestError, type RequestPhase } from './errors.ts';
export { type DeliveryClock, EventDelivery, type EventDeliveryOptions, type PeerAddress } from './event-delivery.ts';
export { createEventQueue, type EventQueue, type EventReport, type QueuedEvent } from './event-queue.ts';
export {
  encodeFileMetaInformation,
  type FileMetaInformation,
  locateFileMetaInformation,
  PREAMBLE_LENGTH,
} from './file-meta-information.ts';
export { FileWriter } from './file-writer.ts';
export { type ImageBoxPlace, imageBoxPlaces } from './film-layout.ts';
export { type FoundFile, findDicomFiles } from './find-dicom-files.ts';
export type { StoreOutcome } from './instance-sending.ts';
export type {
  DescribedInstance,
  InstanceData,
  InstanceFile,
  InstanceSource,
  RetrievableInstance,
} from './instance-source.ts';
export { makeUid } from './make-uid.ts';
export {
  type MessageEvents,
  MessageExchange,
  type MessageHead,
  type MessageLimits,
  type ReceivedMessage,
} from './message.ts';
export { MessageData } from './message-data.ts';
export {
  type DataSetField,
  dataSet,
  defineOperation,
  type ElementField,
  type Field,
  type Fields,
  type IncomingData,
  type InstanceField,
  instance,
  type Operation,
  optional,
  type Received,
  type Sent,
  short,
  tags,
  text,
  uid,
} from './operation.ts';
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
} from './operations.ts';
export {
  createdStep,
  type PerformedProcedureStepStatus,
  updatedStep,
  withEmptyStepAttributes,
} from './performed-procedure-step.ts';
export {
  type AttributeRequirement,
  PERFORMED_PROCEDURE_STEP_ATTRIBUTES,
} from './performed-procedure-step-attributes.ts';
export {
  type PerformedProcedureStepProviderOptions,
  performedProcedureStepProvider,
} from './performed-procedure-step-provider.ts';
export {
  createPerformedProcedureStepStore,
  isFinishedStep,
  type PerformedProcedureStepStore,
} from './performed-procedure-step-store.ts';
export { PerformedProcedureStep } from './performed-procedure-step-user.ts';
export { isPersonName, type PersonName, parsePersonName, personNameText } from './person-name.ts';
export { imageOf, type PrintedFilm, type PrintProviderOptions, printProvider } from './print-provider.ts';
export { type FilmRequest, type FilmResponse, printerStatus, printFilm } from './print-user.ts';
export { privateKey, privateValue, withPrivate } from './private-attributes.ts';
export type { ReceivedInstance } from './received-instances.ts';
export { type ReplayedRequest, replayConversations } from './replay.ts';
export type { ReplayOptions } from './replayed-association.ts';
export { type ResponseStatus, Responses } from './responses.ts';
export { Retrieval, type RetrieveReport } from './retrieval.ts';
export {
  type MoveDestination,
  type MoveOptions,
  performGet,
  performMove,
  type RetrieveOptions,
} from './retrieve.ts';
export {
  type GetOptions,
  get,
  type MoveToSelfOptions,
  moveToSelf,
  RETRIEVED_TRANSFER_SYNTAXES,
} from './retrieve-user.ts';
export { createScp, Scp, type ScpEvents, type ScpOptions } from './scp.ts';
export { impliedContexts, type OpenSessionOptions, openSession } from './scu.ts';
export {
  type Answer,
  type CallOptions,
  type Client,
  defineServiceClass,
  type HandledRequest,
  type HandlerContext,
  type Handlers,
  type PendingAnswer,
  type RequestOf,
  type ResponseOf,
  type ServeOptions,
  type Service,
  type ServiceClass,
  type ServiceSession,
  type SopClassDefinition,
  serve,
} from './service-class.ts';
export { applicationEventLogging, EventLogInstance } from './services/application-event-logging.ts';
export { DISPLAY_SYSTEM_INSTANCE, displaySystemManagement } from './services/display-system.ts';
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
export { verification } from './services/verification.ts';
export { modalityWorklist } from './services/worklist.ts';
export { Session, type SessionEvents } from './session.ts';
export {
  DEFAULT_SESSION_TIMEOUTS,
  type SessionOptions,
  type SessionTimeouts,
  type UnknownCommandAction,
} from './session-options.ts';
export { createSessionPool, type SessionPoolOptions } from './session-pool.ts';
export { category, describeStatus, Status, type StatusCategory, type StatusTable } from './status.ts';
export {
  type CommitmentTransaction,
  type CommitmentTransactionStore,
  createCommitmentTransactionStore,
  StorageCommitmentProvider,
  type StorageCommitmentProviderOptions,
} from './storage-commitment-provider.ts';
export {
  type CommitmentReport,
  type CommitmentRequestOptions,
  CommitmentTimeoutError,
  type ReferencedInstance,
  StorageCommitmentUser,
  type StorageCommitmentUserOptions,
} from './storage-commitment-user.ts';
export { type StoreInstancesOptions, storeInstances } from './store-instances.ts';
export { type StoreReportLine, sentBefore, storeReportLine } from './store-report.ts';
export type { RetrieveAnswer, SubOperationCounts } from './sub-operations.ts';
export { SopClass, STORAGE_SOP_CLASSES, TransferSyntax } from './uids.generated.ts';
export { isUid, uidName } from './uids.ts';
export type { UnifiedProcedureStepState, WorkItem } from './unified-procedure-step.ts';
export {
  UnifiedProcedureStepProvider,
  type UnifiedProcedureStepProviderOptions,
} from './unified-procedure-step-provider.ts';
export {
  type SubscriptionRequest,
  UnifiedProcedureStepUser,
  type WorkItemEvent,
  workItemEvents,
} from './unified-procedure-step-user.ts';
export { createWorkItemStore, type WorkItemStore, type WorkItemSubscription } from './work-item-store.ts';
export {
  type ArrivingInstance,
  type WriteInstanceOptions,
  type WrittenInstance,
  writeInstance,
} from './write-instance.ts';
