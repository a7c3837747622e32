// The headers of compressed frames. Worker threads run the text of `codestreamHeaders`: it uses nothing that is outside it.

import type { PixelFormat } from './pixel-format.ts';

/** What the header of a compressed frame says. */
export interface CodestreamHeader {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly bits: number;
}

export interface CodestreamHeaders {
  /** @throws Error if the frame does not have the header of JPEG, or of JPEG-LS if `isLs`. */
  readJpeg(frame: Uint8Array, isLs: boolean): CodestreamHeader;
  /** @throws Error if the frame does not have the header of JPEG 2000. */
  readJpeg2000(frame: Uint8Array): CodestreamHeader;
  /** @throws Error if the header differs from the attributes of the data set, or the frame has no end. */
  check(frame: Uint8Array, header: CodestreamHeader, format: PixelFormat): void;
}

export function codestreamHeaders(): CodestreamHeaders {
  return { readJpeg, readJpeg2000, check };

  /** ISO/IEC 10918-1 §B.2.2, and ISO/IEC 14495-1 §C.2.2 for JPEG-LS. */
  function readJpeg(frame: Uint8Array, isLs: boolean): CodestreamHeader {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    for (let at = 2; frame[0] === 0xff && frame[1] === 0xd8 && at + 10 <= frame.length; ) {
      if (frame[at] !== 0xff) break;
      const marker = frame[at + 1] as number;
      // A marker may be preceded by any number of bytes FFH.
      if (marker === 0xff) {
        at++;
        continue;
      }
      const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
      if (isFrame || marker === 0xf7) {
        if (isLs !== (marker === 0xf7)) throw new Error(isLs ? 'is not JPEG-LS' : 'is JPEG-LS instead of JPEG');
        return {
          bits: frame[at + 4] as number,
          rows: view.getUint16(at + 5),
          columns: view.getUint16(at + 7),
          components: frame[at + 9] as number,
        };
      }
      // These have no length (§B.1.1.3): a decoder would find another header than the one that is read here.
      if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xda)) break;
      at += 2 + view.getUint16(at + 2);
    }
    throw new Error(`does not have the header of ${isLs ? 'JPEG-LS' : 'JPEG'}`);
  }

  /** ISO/IEC 15444-1 §A.5.1, with or without the boxes of a JP2 file around the codestream. */
  function readJpeg2000(frame: Uint8Array): CodestreamHeader {
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const start = bytes.indexOf('ff4fff51', 'hex');
    if (start < 0 || start + 43 > bytes.length) throw new Error('does not have the header of JPEG 2000');
    const components = bytes.readUInt16BE(start + 40);
    if (start + 42 + 3 * components > bytes.length) throw new Error('is cut short in the header of JPEG 2000');
    const first = bytes[start + 42] as number;
    for (let at = start + 42; at < start + 42 + 3 * components; at += 3)
      if (bytes[at] !== first || bytes[at + 1] !== 1 || bytes[at + 2] !== 1)
        throw new Error('has components of different sizes, which are not supported');
    return {
      columns: bytes.readUInt32BE(start + 8) - bytes.readUInt32BE(start + 16),
      rows: bytes.readUInt32BE(start + 12) - bytes.readUInt32BE(start + 20),
      components,
      bits: (first & 0x7f) + 1,
    };
  }

  /** A codec would allocate what the header of the frame says, so it is compared with the data set before. */
  function check(frame: Uint8Array, header: CodestreamHeader, format: PixelFormat): void {
    for (const [name, found, expected] of [
      ['rows', header.rows, format.rows],
      ['columns', header.columns, format.columns],
      ['samples per pixel', header.components, format.samplesPerPixel],
    ] as const)
      if (found !== expected) throw new Error(`has ${found} ${name} instead of ${expected}`);
    if (header.bits > 16 || header.bits > format.bitsAllocated)
      throw new Error(`has samples of ${header.bits} bits, more than ${Math.min(16, format.bitsAllocated)}`);
    // Codecs give the part that is there. The marker cannot be among compressed bits.
    if (Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).lastIndexOf('ffd9', undefined, 'hex') < 0)
      throw new Error('is cut short: the marker of its end is missing');
  }
}
