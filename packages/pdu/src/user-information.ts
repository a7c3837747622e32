// User Information and its sub-items 51H to 59H: PS3.8 §9.3.2.3 and Annex D.1, PS3.7 Annex D.3.3.
//
// To add a sub-item, add its property to `UserInformation`; the compiler then asks for its row in `SUB_ITEMS`.
// The decoder, the encoder and the renderer follow the table (user-information-codec.ts).

import { PduError } from './errors.ts';
import { concatenate, type Item, uint8, uint16, uint32 } from './items.ts';
import { type Fields, sized, sizedUid } from './sub-item-fields.ts';
import { encodeUid } from './uid.ts';
import { bytesText, latin1, printable, quoted, textOf } from './wire-text.ts';

/** The User Information item. Sub-items that a peer leaves out are absent; those it adds are in `unknownItems`. */
export interface UserInformation {
  /** 51H: longest P-DATA-TF PDU that the sender of this item accepts, in bytes after its length field; 0 = unlimited. */
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
  /** 58H: identity of the requesting user; in A-ASSOCIATE-RQ only (PS3.7 §D.3.3.7). */
  readonly userIdentity?: UserIdentity;
  /** 59H: the answer to 58H; in A-ASSOCIATE-AC only. */
  readonly userIdentityResponse?: UserIdentityResponse;
  /** Sub-items outside the standard's tables, and repeated ones, unchanged. They are written again as they are. */
  readonly unknownItems?: readonly Item[];
  /** Types of all sub-items in the order received. Absent if that is ascending with the unknown ones last. */
  readonly itemOrder?: readonly number[];
}

/** 53H, in A-ASSOCIATE-RQ and -AC from the point of view of the association's requestor (PS3.7 Table D.3-7). */
export interface AsynchronousOperationsWindow {
  /** Operations that the association's requestor may have outstanding as invoker; 0 = unlimited. */
  readonly maximumInvoked: number;
  /** Operations that the requestor performs at once; 0 = unlimited. */
  readonly maximumPerformed: number;
}

/** 54H: roles of the association's requestor for a SOP class; proposed in RQ, accepted in AC (PS3.7 Table D.3-9). */
export interface RoleSelection {
  /** The SOP class that the roles are for. */
  readonly sopClassUid: string;
  /** Whether the requestor may be SCU. */
  readonly scuRole: boolean;
  /** Whether the requestor may be SCP. */
  readonly scpRole: boolean;
}

/** 56H: the options of a SOP class, proposed or answered (PS3.7 Table D.3-11). */
export interface ExtendedNegotiation {
  /** The SOP class that the information is for. */
  readonly sopClassUid: string;
  /** Service-class-application-information; the service class defines its meaning (PS3.4). */
  readonly applicationInformation: Uint8Array;
}

/** 57H: describes a SOP class that the acceptor may not know (PS3.7 Table D.3-12). */
export interface CommonExtendedNegotiation {
  /** Version of the sub-item; 0 in the current standard. */
  readonly version: number;
  /** The SOP class that is described. */
  readonly sopClassUid: string;
  /** The service class that it belongs to. */
  readonly serviceClassUid: string;
  /** SOP classes as which its instances can be handled; may be empty. */
  readonly relatedGeneralSopClassUids: readonly string[];
}

/** 58H (PS3.7 Table D.3-14). */
export interface UserIdentity {
  /** 1 user name, 2 user name and passcode, 3 Kerberos ticket, 4 SAML assertion, 5 JSON Web Token; other values are kept. */
  readonly identityType: number;
  /** Whether the acceptor is to confirm an accepted identity. */
  readonly positiveResponseRequested: boolean;
  /** Bytes rather than text, because tickets are binary. At most 65535 bytes. */
  readonly primaryField: Uint8Array;
  /** The passcode for type 2; otherwise empty. */
  readonly secondaryField: Uint8Array;
}

/** 59H (PS3.7 Table D.3-15). */
export interface UserIdentityResponse {
  /** Kerberos ticket, SAML response or JSON Web Token; empty for types 1 and 2. */
  readonly serverResponse: Uint8Array;
}

/** A property of `UserInformation` that has a sub-item of its own. */
export type SubItemName = Exclude<keyof UserInformation, 'unknownItems' | 'itemOrder'>;

/** How a sub-item is read, written and shown. Functions for writing throw PduError if a value does not fit its field. */
export interface SubItem<Value> {
  readonly type: number;
  readonly label: string;
  read(fields: Fields): Value;
  /** The parts of the sub-item's data, in order. */
  write(value: Value, path: readonly string[]): readonly Uint8Array[];
  /** The byte after the item type. Default 00H, because it is reserved in most sub-items. */
  secondByte?(value: Value, path: readonly string[]): number;
  /** The value in words; `nameOf` gives a UID with its name. */
  render(value: Value, nameOf: (uid: string) => string): string;
}

/** A property that is a list has a sub-item for each entry; other sub-items may appear once. */
type SubItemOf<Value> = Value extends readonly (infer Entry)[]
  ? SubItem<Entry> & { readonly isRepeatable: true }
  : SubItem<Value> & { readonly isRepeatable: false };

