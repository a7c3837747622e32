// User Information and its sub-items 51H to 59H: PS3.8 §9.3.2.3 and Annex D.1, PS3.7 Annex D.3.3.

import { PduError } from './errors.ts';
import {
  concatenate,
  decodeItems,
  encodeItems,
  hex,
  type Item,
  type PlacedItem,
  readUint16,
  readUint32,
  uint8,
  uint16,
  uint32,
  unusualOrder,
} from './items.ts';
import { decodeUid, encodeUid, latin1, printable, textOf } from './uid.ts';

/** The User Information item. What a peer leaves out is absent here; what it adds is in `unknownItems`. */
export interface UserInformation {
  /** 51H: longest P-DATA-TF PDU, in bytes of its length field, that the sender of this wants to receive; 0 = unlimited. */
  readonly maximumLength?: number;
  /** 52H: UID of the sender's implementation. */
  readonly implementationClassUid?: string;
  /** 53H: Asynchronous Operations Window (PS3.7 §D.3.3.3); 0 = unlimited. */
  readonly asynchronousOperationsWindow?: AsynchronousOperationsWindow;
  /** 54H, one for each SOP class (PS3.7 §D.3.3.4). */
  readonly roleSelections?: readonly RoleSelection[];
  /** 55H: version of the sender's implementation, 1 to 16 characters. */
  readonly implementationVersionName?: string;
  /** 56H, one for each SOP class (PS3.7 §D.3.3.5). */
  readonly extendedNegotiations?: readonly ExtendedNegotiation[];
  /** 57H, one for each SOP class; in A-ASSOCIATE-RQ only (PS3.7 §D.3.3.6). */
  readonly commonExtendedNegotiations?: readonly CommonExtendedNegotiation[];
  /** 58H: who asks; in A-ASSOCIATE-RQ only (PS3.7 §D.3.3.7). */
  readonly userIdentity?: UserIdentity;
  /** 59H: the answer to 58H; in A-ASSOCIATE-AC only. */
  readonly userIdentityResponse?: UserIdentityResponse;
  /** Sub-items outside this table, and repeated ones, as they came. Written again as they are. */
  readonly unknownItems?: readonly Item[];
  /** Types of all sub-items in the order they were received, where it is not ascending with unknown ones last. */
  readonly itemOrder?: readonly number[];
}

/** 53H, from the point of view of the association's requestor in A-ASSOCIATE-RQ and -AC alike (PS3.7 Table D.3-7). */
export interface AsynchronousOperationsWindow {
  /** How many operations the association's requestor may have outstanding as invoker; 0 = unlimited. */
  readonly maximumInvoked: number;
  /** How many it performs at once; 0 = unlimited. */
  readonly maximumPerformed: number;
}

/** Which roles the association's requestor takes (proposed in RQ, accepted in AC) for a SOP class. */
export interface RoleSelection {
  readonly sopClassUid: string;
  readonly scuRole: boolean;
  readonly scpRole: boolean;
}

/** 56H: the options of a SOP class, proposed or answered (PS3.7 Table D.3-11). */
export interface ExtendedNegotiation {
  readonly sopClassUid: string;
  /** Service-class-application-information: its meaning is the service class's (PS3.4). */
  readonly applicationInformation: Uint8Array;
}

/** 57H: what a SOP class that the acceptor may not know is like (PS3.7 Table D.3-12). */
export interface CommonExtendedNegotiation {
  /** Sub-item version; 0 today. */
  readonly version: number;
  readonly sopClassUid: string;
  readonly serviceClassUid: string;
  readonly relatedGeneralSopClassUids: readonly string[];
}

/** 58H (PS3.7 Table D.3-14). */
export interface UserIdentity {
  /** 1 user name, 2 user name and passcode, 3 Kerberos ticket, 4 SAML assertion, 5 JSON Web Token; others are kept. */
  readonly identityType: number;
  readonly positiveResponseRequested: boolean;
  /** Bytes, never text: tickets are binary. At most 65535. */
  readonly primaryField: Uint8Array;
  /** The passcode of type 2, else empty. */
  readonly secondaryField: Uint8Array;
}

/** 59H (PS3.7 Table D.3-15). */
export interface UserIdentityResponse {
  /** Kerberos ticket, SAML response or JSON Web Token; empty for types 1 and 2. */
  readonly serverResponse: Uint8Array;
}

