// Negotiation of contexts and roles: PS3.8 §7.1.1.13 to §7.1.1.16 and §9.3, PS3.7 §D.3.3.4. Pure, for both sides.

import {
  type AnsweredPresentationContext,
  type AssociateAccept,
  type AssociateRequest,
  type CommonExtendedNegotiation,
  describeContextResult,
  type ExtendedNegotiation,
  isValidUid,
  MAXIMUM_PRESENTATION_CONTEXTS,
  PresentationContextResult,
  type ProposedPresentationContext,
  type RoleSelection,
} from '@x/pdu';
import { isPlainObject, wrongReturn } from '@x/pdu/internal';

/** The roles of the association's requestor for a SOP class; without negotiation it is SCU only. */
export interface Roles {
  /** Whether the requestor is SCU. */
  readonly scu: boolean;
  /** Whether the requestor is SCP. */
  readonly scp: boolean;
}

/** A presentation context to propose. Its id is assigned. */
export interface ProposedContext {
  /** UID of a SOP class or meta SOP class. */
  readonly abstractSyntax: string;
  /** In the order of preference. */
  readonly transferSyntaxes: readonly string[];
  /** Roles that the requestor wants. Default SCU only, for which nothing is negotiated. */
  readonly roles?: Partial<Roles>;
}

/** A presentation context that was accepted. */
export interface AcceptedContext {
  /** An odd number from 1 to 255. */
  readonly id: number;
  /** UID of a SOP class or meta SOP class. */
  readonly abstractSyntax: string;
  /** UID of the transfer syntax that the acceptor chose. */
  readonly transferSyntax: string;
  /** The roles of the requestor. */
  readonly roles: Roles;
}

/** A presentation context that was refused, or whose answer is invalid. It is not used. */
export interface RefusedContext {
  /** An odd number from 1 to 255. */
  readonly id: number;
  /** UID of a SOP class or meta SOP class. */
  readonly abstractSyntax: string;
  /** UIDs of the transfer syntaxes that were proposed. */
  readonly transferSyntaxes: readonly string[];
  /** See `PresentationContextResult`; NoReason if there was no answer. */
  readonly result: number;
  /** The fault of an invalid answer, in words. Absent if the context was refused. */
  readonly fault?: string;
}

/** The abstract syntaxes and options that an acceptor supports. */
export interface AcceptancePolicy {
  /** How an abstract syntax is supported; undefined if it is not. Transfer syntaxes are in the acceptor's order. */
  supports(abstractSyntax: string): SupportedContext | undefined;
  /**
   * For a SOP class that `supports` does not know, but that has common extended negotiation (PS3.7 §D.3.3.6): decides by
   * its service class and its related general SOP classes.
   */
  readonly supportsRelated?: (common: CommonExtendedNegotiation) => SupportedContext | undefined;
  /** The answer to extended negotiation for an accepted SOP class. Default no answer. */
  readonly extendedNegotiation?: (proposed: ExtendedNegotiation) => Uint8Array | undefined;
  /** The side whose order of transfer syntaxes is used. Default the acceptor's. */
  readonly prefer?: 'acceptor' | 'requestor';
}

/** How an acceptor supports an abstract syntax. */
export interface SupportedContext {
  /**
   * In the acceptor's order; `any` takes the first one proposed that DICOM has registered, or else the first one: other
   * peers can rarely read private transfer syntaxes. A list that ends with `any` prefers those before it, and takes others too.
   */
  readonly transferSyntaxes: readonly string[] | 'any';
  /** Roles that the requestor may have, if it proposes them. Default SCU only. */
  readonly roles?: Roles;
}

/** Both outcomes of a negotiation. */
export interface NegotiatedContexts {
  readonly accepted: ReadonlyMap<number, AcceptedContext>;
  readonly refused: readonly RefusedContext[];
}

/**
 * The contexts and roles of an A-ASSOCIATE-RQ, numbered 1, 3, 5 …
 * @throws RangeError if there are no contexts, or more than 128.
 */
