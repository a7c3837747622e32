// Rewrites the tokens of a data set in Explicit VR Little Endian: frames of Pixel Data become promises of frames.

import type { DataSetTokenizer } from '../data-set/data-set-tokenizer.ts';
import { ITEM, ITEM_END, SEQUENCE_END, UNDEFINED_LENGTH } from '../data-set/tags.ts';
import type { Token } from '../data-set/token.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import type { Compression } from './frame-codecs.ts';
import { FrameCollector, type FrameDivider, NativeFrames, type OnFrame } from './frame-collector.ts';
import {
  decodedFormat,
  isPixelAttribute,
  LOSSY_IMAGE_COMPRESSION,
  PIXEL_DATA,
  PixelAttributes,
} from './pixel-attributes.ts';
import { compressionOf, type PixelDataCodec } from './pixel-data-codec.ts';
import { PixelDataError } from './pixel-data-error.ts';
import { checkPixelFormat, frameLength, type PixelFormat } from './pixel-format.ts';

export interface RewriterOptions {
  readonly from: string;
  readonly to: string;
  readonly codec: PixelDataCodec;
  readonly maximumFrameLength: number;
  readonly signal: AbortSignal;
}

export class PixelDataRewriter {
  readonly #tokenizer: DataSetTokenizer;
  readonly #options: RewriterOptions;
  readonly #from: Compression | undefined;
  readonly #isImplicit: boolean;
  /** Whether the frames of the result are compressed. */
  readonly #isCompressed: boolean;
  /** The attributes of the data set and of the items around the next element. */
  readonly #levels: [PixelAttributes, ...PixelAttributes[]] = [new PixelAttributes()];
  readonly #output: (Uint8Array | Promise<Uint8Array>)[] = [];
  /** The value of an attribute that is being collected. */
  #value: Uint8Array[] | undefined;
  #isDropped = false;
  /** The Pixel Data whose frames change, if the tokenizer is in them. */
  #frames: FrameDivider | undefined;
  #isEncapsulated = false;
  #framesInMemory = 0;
  #endOfFrames = 0;

  constructor(tokenizer: DataSetTokenizer, options: RewriterOptions) {
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#from = compressionOf(options.from);
    this.#isImplicit = options.to === TransferSyntax.ImplicitVRLittleEndian;
    this.#isCompressed = !this.#isImplicit && options.to !== TransferSyntax.ExplicitVRLittleEndian;
  }

  /** The number of frames that have not been given. */
  get framesInMemory(): number {
    return this.#framesInMemory;
  }

  /** Whether frames have begun that have not all been given. */
  get hasFrames(): boolean {
    return this.#frames !== undefined || this.#framesInMemory > 0;
  }

  /** The length of the data after the last frame, in bytes. */
  get lengthAfterFrames(): number {
    return this.#frames ? 0 : this.#tokenizer.position - this.#endOfFrames;
  }

