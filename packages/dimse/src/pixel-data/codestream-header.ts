// The headers of compressed frames. Worker threads run the text of `codestreamHeaders`: it uses nothing that is outside it.

import type { PixelFormat } from './pixel-format.ts';

/** What the header of a compressed frame says. */
export interface CodestreamHeader {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly bits: number;
}

export interface Jpeg2000Header extends CodestreamHeader {
  readonly isSigned: boolean;
  /** Whether the image begins at another point of its reference grid than the first. */
  readonly hasOffset: boolean;
}

export interface CodestreamHeaders {
  /** @throws Error if the frame does not have the header of JPEG, or of JPEG-LS if `isLs`. */
  readJpeg(frame: Uint8Array, isLs: boolean): CodestreamHeader;
  /**
   * The codestream of JPEG 2000 without the boxes of a file around it. A codec that is given only this cannot find another.
   * @throws Error if the frame has no codestream.
   */
  findJpeg2000(frame: Uint8Array): Uint8Array;
  /** @throws Error if a codestream does not have the header of JPEG 2000, or a codec would take too much memory for it. */
  readJpeg2000(codestream: Uint8Array): Jpeg2000Header;
  /** @throws Error if the header differs from the attributes of the data set, or the frame has no end. */
  check(frame: Uint8Array, header: CodestreamHeader, format: PixelFormat): void;
}

export function codestreamHeaders(): CodestreamHeaders {
  const MOST_SMALL_TILES = 256;
  return { readJpeg, findJpeg2000, readJpeg2000, check };

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
      const length = view.getUint16(at + 2);
      if (length < 2) break;
      at += 2 + length;
    }
    throw new Error(`does not have the header of ${isLs ? 'JPEG-LS' : 'JPEG'}`);
  }

  /** ISO/IEC 15444-1 §I.4: PS3.5 §8.2.4 has the codestream alone, but some writers put it into a JP2 file. */
  function findJpeg2000(frame: Uint8Array): Uint8Array {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    for (let at = 0; at + 8 <= frame.length; ) {
      if (at === 0 && view.getUint32(0) === 0xff4fff51) return frame;
      const [short, type] = [view.getUint32(at), view.getUint32(at + 4)];
      // The first box is the signature of the file.
      if (at === 0 && type !== 0x6a502020) break;
      if (short === 1 && at + 16 > frame.length) break;
      const headerLength = short === 1 ? 16 : 8;
      const length = short === 0 ? frame.length - at : short === 1 ? Number(view.getBigUint64(at + 8)) : short;
      if (length < headerLength || at + length > frame.length) break;
      if (type === 0x6a703263) return frame.subarray(at + headerLength, at + length);
      at += length;
    }
    throw new Error('does not have the header of JPEG 2000');
  }

  /** ISO/IEC 15444-1 §A.5.1. */
  function readJpeg2000(codestream: Uint8Array): Jpeg2000Header {
    const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.byteLength);
    if (codestream.length < 42 || view.getUint32(0) !== 0xff4fff51)
      throw new Error('does not have the header of JPEG 2000');
    const components = view.getUint16(40);
    if (components === 0 || codestream.length < 42 + 3 * components)
      throw new Error('is cut short in the header of JPEG 2000');
    const first = view.getUint8(42);
    for (let at = 42; at < 42 + 3 * components; at += 3)
      if (view.getUint8(at) !== first || view.getUint8(at + 1) !== 1 || view.getUint8(at + 2) !== 1)
        throw new Error('has components of different sizes, which are not supported');
    const [right, bottom, left, top, tileWidth, tileHeight, tileLeft, tileTop] = Array.from({ length: 8 }, (_, index) =>
      view.getUint32(8 + 4 * index),
    ) as [number, number, number, number, number, number, number, number];
    const [columns, rows] = [right - left, bottom - top];
    const tiles = Math.ceil((right - tileLeft) / tileWidth) * Math.ceil((bottom - tileTop) / tileHeight);
    // A codec has some 10 KiB for each tile, whatever its size is.
    const most = Math.max(MOST_SMALL_TILES, (columns * rows) / MOST_SMALL_TILES);
    if (!(tiles <= most)) throw new Error(`has ${tiles} tiles, more than ${Math.floor(most)} for its size`);
    return {
      columns,
      rows,
      components,
      bits: (first & 0x7f) + 1,
      isSigned: first >= 0x80,
      hasOffset: left > 0 || top > 0,
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