/** The sub-items of a User Information value as bytes, in the order they are written. */
export function userInformationItems(value: UserInformation, path: readonly string[] = ['userInformation']): Item[] {
  const items: Item[] = [];
  const add = (type: number, ...parts: Uint8Array[]) => items.push({ type, data: concatenate(parts) });
  if (value.maximumLength !== undefined) add(0x51, uint32(value.maximumLength, [...path, 'maximumLength']));
  if (value.implementationClassUid !== undefined)
    add(0x52, encodeUid(value.implementationClassUid, [...path, 'implementationClassUid']));
  if (value.asynchronousOperationsWindow) {
    const { maximumInvoked, maximumPerformed } = value.asynchronousOperationsWindow;
    const at = [...path, 'asynchronousOperationsWindow'];
    add(0x53, uint16(maximumInvoked, at), uint16(maximumPerformed, at));
  }
  for (const role of value.roleSelections ?? [])
    add(
      0x54,
      sized(encodeUid(role.sopClassUid, [...path, 'roleSelections'])),
      Uint8Array.of(role.scuRole ? 1 : 0, role.scpRole ? 1 : 0),
    );
  if (value.implementationVersionName !== undefined)
    add(0x55, encodeVersionName(value.implementationVersionName, [...path, 'implementationVersionName']));
  for (const { sopClassUid, applicationInformation } of value.extendedNegotiations ?? [])
    add(0x56, sized(encodeUid(sopClassUid, [...path, 'extendedNegotiations'])), applicationInformation);
  for (const negotiation of value.commonExtendedNegotiations ?? []) {
    const at = [...path, 'commonExtendedNegotiations'];
    const related = negotiation.relatedGeneralSopClassUids.map((uid) => sized(encodeUid(uid, at)));
    // The sub-item's version stands where other items have a reserved byte: see encodeUserInformation.
    items.push({
      type: 0x57,
      data: concatenate([
        sized(encodeUid(negotiation.sopClassUid, at)),
        sized(encodeUid(negotiation.serviceClassUid, at)),
        sized(concatenate([new Uint8Array(0), ...related])),
      ]),
    });
  }
  if (value.userIdentity) {
    const { identityType, positiveResponseRequested, primaryField, secondaryField } = value.userIdentity;
    add(
      0x58,
      Uint8Array.of(uint8(identityType, [...path, 'userIdentity']), positiveResponseRequested ? 1 : 0),
      sized(primaryField, [...path, 'userIdentity', 'primaryField']),
      sized(secondaryField, [...path, 'userIdentity', 'secondaryField']),
    );
  }
  if (value.userIdentityResponse)
    add(0x59, sized(value.userIdentityResponse.serverResponse, [...path, 'userIdentityResponse']));
  items.push(...(value.unknownItems ?? []));
  return items;
}

export function encodeUserInformation(value: UserInformation, path: readonly string[]): Uint8Array {
  const bytes = encodeItems(userInformationItems(value, path), value.itemOrder, path);
  // PS3.7 Table D.3-12: the second byte of a 57H sub-item is its version.
  const versions = (value.commonExtendedNegotiations ?? []).map(({ version }) => version);
  for (let at = 0; at < bytes.length && versions.length > 0; at += 4 + readUint16(bytes, at + 2))
    if (bytes[at] === 0x57) bytes[at + 1] = uint8(versions.shift() ?? 0, [...path, 'commonExtendedNegotiations']);
  return bytes;
}

