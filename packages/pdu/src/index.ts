// The public names of @x/pdu.

export { AE_TITLE_LENGTH, isValidAeTitle } from './ae-title.ts';
export {
  type AnsweredPresentationContext,
  type AssociateAccept,
  type AssociateHeader,
  type AssociateRequest,
  MAXIMUM_PRESENTATION_CONTEXTS,
  type ProposedPresentationContext,
} from './associate.ts';
export {
  acceptContext,
  addContext,
  associateAccept,
  associateRequest,
  findContexts,
  refuseContext,
  removeContext,
  wireItems,
  withExtendedNegotiation,
  withRole,
  withTransferSyntaxes,
  withUserInformation,
  withWireItems,
} from './associate-builders.ts';
export { PduDecoder, type PduDecoderOptions } from './decoder.ts';
export { PduError, type PduFault } from './errors.ts';
export type { Item } from './items.ts';
export {
  fragment,
  fragmentCapacity,
  LARGEST_FRAGMENTING_LENGTH,
  P_DATA_HEADER_LENGTH,
  type PDataTf,
  PDV_OVERHEAD,
  type PresentationDataValue,
  writePDataHeader,
} from './p-data.ts';
export {
  type Abort,
  type AssociateReject,
  decodePdu,
  encodePdu,
  PDU_HEADER_LENGTH,
  type Pdu,
  type PduType,
  type ReleaseReply,
  type ReleaseRequest,
} from './pdu.ts';
export {
  AbortReason,
  AbortSource,
  AcseRejectReason,
  abortReasonOf,
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
export { DICOM_APPLICATION_CONTEXT, isValidUid, MAXIMUM_UID_LENGTH } from './uid.ts';
export {
  type AsynchronousOperationsWindow,
  type CommonExtendedNegotiation,
  type ExtendedNegotiation,
  type RoleSelection,
  type UserIdentity,
  type UserIdentityResponse,
  type UserInformation,
  userInformationItems,
} from './user-information.ts';
