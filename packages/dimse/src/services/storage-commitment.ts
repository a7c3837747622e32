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
export const StorageCommitmentEvent = { Successful: 1, FailuresExist: 2 } as const;

/** The reasons why an instance was not committed: (0008,1197) Failure Reason (PS3.3 §C.14.1.1). */
export const CommitmentFailure = {
  ProcessingFailure: 0x0110,
  NoSuchObjectInstance: 0x0112,
  ClassInstanceConflict: 0x0119,
  ReferencedSopClassNotSupported: 0x0122,
  DuplicateTransactionUid: 0x0131,
  ResourceLimitation: 0x0213,
} as const;