export function proposeContexts(contexts: readonly ProposedContext[]): {
  readonly presentationContexts: readonly ProposedPresentationContext[];
  readonly roleSelections: readonly RoleSelection[];
} {
  if (contexts.length === 0) throw new RangeError('an association needs at least one presentation context');
  if (contexts.length > MAXIMUM_PRESENTATION_CONTEXTS)
    throw new RangeError(
      `${contexts.length} presentation contexts: an association carries at most ${MAXIMUM_PRESENTATION_CONTEXTS}`,
    );
  const roles = new Map<string, Roles>();
  for (const { abstractSyntax, roles: { scu = true, scp = false } = {} } of contexts) {
    // One role selection applies to all contexts of a SOP class.
    const before = roles.get(abstractSyntax);
    roles.set(abstractSyntax, { scu: scu || before?.scu === true, scp: scp || before?.scp === true });
  }
  return {
    presentationContexts: contexts.map(({ abstractSyntax, transferSyntaxes }, index) => ({
      id: 2 * index + 1,
      abstractSyntax,
      transferSyntaxes,
    })),
    roleSelections: [...roles]
      .filter(([, { scu, scp }]) => scp || !scu)
      .map(([sopClassUid, { scu, scp }]) => ({ sopClassUid, scuRole: scu, scpRole: scp })),
  };
}

/** The contexts and roles of an A-ASSOCIATE-AC. Every id that was proposed is answered, once. */
export function answerContexts(
  request: AssociateRequest,
  policy: AcceptancePolicy,
): {
  readonly presentationContexts: readonly AnsweredPresentationContext[];
  readonly roleSelections: readonly RoleSelection[];
} {
  const proposedRoles = rolesBySopClass(request.userInformation.roleSelections);
  const commons = request.userInformation.commonExtendedNegotiations ?? [];
  const roleSelections = new Map<string, RoleSelection>();
  const ids = new Set<number>();
  // The first context with an id counts, on both sides: fragments and answers with a repeated id would be ambiguous.
  const proposed = request.presentationContexts.filter(({ id }) => !ids.has(id) && ids.add(id));
  const presentationContexts = proposed.map((context): AnsweredPresentationContext => {
    const { id, abstractSyntax, transferSyntaxes } = context;
    // Policies that support every abstract syntax do not mean a missing one.
    if (abstractSyntax === '') return refusal(context, PresentationContextResult.AbstractSyntaxNotSupported);
    const common = commons.find(({ sopClassUid }) => sopClassUid === abstractSyntax);
    const supported =
      checked('supports', policy.supports(abstractSyntax)) ??
      (common && checked('supportsRelated', policy.supportsRelated?.(common)));
    if (!supported) return refusal(context, PresentationContextResult.AbstractSyntaxNotSupported);
    const transferSyntax = chooseTransferSyntax(transferSyntaxes, supported, policy.prefer);
    if (!transferSyntax) return refusal(context, PresentationContextResult.TransferSyntaxesNotSupported);
    const wanted = proposedRoles.get(abstractSyntax);
    const roles = meet(wanted, supported.roles);
    if (!roles.scu && !roles.scp) return refusal(context, PresentationContextResult.UserRejection);
    if (wanted && isValidUid(abstractSyntax))
      roleSelections.set(abstractSyntax, { sopClassUid: abstractSyntax, scuRole: roles.scu, scpRole: roles.scp });
    return { id, result: PresentationContextResult.Acceptance, transferSyntax };
  });
  return { presentationContexts, roleSelections: [...roleSelections.values()] };
}

/**
 * The result of request and accept, equal on both sides. Roles are those that both sides agreed on, or the default if
 * they were not proposed or not answered. With `lenientRoles`, roles that only one side named are taken from that side:
 * some peers take a role without answering it, and others answer roles that were not proposed.
 */
