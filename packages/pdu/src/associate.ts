// A-ASSOCIATE-RQ and A-ASSOCIATE-AC: PS3.8 §9.3.2 and §9.3.3, Tables 9-11 to 9-19.

import { AE_TITLE_LENGTH, decodeAeTitle, encodeAeTitle } from './ae-title.ts';
import { PduError } from './errors.ts';
import { decodeItems, encodeItems, type Item, keptItems, type PlacedItem, readUint16, uint16 } from './items.ts';
import {
  type AnsweredPresentationContext,
  decodeAnswered,
  decodeProposed,
  encodeAnswered,
  encodeProposed,
  type ProposedPresentationContext,
} from './presentation-context-items.ts';
import { DICOM_APPLICATION_CONTEXT, decodeUid, encodeUid } from './uid.ts';
import type { UserInformation } from './user-information.ts';
import { decodeUserInformation, encodeUserInformation } from './user-information-codec.ts';

/** Fields that A-ASSOCIATE-RQ and A-ASSOCIATE-AC have in common. */
export interface AssociateHeader {
  /** Bit 0 is version 1. Other bits are kept as received. */
  readonly protocolVersion: number;
  /** 1 to 16 characters, without padding; may be empty when received. */
  readonly calledAeTitle: string;
  /** 1 to 16 characters, without padding; may be empty when received. */
  readonly callingAeTitle: string;
  /** Absent if the peer left it out. If it is absent, the DICOM application context is written. */
  readonly applicationContextName?: string;
  /** The sub-items of item 50H (PS3.7 Annex D.3). */
  readonly userInformation: UserInformation;
  /**
   * Bytes 11 to 74 of the PDU as received: two AE titles and 32 reserved bytes. Absent if they are those that are written
   * for the titles. A-ASSOCIATE-AC returns those of the request (PS3.8 Table 9-17). A title that has changed is written as
   * it is now.
   */
  readonly fixedFields?: Uint8Array;
  /** Items outside the standard's tables, and repeated ones, unchanged. They are written again as they are. */
  readonly unknownItems?: readonly Item[];
  /** Types of all items in the order received. Absent if that is 10H, 20H or 21H, 50H, unknown ones. */
  readonly itemOrder?: readonly number[];
}

/** Requests an association (PS3.8 §9.3.2). */
export interface AssociateRequest extends AssociateHeader {
  readonly type: 'A-ASSOCIATE-RQ';
  /** 1 to 128 contexts, in the order of the PDU. */
  readonly presentationContexts: readonly ProposedPresentationContext[];
}

/** Accepts an association (PS3.8 §9.3.3). The AE titles are those of the request and are not significant. */
export interface AssociateAccept extends AssociateHeader {
  readonly type: 'A-ASSOCIATE-AC';
  /** An answer to each proposed context. */
  readonly presentationContexts: readonly AnsweredPresentationContext[];
}

/** Bytes of the fixed fields in front of the items. */
export const ASSOCIATE_HEADER_LENGTH = 68;

/** Most presentation contexts of an association: one for each odd number from 1 to 255. */
export const MAXIMUM_PRESENTATION_CONTEXTS = 128;

const RESERVED_LENGTH = 32;
const RESERVED_START = 2 * AE_TITLE_LENGTH;
const FIXED_FIELDS_LENGTH = RESERVED_START + RESERVED_LENGTH;
const FIXED_FIELDS_START = 4;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;

const APPLICATION_CONTEXT = 0x10;
const PROPOSED_CONTEXT = 0x20;
const ANSWERED_CONTEXT = 0x21;
const USER_INFORMATION = 0x50;

/** The body of the PDU: the bytes after its length field. */
export function encodeAssociate(pdu: AssociateRequest | AssociateAccept): Uint8Array {
  const path = [pdu.type];
  const items: Item[] = [
    {
      type: APPLICATION_CONTEXT,
      data: encodeUid(pdu.applicationContextName ?? DICOM_APPLICATION_CONTEXT, [...path, 'applicationContextName']),
    },
  ];
  const at = [pdu.type, 'presentationContexts'];
  if (pdu.type === 'A-ASSOCIATE-RQ')
    for (const context of pdu.presentationContexts)
      items.push({ type: PROPOSED_CONTEXT, data: encodeProposed(context, at) });
  else
    for (const context of pdu.presentationContexts)
      items.push({ type: ANSWERED_CONTEXT, data: encodeAnswered(context, at) });
  const information = [...path, 'userInformation'];
  items.push({ type: USER_INFORMATION, data: encodeUserInformation(pdu.userInformation, information) });
  items.push(...(pdu.unknownItems ?? []));
  const head = new Uint8Array(ASSOCIATE_HEADER_LENGTH);
  head.set(uint16(pdu.protocolVersion, [...path, 'protocolVersion']));
  head.set(encodeFixedFields(pdu, path), FIXED_FIELDS_START);
  return encodeItems(items, pdu.itemOrder, path, head);
}

