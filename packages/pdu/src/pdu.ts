// The seven protocol data units of the DICOM Upper Layer: PS3.8 §9.3.1.

import {
  ASSOCIATE_HEADER_LENGTH,
  type AssociateAccept,
  type AssociateRequest,
  decodeAssociateAccept,
  decodeAssociateRequest,
  encodeAssociate,
} from './associate.ts';
import { PduError } from './errors.ts';
import { concatenate, hex, uint8, uint32 } from './items.ts';
import { decodePData, encodePData, type PDataTf, PDV_OVERHEAD } from './p-data.ts';
import { quoted } from './wire-text.ts';

/** Any PDU; `type` is its name in the standard. */
export type Pdu =
  | AssociateRequest
  | AssociateAccept
  | AssociateReject
  | PDataTf
  | ReleaseRequest
  | ReleaseReply
  | Abort;

/** The standard's names of the seven PDUs. */
export type PduType = Pdu['type'];

/** Rejects an association (PS3.8 §9.3.4). For the codes see `RejectResult`, `RejectSource` and the reasons. */
export interface AssociateReject {
  readonly type: 'A-ASSOCIATE-RJ';
  /** 1 permanent, 2 transient: see `RejectResult`. */
  readonly result: number;
  /** 1 service user, 2 ACSE, 3 presentation: see `RejectSource`. */
  readonly source: number;
  /** Its meaning depends on the source: see `UserRejectReason`, `AcseRejectReason`, `PresentationRejectReason`. */
  readonly reason: number;
}

/** Requests the release of the association (PS3.8 §9.3.6). */
export interface ReleaseRequest {
  readonly type: 'A-RELEASE-RQ';
}

/** Confirms the release (PS3.8 §9.3.7). */
export interface ReleaseReply {
  readonly type: 'A-RELEASE-RP';
}

/** Aborts the association (PS3.8 §9.3.8). For the codes see `AbortSource` and `AbortReason`. */
export interface Abort {
  readonly type: 'A-ABORT';
  /** 0 service user, 2 service provider: see `AbortSource`. */
  readonly source: number;
  /** Significant if the source is the service provider: see `AbortReason`. */
  readonly reason: number;
}

/** Bytes of the header of every PDU: type, a reserved byte, length. */
export const PDU_HEADER_LENGTH = 6;

/**
 * The PDU as buffers, in the order to write them. Fragments of P-DATA-TF are passed on, not copied.
 * @throws PduError if a value does not fit its field.
 */
export function encodePdu(pdu: Pdu): Uint8Array[] {
  if (pdu.type === 'P-DATA-TF') return encodePData(pdu);
  if (!Object.hasOwn(PDU_TYPES, pdu.type))
    throw new PduError('unrecognized-pdu', `${quoted(pdu.type)} is not the type of a PDU`);
  const body = encodeBody(pdu);
  return [concatenate([Uint8Array.of(PDU_TYPES[pdu.type], 0), uint32(body.length), body])];
}

/**
 * Reads a PDU from its type byte and its body, which is the part after the length field. Byte fields of the result are
 * views into the body.
 * @throws PduError if the type is unknown or the body is not valid for it.
 */
export function decodePdu(type: number, body: Uint8Array): Pdu {
  const name = pduTypeOf(type);
  // Callers in JavaScript may have passed the bytes alone.
  if (!ArrayBuffer.isView(body))
    throw new PduError('invalid-parameter-value', `the body is ${quoted(body)}, not bytes`, [name]);
  switch (name) {
    case 'A-ASSOCIATE-RQ':
      return decodeAssociateRequest(body);
    case 'A-ASSOCIATE-AC':
      return decodeAssociateAccept(body);
    case 'P-DATA-TF':
      return decodePData([body]);
    default:
      return decodeShort(name, body);
  }
}

/** The name of the PDU with this type byte. @throws PduError for any other byte. */
export function pduTypeOf(type: number): PduType {
  const name = PDU_NAMES[type];
  if (name) return name;
  const what = typeof type === 'number' ? hex(type) : quoted(type);
  throw new PduError('unrecognized-pdu', `${what} is not the type of a PDU`, [], 0);
}

/**
 * Checks the length that the header of a PDU declares.
 * @throws PduError if it is too long or too short.
 */
export function checkLength(
  name: PduType,
  length: number,
  limits: { readonly data: number; readonly association: number },
): void {
  const fail = (what: string) => {
    throw new PduError('invalid-parameter-value', `declares ${length} bytes, ${what}`, [name]);
  };
  if (name === 'P-DATA-TF') {
    if (length > limits.data) fail(`the maximum is ${limits.data}`);
    if (length < PDV_OVERHEAD) fail(`it needs ${PDV_OVERHEAD}`);
  } else if (name === 'A-ASSOCIATE-RQ' || name === 'A-ASSOCIATE-AC') {
    if (length > limits.association) fail(`the maximum is ${limits.association}`);
    if (length < ASSOCIATE_HEADER_LENGTH) fail(`it needs ${ASSOCIATE_HEADER_LENGTH}`);
  } else if (length !== SHORT_LENGTH) fail(`it has ${SHORT_LENGTH}`);
}

const PDU_TYPES: Readonly<Record<PduType, number>> = {
  'A-ASSOCIATE-RQ': 0x01,
  'A-ASSOCIATE-AC': 0x02,
  'A-ASSOCIATE-RJ': 0x03,
  'P-DATA-TF': 0x04,
  'A-RELEASE-RQ': 0x05,
  'A-RELEASE-RP': 0x06,
  'A-ABORT': 0x07,
};

const PDU_NAMES: Readonly<Record<number, PduType>> = Object.fromEntries(
  Object.entries(PDU_TYPES).map(([name, type]) => [type, name as PduType]),
);

// The body of A-ASSOCIATE-RJ, A-RELEASE-RQ, A-RELEASE-RP and A-ABORT.
const SHORT_LENGTH = 4;

function encodeBody(pdu: Exclude<Pdu, PDataTf>): Uint8Array {
  const at = [pdu.type];
  switch (pdu.type) {
    case 'A-ASSOCIATE-RQ':
    case 'A-ASSOCIATE-AC':
      return encodeAssociate(pdu);
    case 'A-ASSOCIATE-RJ':
      return Uint8Array.of(0, uint8(pdu.result, at), uint8(pdu.source, at), uint8(pdu.reason, at));
    case 'A-ABORT':
      // An abort must always be sent, so the codes are not checked.
      return Uint8Array.of(0, 0, pdu.source, pdu.reason);
    default:
      return new Uint8Array(SHORT_LENGTH);
  }
}

function decodeShort(type: 'A-ASSOCIATE-RJ' | 'A-RELEASE-RQ' | 'A-RELEASE-RP' | 'A-ABORT', body: Uint8Array): Pdu {
  checkLength(type, body.length, { data: 0, association: 0 });
  const [, second, third, fourth] = body as unknown as [number, number, number, number];
  if (type === 'A-ASSOCIATE-RJ') return { type, result: second, source: third, reason: fourth };
  if (type === 'A-ABORT') return { type, source: third, reason: fourth };
  return { type };
}
