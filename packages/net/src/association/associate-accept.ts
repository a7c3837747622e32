// The A-ASSOCIATE-AC for a request that was accepted (PS3.8 §9.3.3).

import {
  type AssociateAccept,
  type AssociateRequest,
  DICOM_APPLICATION_CONTEXT,
  type UserIdentityResponse,
} from '@x/pdu';
import { answerExtendedNegotiations, answerWindow, type WindowOption } from '../negotiation/negotiated-options.ts';
import { type AcceptancePolicy, answerContexts } from '../negotiation/negotiation.ts';
import type { PeerQuirks } from '../negotiation/peer-profiles.ts';
import { type LocalOptions, localInformation } from './request.ts';

/** The answer of an acceptor. */
export interface Acceptance extends AcceptancePolicy {
  /**
   * How many operations may be outstanding at once in each direction, if the requestor proposes as many (PS3.7 §D.3.3.3).
   * 0 = unlimited. Default 1.
   */
  readonly asynchronousOperations?: WindowOption;
  /** Sent if the requestor asked for a response. Default none. */
  readonly userIdentityResponse?: UserIdentityResponse;
}

export function associateAccept(
  request: AssociateRequest,
  acceptance: Acceptance,
  options: LocalOptions,
  quirks: PeerQuirks,
): AssociateAccept {
  const { presentationContexts, roleSelections } = answerContexts(request, acceptance);
  const extendedNegotiations = quirks.omitExtendedNegotiation
    ? []
    : answerExtendedNegotiations(request, presentationContexts, acceptance);
  const { userIdentityResponse } = acceptance;
  const { asynchronousOperationsWindow: window, userIdentity } = request.userInformation;
  return {
    type: 'A-ASSOCIATE-AC',
    protocolVersion: 1,
    calledAeTitle: request.calledAeTitle,
    callingAeTitle: request.callingAeTitle,
    ...(request.fixedFields && { fixedFields: request.fixedFields }),
    applicationContextName: DICOM_APPLICATION_CONTEXT,
    presentationContexts,
    userInformation: {
      ...localInformation(options, quirks),
      // A proposed window must be answered, at least with the default of 1 and 1.
      ...(window &&
        !quirks.omitAsynchronousOperations && {
          asynchronousOperationsWindow: answerWindow(window, acceptance.asynchronousOperations),
        }),
      ...(roleSelections.length > 0 && { roleSelections }),
      ...(extendedNegotiations.length > 0 && { extendedNegotiations }),
      ...(userIdentityResponse && userIdentity?.positiveResponseRequested && { userIdentityResponse }),
    },
  };
}
