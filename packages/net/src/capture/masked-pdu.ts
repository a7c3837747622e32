// Masks PDUs: data sets and credentials (PS3.7 §D.3.3.7) become zeros of the same length.

import type { Pdu } from '@x/pdu';

/** Returns a masked copy. Command sets, negotiation and user names stay as they are. */
export function maskedPdu(pdu: Pdu): Pdu {
  if (pdu.type === 'A-ASSOCIATE-RQ') {
    const { userIdentity } = pdu.userInformation;
    if (!userIdentity) return pdu;
    const { identityType, primaryField, secondaryField } = userIdentity;
    const masked = {
      ...userIdentity,
      // The primary field is a name, a ticket, an assertion or a token.
      primaryField: identityType <= 2 ? primaryField : new Uint8Array(primaryField.length),
      secondaryField: new Uint8Array(secondaryField.length),
    };
    return { ...pdu, userInformation: { ...pdu.userInformation, userIdentity: masked } };
  }
  if (pdu.type === 'A-ASSOCIATE-AC') {
    const { userIdentityResponse } = pdu.userInformation;
    if (!userIdentityResponse) return pdu;
    const serverResponse = new Uint8Array(userIdentityResponse.serverResponse.length);
    return { ...pdu, userInformation: { ...pdu.userInformation, userIdentityResponse: { serverResponse } } };
  }
  return withoutDataSets(pdu);
}

/** Returns a copy in which data sets are zeros. */
export function withoutDataSets(pdu: Pdu): Pdu {
  if (pdu.type !== 'P-DATA-TF') return pdu;
  const values = pdu.values.map((value) =>
    value.kind === 'command'
      ? value
      : { ...value, fragments: value.fragments.map(({ length }) => new Uint8Array(length)) },
  );
  return { ...pdu, values };
}