/** PS3.8 Table D.1-1, PS3.7 Tables D.3-1 to D.3-15. */
export const SUB_ITEMS: { readonly [Name in SubItemName]: SubItemOf<NonNullable<UserInformation[Name]>> } = {
  maximumLength: {
    type: 0x51,
    label: 'maximum length',
    isRepeatable: false,
    read: (fields) => fields.uint32(),
    write: (length, path) => [uint32(length, path)],
    render: (length) => (length === 0 ? 'unlimited' : `${length} bytes`),
  },
  implementationClassUid: {
    type: 0x52,
    label: 'implementation',
    isRepeatable: false,
    read: (fields) => fields.restAsUid(),
    write: (uid, path) => [encodeUid(uid, path)],
    render: (uid, nameOf) => nameOf(uid),
  },
  asynchronousOperationsWindow: {
    type: 0x53,
    label: 'operations window',
    isRepeatable: false,
    read: (fields) => ({ maximumInvoked: fields.uint16(), maximumPerformed: fields.uint16() }),
    write: ({ maximumInvoked, maximumPerformed }, path) => [
      uint16(maximumInvoked, path),
      uint16(maximumPerformed, path),
    ],
    render: ({ maximumInvoked, maximumPerformed }) =>
      `${maximumInvoked || 'unlimited'} invoked, ${maximumPerformed || 'unlimited'} performed`,
  },
  roleSelections: {
    type: 0x54,
    label: 'role selection',
    isRepeatable: true,
    read: (fields) => ({
      sopClassUid: fields.sizedUid(),
      scuRole: fields.uint8() === 1,
      scpRole: fields.uint8() === 1,
    }),
    write: ({ sopClassUid, scuRole, scpRole }, path) => [
      sizedUid(sopClassUid, path),
      Uint8Array.of(scuRole ? 1 : 0, scpRole ? 1 : 0),
    ],
    render: ({ sopClassUid, scuRole, scpRole }, nameOf) =>
      `${nameOf(sopClassUid)}: ${scuRole ? 'SCU' : 'not SCU'}, ${scpRole ? 'SCP' : 'not SCP'}`,
  },
  implementationVersionName: {
    type: 0x55,
    label: 'version',
    isRepeatable: false,
    read: (fields) => printable(textOf(fields.rest()).replace(/[ \0]+$/, '')),
    write: (name, path) => [encodeVersionName(name, path)],
    render: (name) => name,
  },
  extendedNegotiations: {
    type: 0x56,
    label: 'extended negotiation',
    isRepeatable: true,
    read: (fields) => ({ sopClassUid: fields.sizedUid(), applicationInformation: fields.rest() }),
    write: ({ sopClassUid, applicationInformation }, path) => [sizedUid(sopClassUid, path), applicationInformation],
    render: ({ sopClassUid, applicationInformation }, nameOf) =>
      `${nameOf(sopClassUid)}: ${bytesText(applicationInformation)}`,
  },
  commonExtendedNegotiations: {
    type: 0x57,
    label: 'common extended',
    isRepeatable: true,
    read: (fields) => ({
      version: fields.secondByte,
      sopClassUid: fields.sizedUid(),
      serviceClassUid: fields.sizedUid(),
      relatedGeneralSopClassUids: fields.hasMore ? fields.sizedUids() : [],
    }),
    write: ({ sopClassUid, serviceClassUid, relatedGeneralSopClassUids }, path) => [
      sizedUid(sopClassUid, path),
      sizedUid(serviceClassUid, path),
      sized(concatenate(relatedGeneralSopClassUids.map((uid) => sizedUid(uid, path))), path),
    ],
    // PS3.7 Table D.3-12: the version of the sub-item.
    secondByte: ({ version }, path) => uint8(version, path),
    render: ({ sopClassUid, serviceClassUid, relatedGeneralSopClassUids }, nameOf) =>
      [
        `${nameOf(sopClassUid)} of service ${nameOf(serviceClassUid)}`,
        ...relatedGeneralSopClassUids.map((uid) => `    related to ${nameOf(uid)}`),
      ].join('\n'),
  },
  userIdentity: {
    type: 0x58,
    label: 'user identity',
    isRepeatable: false,
    read: (fields) => ({
      identityType: fields.uint8(),
      positiveResponseRequested: fields.uint8() === 1,
      primaryField: fields.sized(),
      secondaryField: fields.hasMore ? fields.sized() : new Uint8Array(0),
    }),
    write: ({ identityType, positiveResponseRequested, primaryField, secondaryField }, path) => [
      Uint8Array.of(uint8(identityType, path), positiveResponseRequested ? 1 : 0),
      sized(primaryField, [...path, 'primaryField']),
      sized(secondaryField, [...path, 'secondaryField']),
    ],
    render: (identity) => describeIdentity(identity),
  },
  userIdentityResponse: {
    type: 0x59,
    label: 'identity response',
    isRepeatable: false,
    read: (fields) => ({ serverResponse: fields.sized() }),
    write: ({ serverResponse }, path) => [sized(serverResponse, path)],
    render: ({ serverResponse }) => `${serverResponse.length} bytes`,
  },
};

function encodeVersionName(name: string, path: readonly string[]): Uint8Array {
  if (!/^[\x20-\x7e]{1,16}$/.test(name))
    throw new PduError('invalid-parameter-value', `${quoted(name)} is not 1 to 16 characters of ASCII`, path);
  return latin1(name);
}

/** Shows the name of a user, but never a passcode, ticket or token. */
function describeIdentity({
  identityType,
  primaryField,
  secondaryField,
  positiveResponseRequested,
}: UserIdentity): string {
  const kind = IDENTITY_TYPES[identityType] ?? `type ${identityType}`;
  const name = identityType <= 2 ? ` '${printable(textOf(primaryField))}'` : ` of ${primaryField.length} bytes`;
  const passcode = secondaryField.length > 0 ? `, passcode of ${secondaryField.length} bytes` : '';
  return `${kind}${name}${passcode}${positiveResponseRequested ? ', response requested' : ''}`;
}

/** PS3.7 Table D.3-14, User-Identity-Type. */
const IDENTITY_TYPES: Readonly<Record<number, string>> = {
  1: 'user name',
  2: 'user name',
  3: 'Kerberos ticket',
  4: 'SAML assertion',
  5: 'JSON Web Token',
};
