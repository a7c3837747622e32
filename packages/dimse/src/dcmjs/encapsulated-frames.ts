// Encapsulated pixel data (PS3.5 §A.4): the offset table with its fragments, and the frames that dcmjs makes of them.

/** The frames, as dcmjs reads them: by the offset table; if it is empty, each fragment is given. */
export function framesOf([table, ...fragments]: readonly Uint8Array[]): ArrayBuffer[] {
  const offsets = table ? offsetsIn(table) : [];
  if (offsets.length === 0) return fragments.map((fragment) => arrayBufferOf([fragment]));
  const frames: Uint8Array[][] = [];
  let at = 0;
  for (const fragment of fragments) {
    if (at >= (offsets[frames.length] ?? Number.POSITIVE_INFINITY) || frames.length === 0) frames.push([]);
    frames.at(-1)?.push(fragment);
    at += ITEM_HEADER_LENGTH + fragment.length;
  }
  return frames.map(arrayBufferOf);
}

/**
 * The offset table and the fragments for the values of dcmjs. If there are as many values as frames, the table has their
 * offsets; otherwise the values are fragments, and the table is empty. A frame may be an array of its fragments.
 */
export function fragmentsOf(values: readonly (readonly Uint8Array[])[], frames: number): Uint8Array[] {
  const fragments = values.flat().map(evenLength);
  if (values.length !== frames) return [new Uint8Array(0), ...fragments];
  const table = new Uint8Array(4 * frames);
  const view = new DataView(table.buffer);
  let at = 0;
  for (const [frame, parts] of values.entries()) {
    // Longer pixel data have an empty table, because their offsets do not fit.
    if (at > 0xffffffff) return [new Uint8Array(0), ...fragments];
    view.setUint32(4 * frame, at, true);
    for (const part of parts) at += ITEM_HEADER_LENGTH + part.length + (part.length % 2);
  }
  return [table, ...fragments];
}

/** The bytes in an `ArrayBuffer` of their own. The buffer is not copied if it has these bytes only. */
export function arrayBufferOf(parts: readonly Uint8Array[]): ArrayBuffer {
  const [only] = parts;
  if (parts.length === 1 && only?.buffer instanceof ArrayBuffer && only.byteLength === only.buffer.byteLength)
    return only.buffer;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

function offsetsIn(table: Uint8Array): number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: Math.floor(table.length / 4) }, (_, index) => view.getUint32(4 * index, true));
}

function evenLength(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  return padded;
}

const ITEM_HEADER_LENGTH = 8;
