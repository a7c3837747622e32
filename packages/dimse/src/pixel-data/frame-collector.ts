// Puts the fragments of encapsulated Pixel Data together to frames, as they come (PS3.5 §A.4).

import { CollectedBytes } from '../collected-bytes.ts';
import { PixelDataError } from './pixel-data-error.ts';

/** Takes the bytes of Pixel Data, and gives the frames. */
export interface FrameDivider {
  /** Takes the next bytes of a value or fragment, which are copied. @throws PixelDataError */
  push(part: Uint8Array): void;
  /** Ends a fragment or the offset table. */
  endFragment(): void;
  /** Ends the Pixel Data. @throws PixelDataError if frames are missing */
  end(): void;
}

/** Takes a frame and its index, from 0. */
export type OnFrame = (frame: Uint8Array, index: number) => void;

export interface FrameCollectorOptions {
  readonly numberOfFrames: number;
  /** Whether each fragment is a frame, unless the offset table says otherwise, as with RLE (PS3.5 §A.4.2). */
  readonly isFragmentFrame: boolean;
  /** The maximum length of a compressed frame in bytes. */
  readonly maximumFrameLength: number;
}

/**
 * A fragment begins a frame if the Basic Offset Table has its offset, or if it begins as a codestream does: the table
 * may be empty or wrong. Fragments of a single frame, and fragments that do neither, belong to the frame before.
 */
export class FrameCollector implements FrameDivider {
  readonly #onFrame: OnFrame;
  readonly #options: FrameCollectorOptions;
  #offsets: ReadonlySet<number> | undefined;
  #frame = collected();
  #fragment = collected();
  /** The offset of the item of the fragment from the first item after the table. */
  #position = 0;
  #frames = 0;

  constructor(options: FrameCollectorOptions, onFrame: OnFrame) {
    this.#options = options;
    this.#onFrame = onFrame;
  }

  push(part: Uint8Array): void {
    const { maximumFrameLength } = this.#options;
    if (this.#frame.length + this.#fragment.length + part.length > maximumFrameLength)
      throw new PixelDataError(`has more than ${maximumFrameLength} bytes compressed`, {
        frame: this.#frames,
        limit: 'maximumFrameLength',
      });
    this.#fragment.push(part.slice());
  }

  endFragment(): void {
    const bytes = this.#fragment.whole();
    const { length } = bytes;
    this.#fragment = collected();
    if (this.#offsets === undefined) {
      this.#offsets = this.#readTable(bytes);
      return;
    }
    if (this.#frame.length > 0 && length > 0 && this.#begins(bytes)) this.#give();
    this.#position += ITEM_HEADER_LENGTH + length;
    this.#frame.push(bytes);
  }

  end(): void {
    if (this.#frame.length > 0) this.#give();
    const { numberOfFrames } = this.#options;
    if (this.#frames !== numberOfFrames)
      throw new PixelDataError(`Pixel Data has ${this.#frames} frames; Number of Frames is ${numberOfFrames}`);
  }

  #give(): void {
    if (this.#frames === this.#options.numberOfFrames)
      throw new PixelDataError(`Pixel Data has more frames than Number of Frames, ${this.#frames}`);
    const frame = this.#frame.whole();
    this.#frame = collected();
    this.#onFrame(frame, this.#frames++);
  }

  #begins(bytes: Uint8Array): boolean {
    if (this.#offsets?.has(this.#position)) return true;
    if (this.#options.isFragmentFrame) return this.#offsets?.size === 0 && this.#options.numberOfFrames > 1;
    return BEGINNINGS.some((beginning) => beginning.every((byte, index) => bytes[index] === byte));
  }

  /** The offsets of all frames but the first; none if the table is empty or cannot be right. */
  #readTable(bytes: Uint8Array): ReadonlySet<number> {
    const { numberOfFrames } = this.#options;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length !== 4 * numberOfFrames || view.getUint32(0, true) !== 0) return new Set();
    const offsets = new Set<number>();
    for (let frame = 1, last = 0; frame < numberOfFrames; frame++) {
      const offset = view.getUint32(4 * frame, true);
      if (offset <= last) return new Set();
      offsets.add(offset);
      last = offset;
    }
    return offsets;
  }
}

const ITEM_HEADER_LENGTH = 8;
/** SOI of JPEG and JPEG-LS, SOC and SIZ of JPEG 2000, and the signature of a JP2 file. */
const BEGINNINGS = [
  [0xff, 0xd8],
  [0xff, 0x4f, 0xff, 0x51],
  [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20],
];

/** Small parts are copied together: a frame may come in fragments of two bytes. */
function collected(): CollectedBytes {
  return new CollectedBytes({ smallestView: 4096 });
}

/** Divides native Pixel Data into frames of one length. Bytes after the last frame are left out. */
export class NativeFrames implements FrameDivider {
  readonly #frameLength: number;
  readonly #numberOfFrames: number;
  readonly #onFrame: OnFrame;
  #frame: Uint8Array;
  #length = 0;
  #frames = 0;

  constructor(frameLength: number, numberOfFrames: number, onFrame: OnFrame) {
    this.#frameLength = frameLength;
    this.#numberOfFrames = numberOfFrames;
    this.#onFrame = onFrame;
    this.#frame = new Uint8Array(frameLength);
  }

  push(part: Uint8Array): void {
    for (let at = 0; at < part.length && this.#frames < this.#numberOfFrames; ) {
      const some = part.subarray(at, at + this.#frameLength - this.#length);
      this.#frame.set(some, this.#length);
      this.#length += some.length;
      at += some.length;
      if (this.#length < this.#frameLength) return;
      this.#onFrame(this.#frame, this.#frames++);
      this.#frame = new Uint8Array(this.#frames < this.#numberOfFrames ? this.#frameLength : 0);
      this.#length = 0;
    }
  }

  endFragment(): void {}

  end(): void {
    if (this.#frames < this.#numberOfFrames)
      throw new PixelDataError(`Pixel Data has ${this.#frames} of ${this.#numberOfFrames} frames`);
  }
}
