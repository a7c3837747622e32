// The A-ASSOCIATE-AC of the programs that show what Node.js itself costs: every context with its first transfer syntax.

import { acceptContext, associateAccept, decodePdu, encodePdu, withUserInformation } from '@x/pdu';
import { PDU_HEADER } from './pdu-stream.ts';

const MAXIMUM_LENGTH = 131_072;

/** @param pdu the bytes of an A-ASSOCIATE-RQ */
export function acceptAll(pdu: Buffer): Buffer {
  const request = decodePdu(pdu[0] as number, pdu.subarray(PDU_HEADER));
  if (request.type !== 'A-ASSOCIATE-RQ') throw new Error(`${request.type} instead of A-ASSOCIATE-RQ`);
  let accept = withUserInformation(associateAccept(request), { maximumLength: MAXIMUM_LENGTH });
  for (const { id, transferSyntaxes } of request.presentationContexts)
    accept = acceptContext(accept, id, transferSyntaxes[0] as string);
  return Buffer.concat(encodePdu(accept));
}