export function negotiatedContexts(
  request: AssociateRequest,
  accept: AssociateAccept,
  { lenientRoles = false }: { readonly lenientRoles?: boolean | undefined } = {},
): NegotiatedContexts {
  const proposedRoles = rolesBySopClass(request.userInformation.roleSelections);
  const answeredRoles = rolesBySopClass(accept.userInformation.roleSelections);
  const accepted = new Map<number, AcceptedContext>();
  const refused: RefusedContext[] = [];
  // The first one with an id counts, on both sides.
  const answers = new Map(accept.presentationContexts.toReversed().map((context) => [context.id, context]));
  for (const { id, abstractSyntax, transferSyntaxes } of request.presentationContexts) {
    const answer = answers.get(id);
    answers.delete(id);
    const proposed = proposedRoles.get(abstractSyntax);
    const answered = answeredRoles.get(abstractSyntax);
    const fault = faultOf(answer, transferSyntaxes);
    if (answer?.transferSyntax && isAcceptance(answer.result) && !fault) {
      const oneSided = lenientRoles ? (proposed ?? answered) : undefined;
      const roles = proposed && answered ? meet(proposed, answered) : (oneSided ?? DEFAULT_ROLES);
      accepted.set(id, { id, abstractSyntax, transferSyntax: answer.transferSyntax, roles });
    } else {
      const result = answer && !isAcceptance(answer.result) ? answer.result : PresentationContextResult.NoReason;
      refused.push({ id, abstractSyntax, transferSyntaxes, result, ...(fault && { fault }) });
    }
  }
  return { accepted, refused };
}

/** One line for each refused context, with the reason in words. */
export function explainRefused(
  refused: readonly RefusedContext[],
  nameOf: (uid: string) => string | undefined = () => undefined,
): string[] {
  const named = (uid: string) => nameOf(uid) ?? uid;
  return refused.map(
    ({ id, abstractSyntax, transferSyntaxes, result, fault }) =>
      `context ${id}, ${named(abstractSyntax)} in ${transferSyntaxes.map(named).join(' or ')}: ${fault ?? describeContextResult(result)}`,
  );
}

/** The root of the UIDs that DICOM registers (PS3.5 §9). */
const DICOM_ROOT = '1.2.840.10008.';

const DEFAULT_ROLES: Roles = { scu: true, scp: false };

function isAcceptance(result: number): boolean {
  return result === PresentationContextResult.Acceptance;
}

/** The reason why a context that was not refused cannot be used. */
function faultOf(answer: AnsweredPresentationContext | undefined, proposed: readonly string[]): string | undefined {
  if (!answer) return 'not answered';
  if (!isAcceptance(answer.result)) return undefined;
  if (!answer.transferSyntax) return 'accepted without a transfer syntax';
  return proposed.includes(answer.transferSyntax)
    ? undefined
    : `accepted in ${answer.transferSyntax}, which was not proposed`;
}

function rolesBySopClass(selections: readonly RoleSelection[] = []): ReadonlyMap<string, Roles> {
  return new Map(selections.map(({ sopClassUid, scuRole, scpRole }) => [sopClassUid, { scu: scuRole, scp: scpRole }]));
}

function meet(one: Roles = DEFAULT_ROLES, other: Roles = DEFAULT_ROLES): Roles {
  return { scu: one.scu && other.scu, scp: one.scp && other.scp };
}

function refusal({ id, transferSyntaxes }: ProposedPresentationContext, result: number): AnsweredPresentationContext {
  // It is not significant, but some peers require the item.
  const transferSyntax = transferSyntaxes.find(isValidUid);
  return { id, result, ...(transferSyntax && { transferSyntax }) };
}

function anyOf(proposed: readonly string[]): string | undefined {
  const valid = proposed.filter(isValidUid);
  return valid.find((uid) => uid.startsWith(DICOM_ROOT)) ?? valid[0];
}

/** @throws ReturnValueError if a function of the program returned something else than a supported context. */
function checked(callback: string, supported: SupportedContext | undefined): SupportedContext | undefined {
  if (!supported) return supported;
  const { transferSyntaxes, roles = {} } = supported;
  if ((transferSyntaxes !== 'any' && !Array.isArray(transferSyntaxes)) || !isPlainObject(roles))
    throw wrongReturn(callback, supported, "{ transferSyntaxes: [...] or 'any', roles?: { scu, scp } } or undefined");
  return supported;
}

function chooseTransferSyntax(
  proposed: readonly string[],
  { transferSyntaxes }: SupportedContext,
  prefer: 'acceptor' | 'requestor' = 'acceptor',
): string | undefined {
  if (transferSyntaxes === 'any') return anyOf(proposed);
  // A peer may propose the word.
  const isListed = (uid: string) => uid !== 'any' && proposed.includes(uid) && transferSyntaxes.includes(uid);
  const listed = (prefer === 'acceptor' ? transferSyntaxes : proposed).find(isListed);
  return listed ?? (transferSyntaxes.at(-1) === 'any' ? anyOf(proposed) : undefined);
}
