// Builders for association PDUs: contexts, transfer syntaxes, roles, sub-items (PS3.8 §9.3.2). Each returns a new PDU.

import { type AssociateAccept, type AssociateRequest, MAXIMUM_PRESENTATION_CONTEXTS } from './associate.ts';
import { DEFAULT_MAXIMUM_LENGTH, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './implementation.ts';
import { decodeItems, encodeItems, type Item } from './items.ts';
import type { AnsweredPresentationContext, ProposedPresentationContext } from './presentation-context-items.ts';
import { PresentationContextResult } from './reasons.ts';
import { DICOM_APPLICATION_CONTEXT } from './uid.ts';
import type { RoleSelection, UserInformation } from './user-information.ts';
import { decodeUserInformation, encodeUserInformation } from './user-information-codec.ts';
import { quoted } from './wire-text.ts';

type Associate = AssociateRequest | AssociateAccept;

/** A presentation context to add. Without an `id`, it gets the lowest odd one that is free. */
export type NewContext = Omit<ProposedPresentationContext, 'id'> & { readonly id?: number };

/**
 * A complete A-ASSOCIATE-RQ that may be sent as it is: protocol version 1, the DICOM application context, the items of User
 * Information that are mandatory (PS3.8 §D.1.1, PS3.7 §D.3.3.2), and the contexts. Default: one for Verification.
 */
export function associateRequest(
  calledAeTitle = 'ANY-SCP',
  callingAeTitle = 'ANY-SCU',
  contexts: readonly NewContext[] = VERIFICATION,
): AssociateRequest {
  const request: AssociateRequest = {
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle,
    callingAeTitle,
    applicationContextName: DICOM_APPLICATION_CONTEXT,
    presentationContexts: [],
    userInformation: {
      maximumLength: DEFAULT_MAXIMUM_LENGTH,
      implementationClassUid: IMPLEMENTATION_CLASS_UID,
      implementationVersionName: IMPLEMENTATION_VERSION_NAME,
    },
  };
  return contexts.reduce(addContext, request);
}

/** The A-ASSOCIATE-AC for a request. Every context is refused without a reason until `acceptContext` accepts it. */
export function associateAccept(request: AssociateRequest): AssociateAccept {
  return {
    ...associateRequest(request.calledAeTitle, request.callingAeTitle, []),
    type: 'A-ASSOCIATE-AC',
    ...(request.fixedFields && { fixedFields: request.fixedFields }),
    presentationContexts: request.presentationContexts.map(({ id }) => ({
      id,
      result: PresentationContextResult.NoReason,
    })),
  };
}

/**
 * Adds a context. Without an id, it gets the lowest free odd id.
 * @throws RangeError if the id is taken, or the request already has 128 contexts.
 */
export function addContext(request: AssociateRequest, context: NewContext): AssociateRequest {
  const { presentationContexts } = request;
  const taken = new Set(presentationContexts.map(({ id }) => id));
  if (presentationContexts.length === MAXIMUM_PRESENTATION_CONTEXTS)
    throw new RangeError(`an association carries at most ${MAXIMUM_PRESENTATION_CONTEXTS} presentation contexts`);
  let { id } = context;
  if (id === undefined) for (id = 1; taken.has(id); ) id += 2;
  if (taken.has(id)) throw new RangeError(`presentation context ${quoted(id)} already exists`);
  return { ...request, presentationContexts: [...presentationContexts, { ...context, id }] };
}

/** Removes the context with this id, if it exists. */
export function removeContext<A extends Associate>(associate: A, id: number): A {
  const presentationContexts = (associate.presentationContexts as readonly { readonly id: number }[]).filter(
    (context) => context.id !== id,
  );
  return { ...associate, presentationContexts };
}

/** All contexts of an abstract syntax. */
export function findContexts(
  request: AssociateRequest,
  abstractSyntax: string,
): readonly ProposedPresentationContext[] {
  return request.presentationContexts.filter((context) => context.abstractSyntax === abstractSyntax);
}

/** Replaces the transfer syntaxes of a context, in the order of preference. @throws RangeError for an unknown id. */
export function withTransferSyntaxes(
  request: AssociateRequest,
  id: number,
  transferSyntaxes: readonly string[],
): AssociateRequest {
  return { ...request, presentationContexts: replaced(request.presentationContexts, id, { transferSyntaxes }) };
}

/** Replaces the abstract syntax of a context. @throws RangeError for an unknown id. */
export function withAbstractSyntax(request: AssociateRequest, id: number, abstractSyntax: string): AssociateRequest {
  return { ...request, presentationContexts: replaced(request.presentationContexts, id, { abstractSyntax }) };
}

/**
 * Gives a context another id.
 * @throws RangeError for an unknown id, or for a new one that is taken or not an odd number from 1 to 255 (PS3.8 §9.3.2.2).
 */
export function withContextId<A extends Associate>(associate: A, id: number, newId: number): A {
  const contexts: readonly { readonly id: number }[] = associate.presentationContexts;
  if (!(newId % 2 === 1 && newId >= 1 && newId <= 255))
    throw new RangeError(`${quoted(newId)} is not the id of a presentation context: an odd number from 1 to 255`);
  if (newId !== id && contexts.some((context) => context.id === newId))
    throw new RangeError(`presentation context ${quoted(newId)} already exists`);
  return { ...associate, presentationContexts: replaced(contexts, id, { id: newId }) };
}

/** Accepts a context in this transfer syntax. @throws RangeError for an unknown id. */
export function acceptContext(accept: AssociateAccept, id: number, transferSyntax: string): AssociateAccept {
  const answer = { result: PresentationContextResult.Acceptance, transferSyntax };
  return { ...accept, presentationContexts: replaced(accept.presentationContexts, id, answer) };
}

/** Refuses a context with a `PresentationContextResult`. @throws RangeError for an unknown id. */
export function refuseContext(accept: AssociateAccept, id: number, result: number): AssociateAccept {
  const presentationContexts: readonly AnsweredPresentationContext[] = replaced(accept.presentationContexts, id, {
    result,
  });
  return { ...accept, presentationContexts };
}

/** Replaces the given fields of the user information. */
export function withUserInformation<A extends Associate>(associate: A, changes: Partial<UserInformation>): A {
  return { ...associate, userInformation: { ...associate.userInformation, ...changes } };
}

/** Sets the roles of a SOP class, replacing those it has. */
export function withRole<A extends Associate>(associate: A, selection: RoleSelection): A {
  const { roleSelections = [] } = associate.userInformation;
  return withUserInformation(associate, { roleSelections: withEntry(roleSelections, selection) });
}

/** Sets the application information of a SOP class (extended negotiation), replacing what it has. */
export function withExtendedNegotiation<A extends Associate>(
  associate: A,
  sopClassUid: string,
  applicationInformation: Uint8Array,
): A {
  const { extendedNegotiations = [] } = associate.userInformation;
  const changed = withEntry(extendedNegotiations, { sopClassUid, applicationInformation });
  return withUserInformation(associate, { extendedNegotiations: changed });
}

/** The sub-items of User Information as types and data, in the order in which they are written. */
export function wireItems(associate: Associate): readonly Item[] {
  const path = [associate.type];
  const items = decodeItems(encodeUserInformation(associate.userInformation, path), 0, path);
  return items.map(({ type, data }) => ({ type, data }));
}

/**
 * Replaces the sub-items of User Information by these, of any type and in this order; known types are decoded. Use it
 * with `wireItems` to add, change, move and remove sub-items.
 * @throws PduError if a sub-item of a known type is malformed.
 */
export function withWireItems<A extends Associate>(associate: A, items: readonly Item[]): A {
  const path = [associate.type];
  return { ...associate, userInformation: decodeUserInformation(encodeItems(items, undefined, path), 0, path) };
}

function replaced<C extends { readonly id: number }>(
  contexts: readonly C[],
  id: number,
  changes: object,
): readonly C[] {
  if (!contexts.some((context) => context.id === id))
    throw new RangeError(`there is no presentation context ${quoted(id)}`);
  return contexts.map((context) => (context.id === id ? { ...context, ...changes } : context));
}

function withEntry<E extends { readonly sopClassUid: string }>(entries: readonly E[], entry: E): readonly E[] {
  return [...entries.filter(({ sopClassUid }) => sopClassUid !== entry.sopClassUid), entry];
}

const VERIFICATION: readonly NewContext[] = [
  { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
];