  /** The bytes before the next frame. */
  takeBytes(): Uint8Array {
    const end = this.#output.findIndex((part) => part instanceof Promise);
    return Buffer.concat(this.#output.splice(0, end < 0 ? this.#output.length : end) as Uint8Array[]);
  }

  /** The next frame with the bytes before it. */
  async next(): Promise<Uint8Array> {
    const before = this.takeBytes();
    const frame = await (this.#output.shift() as Promise<Uint8Array>);
    this.#framesInMemory--;
    return before.length > 0 ? Buffer.concat([before, frame]) : frame;
  }

  /** Takes the token that the tokenizer is at. */
  take(token: Token): void {
    switch (token) {
      case 'element':
        this.#takeElement();
        break;
      case 'value':
        this.#takeValue(this.#tokenizer.slice);
        break;
      case 'fragment':
        if (!this.#frames) this.#copy();
        else if (this.#tokenizer.left === 0) this.#frames.endFragment();
        break;
      case 'item':
        this.#write(header(ITEM, UNDEFINED_LENGTH));
        this.#levels.push(new PixelAttributes());
        break;
      case 'end of item':
        this.#write(header(ITEM_END, 0));
        this.#levels.pop();
        break;
      case 'end of sequence':
        if (this.#frames) this.#endFrames(this.#frames);
        else this.#write(header(SEQUENCE_END, 0));
        break;
      case 'ignored':
        break;
    }
  }

  get #level(): PixelAttributes {
    return this.#levels.at(-1) as PixelAttributes;
  }

  #takeElement(): void {
    const { tag, vr, length, container, encoding } = this.#tokenizer;
    const isStale = isGroupLength(tag) || (this.#from !== undefined && isFrameTable(tag));
    this.#isDropped = isStale && container === undefined;
    if (this.#isDropped) {
      this.#tokenizer.stepOver();
      return;
    }
    if (this.#levels.length === 1 && tag > LOSSY_IMAGE_COMPRESSION) this.#addLossyImageCompression();
    if (tag === PIXEL_DATA && this.#beginFrames()) return;
    if (isPixelAttribute(tag, length) && container === undefined) {
      this.#value = [];
      if (length === 0) this.#endValue(this.#value);
      return;
    }
    const isImplicit = this.#isImplicit || !encoding.isExplicit;
    if (isImplicit) this.#write(header(tag, length));
    else this.#copy();
    if (vr !== 'SQ' || container !== undefined) return;
    // The frames of an icon may change their length.
    const last = this.#output.at(-1) as Uint8Array;
    new DataView(last.buffer, last.byteOffset).setUint32(last.length - 4, UNDEFINED_LENGTH, true);
    this.#tokenizer.enter();
  }

  #takeValue(slice: Uint8Array): void {
    const { left } = this.#tokenizer;
    if (this.#isDropped) return;
    if (this.#frames) {
      this.#frames.push(slice);
      if (left > 0) return;
      if (this.#isEncapsulated) this.#frames.endFragment();
      else this.#endFrames(this.#frames);
    } else if (this.#value) {
      this.#value.push(slice.slice());
      if (left === 0) this.#endValue(this.#value);
    } else this.#write(slice.slice());
  }

  #endValue(value: readonly Uint8Array[]): void {
    const { tag, vr, encoding } = this.#tokenizer;
    this.#value = undefined;
    const before = new Uint8Array(Buffer.concat(value));
    const after = this.#level.take(tag, before, this.#from);
    this.#writeHeader(tag, encoding.isExplicit ? vr : undefined, after.length);
    this.#write(after);
  }

  /** PS3.3 §C.7.6.1.1.5: an image that has been compressed with loss is one for ever. */
  #addLossyImageCompression(): void {
    const [dataSet] = this.#levels;
    if (this.#from !== 'jpeg' || !dataSet.isImage || dataSet.has(LOSSY_IMAGE_COMPRESSION)) return;
    const value = dataSet.take(LOSSY_IMAGE_COMPRESSION, new Uint8Array(0), this.#from);
    this.#writeHeader(LOSSY_IMAGE_COMPRESSION, 'CS', value.length);
    this.#write(value);
  }

  /** Begins Pixel Data whose frames change. Returns false if they are copied. */
  #beginFrames(): boolean {
    const { from, codec, maximumFrameLength } = this.#options;
    const isEncapsulated = this.#tokenizer.container === 'fragments';
    const isIcon = this.#levels.length > 1;
    if (!isEncapsulated && this.#level.isChanged)
      throw new PixelDataError(`Pixel Data are not encapsulated, although the transfer syntax is ${from}`);
    if (!isEncapsulated && (this.#from !== undefined || isIcon)) return false;
    if (isEncapsulated && this.#from === undefined)
      throw new PixelDataError(`Pixel Data are encapsulated, although the transfer syntax is ${from}`);
    if (isEncapsulated) codec.checkInstalled?.(from);
    const { format, numberOfFrames } = this.#level;
    checkPixelFormat(format, maximumFrameLength);
    const options = {
      numberOfFrames,
      isFragmentFrame: this.#from === 'rle' || this.#from === 'none' || this.#from === 'deflate',
      maximumFrameLength,
    };
    const length = frameLength(format) * numberOfFrames;
    if (this.#isCompressed) {
      this.#writeHeader(PIXEL_DATA, 'OB', UNDEFINED_LENGTH);
      // An empty offset table: the lengths of the frames are not known yet.
      this.#write(header(ITEM, 0));
    } else {
      if (length > LONGEST_VALUE)
        throw new PixelDataError(`Pixel Data would have ${length} bytes, more than a value may have`, {
          limit: 'PS3.5 §7.1.1',
        });
      this.#writeHeader(PIXEL_DATA, format.bitsAllocated > 8 ? 'OW' : 'OB', length + (length % 2));
    }
    const onFrame: OnFrame = (frame, index) => this.#addFrame(frame, index, format);
    this.#isEncapsulated = isEncapsulated;
    this.#frames = isEncapsulated
      ? new FrameCollector(options, onFrame)
      : new NativeFrames(frameLength(format), numberOfFrames, onFrame);
    return true;
  }

  #addFrame(bytes: Uint8Array, index: number, format: PixelFormat): void {
    const { from, to, codec, signal } = this.#options;
    const convert = async (): Promise<Uint8Array> => {
      try {
        const decoded = this.#from ? await codec.decode({ bytes, format }, from, signal) : bytes;
        if (!this.#isCompressed) return decoded;
        const native = this.#from ? decodedFormat(format, this.#from) : format;
        const encoded = await codec.encode({ bytes: decoded, format: native }, to, signal);
        // A fragment has an even length (PS3.5 §A.4).
        const padding = new Uint8Array(encoded.length % 2);
        return Buffer.concat([header(ITEM, encoded.length + padding.length), encoded, padding]);
      } catch (error) {
        if (!(error instanceof PixelDataError) || error.frame !== undefined) throw error;
        throw new PixelDataError(error.reason, { frame: index, limit: error.limit, cause: error.cause });
      }
    };
    const frame = convert();
    // It is awaited in its turn.
    frame.catch(() => {});
    this.#framesInMemory++;
    this.#output.push(frame);
  }

  #endFrames(frames: FrameDivider): void {
    frames.end();
    this.#frames = undefined;
    this.#endOfFrames = this.#tokenizer.position;
    const { format, numberOfFrames } = this.#level;
    if (this.#isCompressed) this.#write(header(SEQUENCE_END, 0));
    else if ((frameLength(format) * numberOfFrames) % 2 === 1) this.#write(new Uint8Array(1));
  }

  /** Copies the header that the tokenizer is at. */
  #copy(): void {
    this.#write(this.#tokenizer.encoded.slice());
  }

  #writeHeader(tag: number, vr: string | undefined, length: number): void {
    this.#write(elementHeader(tag, this.#isImplicit ? undefined : vr, length));
  }

  #write(...parts: readonly Uint8Array[]): void {
    this.#output.push(...parts);
  }
}

/** Group lengths would be wrong, and are retired (PS3.5 §7.2). */
function isGroupLength(tag: number): boolean {
  return (tag & 0xffff) === 0;
}

/** Extended Offset Table, its lengths, and the total length: for encapsulated Pixel Data only (PS3.3 §C.7.6.3.1.8). */
function isFrameTable(tag: number): boolean {
  return tag >= 0x7fe00001 && tag <= 0x7fe00003;
}

function header(tag: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

/** The header of an element in Explicit VR, or in Implicit VR if `vr` is undefined (PS3.5 §7.1). */
function elementHeader(tag: number, vr: string | undefined, length: number): Uint8Array {
  if (vr === undefined) return header(tag, length);
  const isLong = vr === 'OB' || vr === 'OW' || vr === 'UN';
  const bytes = Buffer.alloc(isLong ? 12 : 8);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  bytes.write(vr, 4, 'latin1');
  if (isLong) bytes.writeUInt32LE(length, 8);
  else bytes.writeUInt16LE(length, 6);
  return bytes;
}

/** The longest even length that is not undefined. */
const LONGEST_VALUE = 0xfffffffe;
