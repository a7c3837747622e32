// Negotiation of options other than contexts and roles: PS3.7 §D.3.3.3, §D.3.3.5 and §D.3.3.7. Pure, for both sides.

import {
  type AnsweredPresentationContext,
  type AssociateAccept,
  type AssociateRequest,
  type AsynchronousOperationsWindow,
  type ExtendedNegotiation,
  isValidUid,
  PresentationContextResult,
  type UserIdentity,
} from '@x/pdu';
import type { AcceptancePolicy } from './negotiation.ts';

/** SOP class extended negotiation of one SOP class: the application information as bytes. */
export interface NegotiatedExtension {
  readonly proposed: Uint8Array;
  /** Absent if the acceptor did not answer; then the defaults of the service class apply. */
  readonly accepted?: Uint8Array;
}

/** The outcome of user identity negotiation (PS3.7 §D.3.3.7). */
export interface NegotiatedIdentity {
  readonly proposed: UserIdentity;
  /** `unanswered`: a response was requested but not sent. The acceptor may have ignored the identity. */
  readonly outcome: 'not-asked' | 'confirmed' | 'unanswered';
  /** Kerberos ticket, SAML response or JSON Web Token; empty for user names. */
  readonly response?: Uint8Array;
}

/** The Asynchronous Operations Window, from the requestor's point of view; 0 = unlimited. */
export interface OperationsWindow {
  readonly invoked: number;
  readonly performed: number;
}

/** The window from one side's point of view. Infinity = unlimited. */
export interface SideWindow {
  /** Operations that this side may have invoked and that have no final response yet. */
  readonly invoke: number;
  /** Operations that the other side may have invoked on this side and that have no final response yet. */
  readonly perform: number;
}

/** The window as one side sees it: the requestor invokes up to `invoked`, the acceptor up to `performed`. */
export function windowOf(role: 'requestor' | 'acceptor', { invoked, performed }: OperationsWindow): SideWindow {
  const [invoke, perform] = role === 'requestor' ? [invoked, performed] : [performed, invoked];
  return { invoke: invoke || Number.POSITIVE_INFINITY, perform: perform || Number.POSITIVE_INFINITY };
}

/** The extended negotiations of an A-ASSOCIATE-AC: at most one for each SOP class that was proposed and accepted. */
export function answerExtendedNegotiations(
  request: AssociateRequest,
  answered: readonly AnsweredPresentationContext[],
  policy: AcceptancePolicy,
): readonly ExtendedNegotiation[] {
  const acceptedIds = new Set(
    answered.filter(({ result }) => result === PresentationContextResult.Acceptance).map(({ id }) => id),
  );
  const accepted = new Set(
    request.presentationContexts.filter(({ id }) => acceptedIds.has(id)).map(({ abstractSyntax }) => abstractSyntax),
  );
  const answers: ExtendedNegotiation[] = [];
  for (const proposed of request.userInformation.extendedNegotiations ?? []) {
    // The first one for a SOP class counts.
    if (!accepted.delete(proposed.sopClassUid) || !isValidUid(proposed.sopClassUid)) continue;
    const applicationInformation = policy.extendedNegotiation?.(proposed);
    if (applicationInformation) answers.push({ sopClassUid: proposed.sopClassUid, applicationInformation });
  }
  return answers;
}

/** The window of an A-ASSOCIATE-AC: at most what was proposed. Default one operation each. */
export function answerWindow(
  proposed: AsynchronousOperationsWindow,
  granted: OperationsWindow = DEFAULT_WINDOW,
): AsynchronousOperationsWindow {
  return {
    maximumInvoked: smaller(proposed.maximumInvoked, granted.invoked),
    maximumPerformed: smaller(proposed.maximumPerformed, granted.performed),
  };
}

/** The window in force: the smaller numbers of both sides. An answer without a proposal is ignored. */
export function negotiatedWindow(request: AssociateRequest, accept: AssociateAccept): OperationsWindow {
  const proposed = request.userInformation.asynchronousOperationsWindow;
  const answered = accept.userInformation.asynchronousOperationsWindow;
  if (!proposed || !answered) return DEFAULT_WINDOW;
  return {
    invoked: smaller(proposed.maximumInvoked, answered.maximumInvoked),
    performed: smaller(proposed.maximumPerformed, answered.maximumPerformed),
  };
}

/** Extended negotiations by SOP class UID. Answers without a proposal are ignored. */
export function negotiatedExtensions(
  request: AssociateRequest,
  accept: AssociateAccept,
): ReadonlyMap<string, NegotiatedExtension> {
  const extensions = new Map<string, NegotiatedExtension>();
  for (const { sopClassUid, applicationInformation: proposed } of request.userInformation.extendedNegotiations ?? []) {
    if (extensions.has(sopClassUid)) continue;
    const answer = accept.userInformation.extendedNegotiations?.find((each) => each.sopClassUid === sopClassUid);
    extensions.set(sopClassUid, { proposed, ...(answer && { accepted: answer.applicationInformation }) });
  }
  return extensions;
}

/** The outcome of user identity negotiation; undefined if the requestor gave no identity. */
export function negotiatedIdentity(request: AssociateRequest, accept: AssociateAccept): NegotiatedIdentity | undefined {
  const { userIdentity: proposed } = request.userInformation;
  const response = accept.userInformation.userIdentityResponse?.serverResponse;
  if (!proposed) return undefined;
  if (!proposed.positiveResponseRequested) return { proposed, outcome: 'not-asked' };
  return response ? { proposed, outcome: 'confirmed', response } : { proposed, outcome: 'unanswered' };
}

const DEFAULT_WINDOW: OperationsWindow = { invoked: 1, performed: 1 };

/** The smaller of two numbers of operations, of which 0 is unlimited. */
function smaller(one: number, other: number): number {
  if (one === 0) return other;
  if (other === 0) return one;
  return Math.min(one, other);
}
