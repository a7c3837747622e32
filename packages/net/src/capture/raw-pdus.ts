// Reads PDUs from a file that contains only the bytes of a connection, as other tools save them.

import { type Pdu, PduDecoder, PduError } from '@x/pdu';
import type { CapturedFault, CapturedPdu } from './captured-pdu.ts';
import { CaptureError } from './pcapng.ts';

/** In bytes. The PDUs of a capture are held in memory as a whole. */
export const LARGEST_PDU = 256 * 1024 * 1024;

/** Whether the bytes begin with a PDU type and a reserved byte (PS3.8 §9.3). */
export function beginsLikePdu([type = 0, reserved]: Uint8Array): boolean {
  return type >= 1 && type <= 7 && reserved === 0;
}

/**
 * Reads one direction, or both in the order in which they were received. A file that begins with A-ASSOCIATE-AC or
 * A-ASSOCIATE-RJ has the PDUs of the acceptor, any other file those of the requestor. If it has both, responses are
 * attributed to the acceptor. The file has no times, so each time is 0.
 * @throws CaptureError if the file ends within a PDU, after the complete ones.
 */
export async function* readRawPdus(
  file: AsyncIterable<Uint8Array>,
): AsyncGenerator<CapturedPdu | CapturedFault, void, undefined> {
  const decoder = new PduDecoder({ maxLength: LARGEST_PDU, maxAssociationLength: LARGEST_PDU });
  const speakers = new Speakers();
  let count = 0;
  let length = 0;
  for await (const chunk of file) {
    try {
      length += chunk.length;
      for (const pdu of decoder.push(chunk)) {
        count++;
        yield { ...frame(speakers.isRequestors(pdu)), pdu };
      }
    } catch (error) {
      if (!(error instanceof PduError)) throw error;
      if (count === 0) throw new CaptureError(`this is not a capture, and the bytes are not PDUs: ${error.message}`);
      yield { ...frame(speakers.isRequestorsTurn), fault: error };
      return;
    }
  }
  if (decoder.isInsidePdu) throw new CaptureError(`the file is cut short: it ends at byte ${length}, within a PDU`);
}

const REQUESTOR = { address: 'requestor', port: 0 };
const ACCEPTOR = { address: 'acceptor', port: 0 };

function frame(byRequestor: boolean) {
  const [from, to] = byRequestor ? [REQUESTOR, ACCEPTOR] : [ACCEPTOR, REQUESTOR];
  return { conversation: 1, time: 0, from, to, byRequestor };
}

/** Finds the sender of each PDU by its content. */
class Speakers {
  isRequestorsTurn = true;
  #hasRequest = false;
  #hasAnswer = false;

  isRequestors(pdu: Pdu): boolean {
    const isAnswer = pdu.type === 'A-ASSOCIATE-AC' || pdu.type === 'A-ASSOCIATE-RJ';
    this.#hasRequest ||= pdu.type === 'A-ASSOCIATE-RQ';
    this.#hasAnswer ||= isAnswer;
    if (pdu.type === 'A-ASSOCIATE-RQ') this.isRequestorsTurn = true;
    else if (isAnswer) this.isRequestorsTurn = false;
    else if (this.#hasRequest && this.#hasAnswer) this.isRequestorsTurn = this.#isRequestorsOfBoth(pdu);
    return this.isRequestorsTurn;
  }

  #isRequestorsOfBoth(pdu: Pdu): boolean {
    if (pdu.type === 'A-RELEASE-RQ') return true;
    if (pdu.type === 'A-RELEASE-RP') return false;
    if (pdu.type !== 'P-DATA-TF') return this.isRequestorsTurn;
    for (const { kind, fragments } of pdu.values) {
      if (kind !== 'command') continue;
      const bytes = Buffer.concat(fragments);
      const at = bytes.indexOf(COMMAND_FIELD);
      // PS3.7 Table E.1-1: responses have the highest bit.
      if (at >= 0 && at + 10 <= bytes.length) return (bytes.readUInt16LE(at + 8) & 0x8000) === 0;
    }
    return this.isRequestorsTurn;
  }
}

/** The value of (0000,0100), two bytes in Implicit VR Little Endian. */
const COMMAND_FIELD = Buffer.from('0000000102000000', 'hex');
