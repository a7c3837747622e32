// RLE compression of a frame (PS3.5 Annex G). Worker threads run the text of `rleCodec`: it uses nothing that is outside it.

import type { PixelFormat } from './pixel-format.ts';

export interface RleCodec {
  /** The native frame, in the planar configuration of the format. @throws Error if the frame is malformed. */
  decode(frame: Uint8Array, format: PixelFormat): Uint8Array;
  /** The frame as one fragment. */
  encode(frame: Uint8Array, format: PixelFormat): Uint8Array;
}

export function rleCodec(): RleCodec {
  return { decode, encode };

  // PS3.5 §G: each byte of the samples of a colour is a segment, the most significant first.
  function placesOfSegments(format: PixelFormat): { start: number; step: number }[] {
    const bytes = format.bitsAllocated / 8;
    const isPlanar = format.planarConfiguration === 1;
    const pixels = format.rows * format.columns;
    const places: { start: number; step: number }[] = [];
    for (let sample = 0; sample < format.samplesPerPixel; sample++)
      for (let byte = bytes - 1; byte >= 0; byte--)
        places.push(
          isPlanar
            ? { start: sample * pixels * bytes + byte, step: bytes }
            : { start: sample * bytes + byte, step: bytes * format.samplesPerPixel },
        );
    return places;
  }

  function decode(frame: Uint8Array, format: PixelFormat): Uint8Array {
    const places = placesOfSegments(format);
    if (frame.length < 64) throw new Error(`has ${frame.length} bytes, fewer than the header of RLE`);
    const header = new DataView(frame.buffer, frame.byteOffset, 64);
    const segments = header.getUint32(0, true);
    if (segments !== places.length) throw new Error(`has ${segments} RLE segments instead of ${places.length}`);
    const pixels = format.rows * format.columns;
    const decoded = new Uint8Array(pixels * places.length);
    places.forEach(({ start, step }, segment) => {
      const from = header.getUint32(4 + 4 * segment, true);
      const to = segment + 1 < segments ? header.getUint32(8 + 4 * segment, true) : frame.length;
      if (from < 64 || to < from || to > frame.length)
        throw new Error(`has an RLE segment from byte ${from} to ${to} of ${frame.length}`);
      let [at, left, target] = [from, pixels, start];
      while (left > 0 && at < to) {
        const code = frame[at++] as number;
        // -128 is a code without meaning.
        if (code === 128) continue;
        const length = Math.min(code < 128 ? code + 1 : 257 - code, left);
        if (at + (code < 128 ? length : 1) > to) break;
        if (code < 128) for (let i = 0; i < length; i++, target += step) decoded[target] = frame[at + i] as number;
        else for (let i = 0; i < length; i++, target += step) decoded[target] = frame[at] as number;
        at += code < 128 ? code + 1 : 1;
        left -= length;
      }
      if (left > 0) throw new Error(`is cut short: RLE segment ${segment + 1} lacks ${left} of ${pixels} bytes`);
    });
    return decoded;
  }

  function encode(frame: Uint8Array, format: PixelFormat): Uint8Array {
    const places = placesOfSegments(format);
    const { rows, columns } = format;
    if (places.length > 15) throw new Error(`would have ${places.length} RLE segments, more than 15`);
    if (frame.length < rows * columns * places.length) throw new Error(`has ${frame.length} bytes, too few`);
    // A row of n bytes that do not repeat becomes n bytes and a code for each 128.
    const longest = rows * (columns + Math.ceil(columns / 128)) + 1;
    const encoded = new Uint8Array(64 + places.length * longest);
    const header = new DataView(encoded.buffer);
    header.setUint32(0, places.length, true);
    const row = new Uint8Array(columns);
    let end = 64;
    places.forEach(({ start, step }, segment) => {
      header.setUint32(4 + 4 * segment, end, true);
      for (let y = 0; y < rows; y++) {
        for (let x = 0, from = start + y * columns * step; x < columns; x++, from += step)
          row[x] = frame[from] as number;
        end = encodeRow(row, encoded, end);
      }
      end += end % 2;
    });
    return encoded.slice(0, end);
  }

  /** Runs do not cross the end of a row (PS3.5 §G.3.1). Two equal bytes become a run only outside literal bytes. */
  function encodeRow(row: Uint8Array, encoded: Uint8Array, start: number): number {
    let end = start;
    let literal = 0;
    const endLiteral = (at: number): void => {
      for (; literal < at; ) {
        const length = Math.min(128, at - literal);
        encoded[end++] = length - 1;
        encoded.set(row.subarray(literal, literal + length), end);
        end += length;
        literal += length;
      }
    };
    for (let at = 0; at < row.length; ) {
      let run = 1;
      while (run < 128 && at + run < row.length && row[at + run] === row[at]) run++;
      if (run > 2 || (run === 2 && literal === at)) {
        endLiteral(at);
        encoded[end++] = 257 - run;
        encoded[end++] = row[at] as number;
        literal = at + run;
      }
      at += run;
    }
    endLiteral(row.length);
    return end;
  }
}
