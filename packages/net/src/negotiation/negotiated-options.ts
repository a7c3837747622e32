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
import { wrongReturn } from '@x/pdu/internal';
import type { Role } from '../upper-layer/state-machine.ts';
import type { AcceptancePolicy } from './negotiation.ts';

/** SOP class extended negotiation of one SOP class: the application information as bytes. */
export interface NegotiatedExtension {
  /** The application information of the requestor. */
  readonly proposed: Uint8Array;
  /** Absent if the acceptor did not answer; then the defaults of the service class apply. */
  readonly accepted?: Uint8Array;
}

/** The outcome of user identity negotiation (PS3.7 §D.3.3.7). */
export interface NegotiatedIdentity {
  /** The identity that the requestor sent. */
  readonly proposed: UserIdentity;
  /** `unanswered`: a response was requested but not sent. The acceptor may have ignored the identity. */
  readonly outcome: 'not-asked' | 'confirmed' | 'unanswered';
  /** Kerberos ticket, SAML response or JSON Web Token; empty for user names. */
  readonly response?: Uint8Array;
}

/** How many operations may be outstanding at once, as the local side sees it. Infinity = unlimited; options also take 0. */
export interface OperationsWindow {
  /** Operations that this side may have invoked and that have no final response yet. */
  readonly invoke: number;
  /** Operations that the other side may have invoked on this side and that have no final response yet. */
  readonly perform: number;
}

/** An asynchronous operations window in options: one number for both directions, or one for each. */
export type WindowOption = number | OperationsWindow;

/** Completes the option. Default one operation in each direction (PS3.7 §D.3.3.3). */
export function windowOf(option: WindowOption = 1): OperationsWindow {
  const { invoke, perform } = typeof option === 'number' ? { invoke: option, perform: option } : option;
  return { invoke: invoke || Number.POSITIVE_INFINITY, perform: perform || Number.POSITIVE_INFINITY };
}

/** The window as a sub-item, whose numbers are those of the requestor of the association (PS3.7 §D.3.3.3). */
export function wireWindow(role: Role, option: WindowOption): AsynchronousOperationsWindow {
  const { invoke, perform } = windowOf(option);
  const [invoked, performed] = role === 'requestor' ? [invoke, perform] : [perform, invoke];
  return { maximumInvoked: wireNumber(invoked), maximumPerformed: wireNumber(performed) };
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
    if (applicationInformation && !(applicationInformation instanceof Uint8Array))
      throw wrongReturn('extendedNegotiation', applicationInformation, 'a Uint8Array or undefined');
    if (applicationInformation) answers.push({ sopClassUid: proposed.sopClassUid, applicationInformation });
  }
  return answers;
}

/** The window of an A-ASSOCIATE-AC: at most what was proposed. `granted` is said from the side of the acceptor. */
export function answerWindow(
  proposed: AsynchronousOperationsWindow,
  granted?: WindowOption,
): AsynchronousOperationsWindow {
  const { maximumInvoked, maximumPerformed } = wireWindow('acceptor', windowOf(granted));
  return {
    maximumInvoked: smaller(proposed.maximumInvoked, maximumInvoked),
    maximumPerformed: smaller(proposed.maximumPerformed, maximumPerformed),
  };
}

/** The window in force, as one side sees it: the smaller numbers of both sides. An answer without a proposal is ignored. */
export function negotiatedWindow(role: Role, request: AssociateRequest, accept: AssociateAccept): OperationsWindow {
  const proposed = request.userInformation.asynchronousOperationsWindow;
  const answered = accept.userInformation.asynchronousOperationsWindow;
  if (!proposed || !answered) return windowOf();
  const invoked = smaller(proposed.maximumInvoked, answered.maximumInvoked);
  const performed = smaller(proposed.maximumPerformed, answered.maximumPerformed);
  const [invoke, perform] = role === 'requestor' ? [invoked, performed] : [performed, invoked];
  return windowOf({ invoke, perform });
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

function wireNumber(operations: number): number {
  return operations === Number.POSITIVE_INFINITY ? 0 : operations;
}

/** The smaller of two numbers of operations, of which 0 is unlimited. */
function smaller(one: number, other: number): number {
  if (one === 0) return other;
  if (other === 0) return one;
  return Math.min(one, other);
}
