// A decision on associations by rules: AE titles, user identity, then what is supported (PS3.8 §9.3.4, PS3.7 §D.3.3.7).

import { AcseRejectReason, RejectSource, UserRejectReason } from '@x/pdu';
import { checkOptions } from '@x/pdu/internal';
import { type AssociationRequest, accept, type Decide, type Decision, reject } from './accept.ts';
import type { Acceptance } from './associate-accept.ts';
import { limitIdentityChecks, type VerifyIdentity } from './identity-checks.ts';
import { DECIDE_OPTIONS } from './option-tables.ts';

/** The rules of `decideBy`: the peers to accept, and the presentation contexts to support. */
export interface AcceptorRules extends Omit<Acceptance, 'userIdentityResponse'> {
  /** The AE titles that may be called; others are rejected with (1, 1, 7). Default all. */
  readonly calledAeTitles?: readonly string[];
  /** AE titles that may call; others are rejected with (1, 1, 3). Default all. */
  readonly callingAeTitles?: readonly string[];
  /**
   * Verifies the user identity, or its absence. False rejects permanently, by the service provider (ACSE), without a reason:
   * (1, 2, 1), as PS3.7 §D.3.3.7.3 requires. Checks are bounded: see `limitIdentityChecks`. By default the identity is
   * ignored; a requestor that asked for a response does not get one.
   */
  readonly verifyIdentity?: VerifyIdentity;
}

/** Decides by rules, in their order. AE titles come first, so that the identity is not verified for a wrong peer. @throws OptionError. */
export function decideBy(rules: AcceptorRules): Decide {
  checkOptions<AcceptorRules>(DECIDE_OPTIONS, rules);
  const { calledAeTitles, callingAeTitles, verifyIdentity: verify, ...acceptance } = rules;
  const verifyIdentity = verify && limitIdentityChecks(verify);
  const accepted = accept(acceptance);
  // A promise only if an identity is verified: other decisions are made at once.
  return (asked) => {
    if (calledAeTitles && !calledAeTitles.includes(asked.calledAeTitle))
      return reject({ reason: UserRejectReason.CalledAeTitleNotRecognized });
    if (callingAeTitles && !callingAeTitles.includes(asked.callingAeTitle))
      return reject({ reason: UserRejectReason.CallingAeTitleNotRecognized });
    return verifyIdentity ? decideByIdentity(asked, verifyIdentity, acceptance) : accepted;
  };
}

async function decideByIdentity(
  asked: AssociationRequest,
  verifyIdentity: VerifyIdentity,
  acceptance: Omit<Acceptance, 'userIdentityResponse'>,
): Promise<Decision> {
  const { userIdentity } = asked.request.userInformation;
  const verdict = await verifyIdentity(userIdentity, asked);
  if (verdict === false) return reject(IDENTITY_REFUSED);
  if (verdict !== true && 'reject' in verdict)
    return reject(verdict.reject.reason === undefined ? { ...IDENTITY_REFUSED, ...verdict.reject } : verdict.reject);
  const serverResponse = verdict === true ? new Uint8Array(0) : verdict.response;
  return accept({ ...acceptance, userIdentityResponse: { serverResponse } });
}

/** PS3.7 §D.3.3.7.3. PS3.8 Table 9-21 has no reason for an identity. */
const IDENTITY_REFUSED = { source: RejectSource.ServiceProviderAcse, reason: AcseRejectReason.NoReasonGiven };
