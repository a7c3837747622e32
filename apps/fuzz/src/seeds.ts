// Inputs that a run begins with, made by the encoders themselves.

import { SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { encodeConversation } from '@x/net/capture';
import {
  acceptContext,
  addContext,
  associateAccept,
  associateRequest,
  encodePdu,
  type Pdu,
  withExtendedNegotiation,
  withRole,
  withUserInformation,
} from '@x/pdu';

/** A data set with one value of most kinds, with items and a private block. */
export const SEED_DATA_SET: UntypedDataSet = {
  SpecificCharacterSet: ['ISO_IR 192'],
  SOPClassUID: SopClass.CTImageStorage,
  SOPInstanceUID: '1.2.3.4',
  StudyDate: '20260101',
  PatientName: { Alphabetic: 'Doe^Jane', Ideographic: '山田^花子' },
  PatientID: '42',
  PatientWeight: 61.5,
  InstanceNumber: 7,
  Rows: 2,
  Columns: 2,
  SliceThickness: 1.25,
  ReferencedStudySequence: [
    { ReferencedSOPClassUID: SopClass.MRImageStorage, ReferencedSOPInstanceUID: '1.2.3.5' },
    { ReferencedSeriesSequence: [{ SeriesInstanceUID: '1.2.3.6' }] },
  ],
  '00091010': { vr: 'LO', value: 'PRIVATE BLOCK' },
  PixelData: Uint8Array.of(1, 2, 3, 4),
};

/** An association with most sub-items, one message, its release and an abort, each as one input. */
export function seedPdus(): Uint8Array[] {
  return [pdusOfAnAssociation(), [{ type: 'A-ABORT', source: 2, reason: 6 } satisfies Pdu]].map((pdus) =>
    Buffer.concat(pdus.flatMap((pdu) => encodePdu(pdu))),
  );
}

/** The same association as a capture file. */
export function seedCapture(): Uint8Array {
  const said = pdusOfAnAssociation().map((pdu, index) => ({
    time: 1_700_000_000_000 + index,
    byRequestor: !/-AC$|-RP$/.test(pdu.type),
    bytes: Buffer.concat(encodePdu(pdu)),
  }));
  const [requestor, acceptor] = [49_152, 104].map((port) => ({ address: '127.0.0.1', port }));
  if (!requestor || !acceptor) throw new RangeError('a conversation has two ends');
  return Buffer.concat([...encodeConversation({ requestor, acceptor, name: 'seed' }, said)]);
}

function pdusOfAnAssociation(): Pdu[] {
  let request = associateRequest('ARCHIVE', 'MODALITY', []);
  const { ImplicitVRLittleEndian, ExplicitVRLittleEndian } = TransferSyntax;
  for (const abstractSyntax of [SopClass.Verification, SopClass.CTImageStorage])
    request = addContext(request, {
      abstractSyntax,
      transferSyntaxes: [ExplicitVRLittleEndian, ImplicitVRLittleEndian],
    });
  request = withUserInformation(request, {
    maximumLength: 16_384,
    implementationClassUid: '1.2.3',
    implementationVersionName: 'SEED',
    asynchronousOperationsWindow: { maximumInvoked: 4, maximumPerformed: 4 },
    userIdentity: {
      identityType: 2,
      positiveResponseRequested: true,
      primaryField: Uint8Array.of(0x75),
      secondaryField: Uint8Array.of(0x70),
    },
    commonExtendedNegotiations: [
      { version: 0, sopClassUid: '1.2.3', serviceClassUid: '1.2.4', relatedGeneralSopClassUids: ['1.2.5'] },
    ],
  });
  request = withRole(request, { sopClassUid: SopClass.CTImageStorage, scuRole: true, scpRole: true });
  request = withExtendedNegotiation(request, SopClass.CTImageStorage, Uint8Array.of(1, 0, 1));
  const accept = acceptContext(associateAccept(request), 1, ImplicitVRLittleEndian);
  const fragment = { contextId: 1, kind: 'command', last: true, fragments: [Uint8Array.of(0, 0, 0, 0)] } as const;
  return [
    request,
    accept,
    { type: 'P-DATA-TF', values: [fragment, { ...fragment, kind: 'data', last: false }] },
    { type: 'A-RELEASE-RQ' },
    { type: 'A-RELEASE-RP' },
    { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 7 },
  ];
}
