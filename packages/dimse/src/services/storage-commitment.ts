// Storage Commitment Push Model: PS3.4 Annex J.

import { nAction, nEventReport } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Storage Commitment Push Model (PS3.4 Annex J): asks a peer to take responsibility for instances. */
export const storageCommitment = defineServiceClass({
  name: 'Storage Commitment',
  operations: { action: nAction, eventReport: nEventReport },
  sopClasses: { PushModel: { uid: SopClass.StorageCommitmentPushModel, operations: ['action', 'eventReport'] } },
});

/** The well-known SOP instance of the push model, which every request and report names (§J.3.5). */
export const STORAGE_COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';

/** Action Type ID of a request (§J.3.2). */
export const REQUEST_STORAGE_COMMITMENT = 1;

/** Event Type IDs of a report, without and with failures (§J.3.3). */
export const StorageCommitmentEvent = {
  /** Every instance is committed. */
  Successful: 1,
  /** Some instances are not. */
  FailuresExist: 2,
} as const;

/** The reasons why an instance was not committed: (0008,1197) Failure Reason (PS3.3 §C.14.1.1). */
export const CommitmentFailure = {
  /** The SCP could not process the request. */
  ProcessingFailure: 0x0110,
  /** The SCP does not have the instance. */
  NoSuchObjectInstance: 0x0112,
  /** The instance has another SOP class. */
  ClassInstanceConflict: 0x0119,
  /** The SCP does not commit instances of this SOP class. */
  ReferencedSopClassNotSupported: 0x0122,
  /** The Transaction UID is in use already. */
  DuplicateTransactionUid: 0x0131,
  /** The SCP has not enough resources. */
  ResourceLimitation: 0x0213,
} as const;
