// Changes to an association PDU, each giving a new one: contexts, transfer syntaxes, roles, sub-items (PS3.8 §9.3.2).

import {
  type AnsweredPresentationContext,
  type AssociateAccept,
  type AssociateRequest,
  MAXIMUM_PRESENTATION_CONTEXTS,
  type ProposedPresentationContext,
} from './associate.ts';
import { decodeItems, encodeItems, type Item } from './items.ts';
import { PresentationContextResult } from './reasons.ts';
import { DICOM_APPLICATION_CONTEXT } from './uid.ts';
import type { RoleSelection, UserInformation } from './user-information.ts';
import { decodeUserInformation, encodeUserInformation } from './user-information-codec.ts';

type Associate = AssociateRequest | AssociateAccept;

/** An A-ASSOCIATE-RQ without contexts, protocol version 1, for the DICOM application context. */
export function associateRequest(calledAeTitle: string, callingAeTitle: string): AssociateRequest {
  return {
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle,
    callingAeTitle,
    applicationContextName: DICOM_APPLICATION_CONTEXT,
    presentationContexts: [],
    userInformation: {},
  };
}

/** The A-ASSOCIATE-AC to a request, with every context refused without a reason until `acceptContext` accepts it. */
export function associateAccept(request: AssociateRequest): AssociateAccept {
  return {
    ...associateRequest(request.calledAeTitle, request.callingAeTitle),
    type: 'A-ASSOCIATE-AC',
    presentationContexts: request.presentationContexts.map(({ id }) => ({
      id,
      result: PresentationContextResult.NoReason,
    })),
  };
}

/**
 * Adds a context, with the lowest odd id that is free unless one is given.
 * @throws RangeError where the id is taken, or 128 contexts are there already.
 */
export function addContext(
  request: AssociateRequest,
  context: Omit<ProposedPresentationContext, 'id'> & { readonly id?: number },
): AssociateRequest {
  const { presentationContexts } = request;
  const taken = new Set(presentationContexts.map(({ id }) => id));
  if (presentationContexts.length === MAXIMUM_PRESENTATION_CONTEXTS)
    throw new RangeError(`an association carries at most ${MAXIMUM_PRESENTATION_CONTEXTS} presentation contexts`);
  let { id } = context;
  if (id === undefined) for (id = 1; taken.has(id); ) id += 2;
  if (taken.has(id)) throw new RangeError(`presentation context ${id} is there already`);
  return { ...request, presentationContexts: [...presentationContexts, { ...context, id }] };
}

/** Without the context of this id; the same PDU where there is none. */
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

/** With other transfer syntaxes for a context, in the order of preference. @throws RangeError for an unknown id. */
export function withTransferSyntaxes(
  request: AssociateRequest,
  id: number,
  transferSyntaxes: readonly string[],
): AssociateRequest {
  return { ...request, presentationContexts: replaced(request.presentationContexts, id, { transferSyntaxes }) };
}

/** Answers a context: accepted in this transfer syntax. @throws RangeError for an unknown id. */
export function acceptContext(accept: AssociateAccept, id: number, transferSyntax: string): AssociateAccept {
  const answer = { result: PresentationContextResult.Acceptance, transferSyntax };
  return { ...accept, presentationContexts: replaced(accept.presentationContexts, id, answer) };
}

/** Answers a context: refused, with a `PresentationContextResult`. @throws RangeError for an unknown id. */
export function refuseContext(accept: AssociateAccept, id: number, result: number): AssociateAccept {
  const presentationContexts: readonly AnsweredPresentationContext[] = replaced(accept.presentationContexts, id, {
    result,
  });
  return { ...accept, presentationContexts };
}

/** With other user information: the fields given, the others as they are. */
export function withUserInformation<A extends Associate>(associate: A, changes: Partial<UserInformation>): A {
  return { ...associate, userInformation: { ...associate.userInformation, ...changes } };
}

/** With the roles of a SOP class, in place of those it has. */
export function withRole<A extends Associate>(associate: A, selection: RoleSelection): A {
  const { roleSelections = [] } = associate.userInformation;
  return withUserInformation(associate, { roleSelections: withEntry(roleSelections, selection) });
}

/** With the extended negotiation of a SOP class as bytes, in place of what it has. */
export function withExtendedNegotiation<A extends Associate>(
  associate: A,
  sopClassUid: string,
  applicationInformation: Uint8Array,
): A {
  const { extendedNegotiations = [] } = associate.userInformation;
  const changed = withEntry(extendedNegotiations, { sopClassUid, applicationInformation });
  return withUserInformation(associate, { extendedNegotiations: changed });
}

/** The sub-items of User Information as they are on the wire: types and data, in that order. */
export function wireItems(associate: Associate): readonly Item[] {
  const path = [associate.type];
  const items = decodeItems(encodeUserInformation(associate.userInformation, path), 0, path);
  return items.map(({ type, data }) => ({ type, data }));
}

/**
 * With these sub-items of User Information, raw and in this order: any type, known ones decoded. Together with
 * `wireItems` it adds, changes, moves and removes them.
 * @throws PduError where a known one is not well-formed.
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
  if (!contexts.some((context) => context.id === id)) throw new RangeError(`there is no presentation context ${id}`);
  return contexts.map((context) => (context.id === id ? { ...context, ...changes } : context));
}

function withEntry<E extends { readonly sopClassUid: string }>(entries: readonly E[], entry: E): readonly E[] {
  return [...entries.filter(({ sopClassUid }) => sopClassUid !== entry.sopClassUid), entry];
}