export function decodeUserInformation(bytes: Uint8Array, offset: number, path: readonly string[]): UserInformation {
  const value: { -readonly [P in keyof UserInformation]: UserInformation[P] } = {};
  const roleSelections: RoleSelection[] = [];
  const extendedNegotiations: ExtendedNegotiation[] = [];
  const commonExtendedNegotiations: CommonExtendedNegotiation[] = [];
  const unknownItems: Item[] = [];
  const items = decodeItems(bytes, offset, path);
  for (const item of items) {
    const fields = new Fields(item, [...path, NAMES[item.type] ?? hex(item.type)]);
    if (item.type === 0x51 && value.maximumLength === undefined) value.maximumLength = fields.uint32();
    else if (item.type === 0x52 && value.implementationClassUid === undefined)
      value.implementationClassUid = fields.restAsUid();
    else if (item.type === 0x53 && !value.asynchronousOperationsWindow)
      value.asynchronousOperationsWindow = { maximumInvoked: fields.uint16(), maximumPerformed: fields.uint16() };
    else if (item.type === 0x54)
      roleSelections.push({
        sopClassUid: fields.sizedUid(),
        scuRole: fields.uint8() === 1,
        scpRole: fields.uint8() === 1,
      });
    else if (item.type === 0x55 && value.implementationVersionName === undefined)
      value.implementationVersionName = printable(textOf(fields.rest()).replace(/[ \0]+$/, ''));
    else if (item.type === 0x56)
      extendedNegotiations.push({ sopClassUid: fields.sizedUid(), applicationInformation: fields.rest() });
    else if (item.type === 0x57)
      commonExtendedNegotiations.push({
        version: bytes[item.offset - offset - 3] as number,
        sopClassUid: fields.sizedUid(),
        serviceClassUid: fields.sizedUid(),
        relatedGeneralSopClassUids: fields.hasMore ? fields.nested().restAsSizedUids() : [],
      });
    else if (item.type === 0x58 && !value.userIdentity)
      value.userIdentity = {
        identityType: fields.uint8(),
        positiveResponseRequested: fields.uint8() === 1,
        primaryField: fields.sized(),
        secondaryField: fields.hasMore ? fields.sized() : new Uint8Array(0),
      };
    else if (item.type === 0x59 && !value.userIdentityResponse)
      value.userIdentityResponse = { serverResponse: fields.sized() };
    else unknownItems.push({ type: item.type, data: item.data });
  }
  if (roleSelections.length > 0) value.roleSelections = roleSelections;
  if (extendedNegotiations.length > 0) value.extendedNegotiations = extendedNegotiations;
  if (commonExtendedNegotiations.length > 0) value.commonExtendedNegotiations = commonExtendedNegotiations;
  if (unknownItems.length > 0) value.unknownItems = unknownItems;
  const known = items.filter((item) => !unknownItems.some(({ data }) => data === item.data));
  const itemOrder = unusualOrder(items, [...known.sort((a, b) => a.type - b.type), ...unknownItems]);
  if (itemOrder) value.itemOrder = itemOrder;
  return value;
}

const NAMES: Readonly<Record<number, string>> = {
  81: 'maximumLength',
  82: 'implementationClassUid',
  83: 'asynchronousOperationsWindow',
  84: 'roleSelections',
  85: 'implementationVersionName',
  86: 'extendedNegotiations',
  87: 'commonExtendedNegotiations',
  88: 'userIdentity',
  89: 'userIdentityResponse',
};

function encodeVersionName(name: string, path: readonly string[]): Uint8Array {
  if (!/^[\x20-\x7e]{1,16}$/.test(name))
    throw new PduError('invalid-parameter-value', `'${printable(name)}' is not 1 to 16 characters of ASCII`, path);
  return latin1(name);
}

function sized(data: Uint8Array, path: readonly string[] = []): Uint8Array {
  if (data.length > 0xffff)
    throw new PduError('invalid-parameter-value', `has ${data.length} bytes, at most 65535 fit`, path);
  return concatenate([uint16(data.length), data]);
}

/** The fields of one sub-item, read from first to last. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  readonly #path: readonly string[];
  #at = 0;

  constructor(item: Pick<PlacedItem, 'data' | 'offset'>, path: readonly string[]) {
    this.#bytes = item.data;
    this.#offset = item.offset;
    this.#path = path;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  uint8(): number {
    return this.#take(1)[0] as number;
  }

  uint16(): number {
    return readUint16(this.#take(2), 0);
  }

  uint32(): number {
    return readUint32(this.#take(4), 0);
  }

  sized(): Uint8Array {
    return this.#take(this.uint16());
  }

  sizedUid(): string {
    return decodeUid(this.sized(), this.#path, this.#offset + this.#at);
  }

  rest(): Uint8Array {
    return this.#take(this.#bytes.length - this.#at);
  }

  restAsUid(): string {
    return decodeUid(this.rest(), this.#path, this.#offset);
  }

  nested(): Fields {
    const data = this.sized();
    return new Fields({ data, offset: this.#offset + this.#at - data.length }, this.#path);
  }

  restAsSizedUids(): string[] {
    const uids: string[] = [];
    while (this.hasMore) uids.push(this.sizedUid());
    return uids;
  }

  #take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (length > left)
      throw new PduError(
        'invalid-parameter-value',
        `needs ${length} bytes, ${left} are left`,
        this.#path,
        this.#offset + this.#at,
      );
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