function encodeFixedFields(pdu: AssociateHeader, path: readonly string[]): Uint8Array {
  const { fixedFields: received, calledAeTitle, callingAeTitle } = pdu;
  if (received && received.length !== FIXED_FIELDS_LENGTH)
    throw new PduError('invalid-parameter-value', `has not ${FIXED_FIELDS_LENGTH} bytes`, [...path, 'fixedFields']);
  const whole = received?.slice() ?? new Uint8Array(FIXED_FIELDS_LENGTH);
  if (!received || receivedTitle(received, 0) !== calledAeTitle)
    whole.set(encodeAeTitle(calledAeTitle, [...path, 'calledAeTitle']));
  if (!received || receivedTitle(received, AE_TITLE_LENGTH) !== callingAeTitle)
    whole.set(encodeAeTitle(callingAeTitle, [...path, 'callingAeTitle']), AE_TITLE_LENGTH);
  return whole;
}

function receivedTitle(fields: Uint8Array, start: number): string {
  return decodeAeTitle(fields.subarray(start, start + AE_TITLE_LENGTH));
}

/** A copy of the fields; undefined if they are those that are written for the titles. */
function unusualFixedFields(
  fields: Uint8Array,
  titles: Pick<AssociateHeader, 'calledAeTitle' | 'callingAeTitle'>,
  path: readonly string[],
): Uint8Array | undefined {
  if (isUsual(fields)) return undefined;
  const usual = encodeFixedFields({ ...titles, protocolVersion: 1, userInformation: {} }, path);
  for (let index = 0; index < FIXED_FIELDS_LENGTH; index++) if (fields[index] !== usual[index]) return fields.slice();
  return undefined;
}

/** Whether both titles are printable ASCII without spaces and backslashes, padded with spaces, and the reserved bytes zero: most are. */
function isUsual(fields: Uint8Array): boolean {
  let isPadding = false;
  for (let index = 0; index < RESERVED_START; index++) {
    const byte = fields[index] as number;
    if (index % AE_TITLE_LENGTH === 0) isPadding = false;
    else if (byte === SPACE) isPadding = true;
    if (isPadding ? byte !== SPACE : byte <= SPACE || byte > TILDE || byte === BACKSLASH) return false;
  }
  for (let index = RESERVED_START; index < FIXED_FIELDS_LENGTH; index++) if (fields[index] !== 0) return false;
  return true;
}

export function decodeAssociateRequest(body: Uint8Array): AssociateRequest {
  const type = 'A-ASSOCIATE-RQ';
  return { type, ...decodeAssociate(body, type, PROPOSED_CONTEXT, decodeProposed) };
}

export function decodeAssociateAccept(body: Uint8Array): AssociateAccept {
  const type = 'A-ASSOCIATE-AC';
  return { type, ...decodeAssociate(body, type, ANSWERED_CONTEXT, decodeAnswered) };
}

function decodeAssociate<Context extends { id: number }>(
  body: Uint8Array,
  type: string,
  contextType: number,
  decodeContext: (item: PlacedItem, path: readonly string[]) => Context,
): AssociateHeader & { readonly presentationContexts: readonly Context[] } {
  const path = [type];
  if (body.length < ASSOCIATE_HEADER_LENGTH)
    throw new PduError('invalid-parameter-value', `needs ${ASSOCIATE_HEADER_LENGTH} bytes, has ${body.length}`, path);
  const items = decodeItems(body.subarray(ASSOCIATE_HEADER_LENGTH), ASSOCIATE_HEADER_LENGTH, path);
  const contextPath = [type, 'presentationContexts'];
  const presentationContexts: Context[] = [];
  const unknownItems: Item[] = [];
  let applicationContext: PlacedItem | undefined;
  let userInformation: PlacedItem | undefined;
  for (const item of items) {
    if (item.type === APPLICATION_CONTEXT && !applicationContext) applicationContext = item;
    else if (item.type === USER_INFORMATION && !userInformation) userInformation = item;
    else if (item.type === contextType) {
      if (presentationContexts.length === MAXIMUM_PRESENTATION_CONTEXTS)
        throw new PduError(
          'invalid-parameter-value',
          `more than ${MAXIMUM_PRESENTATION_CONTEXTS} presentation contexts`,
          path,
          item.offset,
        );
      presentationContexts.push(decodeContext(item, contextPath));
    } else unknownItems.push({ type: item.type, data: item.data });
  }
  const known = items.filter(
    (item) => item === applicationContext || item === userInformation || item.type === contextType,
  );
  const titles = {
    calledAeTitle: decodeAeTitle(body.subarray(4, 4 + AE_TITLE_LENGTH)),
    callingAeTitle: decodeAeTitle(body.subarray(20, 20 + AE_TITLE_LENGTH)),
  };
  const fixedFields = unusualFixedFields(body.subarray(FIXED_FIELDS_START, ASSOCIATE_HEADER_LENGTH), titles, path);
  return {
    protocolVersion: readUint16(body, 0),
    ...titles,
    ...(fixedFields && { fixedFields }),
    ...(applicationContext && {
      applicationContextName: decodeUid(
        applicationContext.data,
        [...path, 'applicationContextName'],
        applicationContext.offset,
      ),
    }),
    presentationContexts,
    userInformation: userInformation
      ? decodeUserInformation(userInformation.data, userInformation.offset, [...path, 'userInformation'])
      : {},
    ...keptItems(items, known, unknownItems),
  };
}
