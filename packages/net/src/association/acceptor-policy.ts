// A decision on associations by rules: AE titles, user identity, then what is supported (PS3.8 §9.3.4, PS3.7 §D.3.3.7).

import { type UserIdentity, UserRejectReason } from '@x/pdu';
import { type Acceptance, type AssociationRequest, accept, type Decide, type Rejection, reject } from './accept.ts';

/**
 * What a verification finds: whether the identity is taken; with the response to send where one is asked for (empty for
 * user names, else a Kerberos ticket, a SAML response or a JSON Web Token); or how to reject.
 */
export type IdentityVerdict = boolean | { readonly response: Uint8Array } | { readonly reject: Partial<Rejection> };

/** The rules of `decideBy`: whom to accept, and what is supported. */
export interface AcceptorRules extends Omit<Acceptance, 'userIdentityResponse'> {
  /** AE titles we answer to; others are rejected with (1, 1, 7). Default all. */
  readonly calledAeTitles?: readonly string[];
  /** AE titles that may call; others are rejected with (1, 1, 3). Default all. */
  readonly callingAeTitles?: readonly string[];
  /**
   * Verifies who asks, if an identity was given. False rejects permanently without a reason, for which the standard has
   * no code. Without this the identity is ignored, and so the requestor that wanted a response gets none.
   */
  readonly verifyIdentity?: (
    identity: UserIdentity | undefined,
    request: AssociationRequest,
  ) => IdentityVerdict | Promise<IdentityVerdict>;
}

/** Decides by rules, in their order: AE titles first, so that nobody's identity is tried at a wrong address. */
export function decideBy(rules: AcceptorRules): Decide {
  const { calledAeTitles, callingAeTitles, verifyIdentity, ...acceptance } = rules;
  return async (asked) => {
    if (calledAeTitles && !calledAeTitles.includes(asked.calledAeTitle))
      return reject({ reason: UserRejectReason.CalledAeTitleNotRecognized });
    if (callingAeTitles && !callingAeTitles.includes(asked.callingAeTitle))
      return reject({ reason: UserRejectReason.CallingAeTitleNotRecognized });
    if (!verifyIdentity) return accept(acceptance);
    const { userIdentity } = asked.request.userInformation;
    const verdict = await verifyIdentity(userIdentity, asked);
    if (verdict === false) return reject();
    if (verdict !== true && 'reject' in verdict) return reject(verdict.reject);
    const serverResponse = verdict === true ? new Uint8Array(0) : verdict.response;
    return accept({ ...acceptance, userIdentityResponse: { serverResponse } });
  };
}
