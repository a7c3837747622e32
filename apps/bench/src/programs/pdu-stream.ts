// PDUs of a stream, cut by their length fields and nothing else. For programs that show what Node.js itself costs.

export const PDU_HEADER = 6;
export const P_DATA = 0x04;
export const ASSOCIATE_RQ = 0x01;
export const RELEASE_RQ = 0x05;
export const RELEASE_RP = Buffer.from([0x06, 0, 0, 0, 0, 4, 0, 0, 0, 0]);

/** Calls `take` with each whole PDU. Chunks go in order into the returned function. */
export function wholePdus(take: (type: number, pdu: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (buffer.length >= PDU_HEADER) {
      const length = PDU_HEADER + buffer.readUInt32BE(2);
      if (buffer.length < length) break;
      take(buffer[0] as number, buffer.subarray(0, length));
      buffer = buffer.subarray(length);
    }
    rest = buffer;
  };
}

/** A command set (PS3.7 §6.3.1) in a P-DATA-TF PDU of its own. */
export function commandPdu(
  contextId: number,
  elements: readonly (readonly [element: number, value: Buffer])[],
): Buffer {
  const body = Buffer.concat(elements.map(([element, value]) => commandElement(element, value)));
  return onePdu(contextId, 0x03, Buffer.concat([commandElement(0x0000, uint32(body.length)), body]));
}

/** A whole data set in a P-DATA-TF PDU. */
export function dataPdu(contextId: number, dataSet: Uint8Array): Buffer {
  return onePdu(contextId, 0x02, dataSet);
}

function onePdu(contextId: number, control: number, fragment: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head[0] = P_DATA;
  head.writeUInt32BE(fragment.length + 6, 2);
  head.writeUInt32BE(fragment.length + 2, 6);
  head[10] = contextId;
  head[11] = control;
  return Buffer.concat([head, fragment]);
}

export function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

/** A UID, padded to an even length. */
export function uid(value: string): Buffer {
  return Buffer.from(value.length % 2 === 0 ? value : `${value}\0`);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function commandElement(element: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(element, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}
