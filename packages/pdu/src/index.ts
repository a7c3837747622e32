// The public names of @x/pdu.

export { isValidAeTitle } from './ae-title.ts';
export {
  type AssociateAccept,
  type AssociateHeader,
  type AssociateRequest,
  MAXIMUM_PRESENTATION_CONTEXTS,
} from './associate.ts';
export {
  acceptContext,
  addContext,
  associateAccept,
  associateRequest,
  findContexts,
  type NewContext,
  refuseContext,
  removeContext,
  wireItems,
  withAbstractSyntax,
  withContextId,
  withExtendedNegotiation,
  withRole,
  withTransferSyntaxes,
  withUserInformation,
  withWireItems,
} from './associate-builders.ts';
export { OptionError } from './check-options.ts';
export { PduDecoder, type PduDecoderOptions } from './decoder.ts';
export { PduError, type PduFault } from './errors.ts';
export type { Item } from './items.ts';
export { fragment, type PDataTf, type PresentationDataValue } from './p-data.ts';
export {
  type Abort,
  type AssociateReject,
  decodePdu,
  encodePdu,
  type Pdu,
  type PduType,
  type ReleaseReply,
  type ReleaseRequest,
} from './pdu.ts';
export type { AnsweredPresentationContext, ProposedPresentationContext } from './presentation-context-items.ts';
export {
  AbortReason,
  AbortSource,
  AcseRejectReason,
  describeAbort,
  describeContextResult,
  describeReject,
  PresentationContextResult,
  PresentationRejectReason,
  RejectResult,
  RejectSource,
  UserRejectReason,
} from './reasons.ts';
export { type RenderOptions, renderPdu, summarizePdu } from './rendering.ts';
export { ReturnValueError } from './return-value-error.ts';
export { DICOM_APPLICATION_CONTEXT, isValidUid } from './uid.ts';
export type {
  AsynchronousOperationsWindow,
  CommonExtendedNegotiation,
  ExtendedNegotiation,
  RoleSelection,
  UserIdentity,
  UserIdentityResponse,
  UserInformation,
} from './user-information.ts';
