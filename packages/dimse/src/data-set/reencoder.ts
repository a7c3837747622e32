// Re-encodes the tokens of an uncompressed data set in another encoding (PS3.5 §6.2.2, §7, Annex A).

import { BlockOutput, writtenVr } from './block-output.ts';
import { DataSetError } from './data-set-error.ts';
import { implicitVr } from './data-set-scope.ts';
import { DataSetTokenizer } from './data-set-tokenizer.ts';
import type { Encoding, SyntaxEncoding } from './encodings.ts';
import { swapped } from './number-values.ts';
import {
  BITS_ALLOCATED,
  ITEM,
  ITEM_END,
  PIXEL_DATA,
  PIXEL_REPRESENTATION,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
} from './tags.ts';
import type { Token } from './token.ts';
import { valueRepresentation } from './value-representations.ts';

/** The state that a data set passes on to its later elements and to items. */
interface Level {
  isSigned: boolean;
  bitsAllocated: number;
}

export class Reencoder {
  readonly #tokenizer: DataSetTokenizer;
  readonly #to: Encoding;
  readonly #hasBigEndianPixelData: boolean;
  readonly #out = new BlockOutput();
  readonly #levels: Level[] = [{ isSigned: false, bitsAllocated: 16 }];
  /** The number of containers around a sequence of unknown value representation, whose bytes are copied. */
  #copied: number | undefined;
  /** The length of the words that are swapped in the value that is being written; 1 if none are. */
  #wordSize = 1;
  /** Bytes of a word that is divided between chunks. */
  #carried: Uint8Array = NOTHING;
  #padding: number | undefined;
  /** Whether the value is left out: group lengths are. */
  #isLeftOut = false;
  #isAttributeOfPixels = false;

  constructor(from: SyntaxEncoding, to: Encoding) {
    this.#tokenizer = new DataSetTokenizer(from);
    this.#to = to;
    this.#hasBigEndianPixelData = from.hasBigEndianPixelData;
  }

  /** Takes the next bytes. Returns blocks of the other encoding. @throws DataSetError. */
  push(chunk: Uint8Array): Uint8Array[] {
    const tokenizer = this.#tokenizer;
    tokenizer.feed(chunk);
    for (let token = tokenizer.next(); token !== undefined; token = tokenizer.next())
      if (this.#copied === undefined) this.#take(token);
      else this.#copy(token, this.#copied);
    return this.#out.take();
  }

  /** Ends the data. Returns the last blocks. @throws DataSetError if the data set is incomplete. */
  end(): Uint8Array[] {
    this.#tokenizer.end();
    return this.#out.take(true);
  }

  #take(token: Token): void {
    if (token === 'value') this.#takeValue(this.#tokenizer.slice);
    else if (token === 'element') this.#takeElement();
    else if (token === 'item') {
      this.#out.item(ITEM, UNDEFINED_LENGTH, this.#to);
      this.#levels.push({ ...this.#level });
    } else if (token === 'end of item') {
      this.#out.item(ITEM_END, 0, this.#to);
      this.#levels.pop();
    } else if (token === 'end of sequence') this.#out.item(SEQUENCE_END, 0, this.#to);
  }

  /** Copies a sequence of unknown value representation, which is Implicit VR Little Endian in every encoding. */
  #copy(token: Token, around: number): void {
    if (token === 'item') this.#tokenizer.takeWhole();
    this.#out.raw(this.#tokenizer.encoded);
    if (this.#tokenizer.depth === around) this.#copied = undefined;
  }

  #takeElement(): void {
    const tokenizer = this.#tokenizer;
    const { tag, length, offset, container } = tokenizer;
    this.#isLeftOut = (tag & 0xffff) === 0;
    // Group lengths would be wrong (§7.2).
    if (this.#isLeftOut) {
      if (container) throw new DataSetError('is a group length without a length', { tag, offset });
      tokenizer.stepOver();
      return;
    }
    const vr = tokenizer.vr ?? implicitVr(tag, this.#level.isSigned);
    if (container) this.#openContainer(tag, vr, container, offset);
    else if (vr === 'SQ' && length > 0) {
      this.#out.element(tag, vr, UNDEFINED_LENGTH, this.#to);
      tokenizer.enter();
    } else this.#beginValue(tag, vr, length);
  }

  #openContainer(tag: number, vr: string, container: 'sequence' | 'fragments', offset: number): void {
    const isUnknown = this.#tokenizer.vr === 'UN';
    const isSequence = container === 'sequence' && (vr === 'SQ' || vr === 'UN');
    if (container === 'fragments')
      throw new DataSetError('is encapsulated, and only uncompressed data sets can be re-encoded', { tag, offset });
    if (!isSequence) throw new DataSetError(`of value representation ${vr} has no length`, { tag, offset });
    this.#out.element(tag, isUnknown ? 'UN' : 'SQ', UNDEFINED_LENGTH, this.#to);
    if (isUnknown) this.#copied = this.#tokenizer.depth - 1;
  }

  #beginValue(tag: number, vr: string, length: number): void {
    const to = this.#to;
    const padded = length + (length % 2);
    const written = to.isExplicit ? writtenVr(vr, padded) : vr;
    this.#out.element(tag, written, padded, to);
    this.#padding = length % 2 === 1 ? valueRepresentation(vr).padding : undefined;
    this.#isAttributeOfPixels = (tag === BITS_ALLOCATED || tag === PIXEL_REPRESENTATION) && length === 2;
    // UN is little endian in every encoding (§6.2.2).
    const isLittle = written === 'UN' || to.littleEndian;
    this.#wordSize = vr === 'UN' || this.#isLittleIn(tag) === isLittle ? 1 : swappedSize(vr);
  }

  /** The byte order of a value that is read. */
  #isLittleIn(tag: number): boolean {
    const isSwapped = tag === PIXEL_DATA && this.#hasBigEndianPixelData && this.#levels.length === 1;
    return isSwapped ? this.#level.bitsAllocated <= 8 : this.#tokenizer.encoding.littleEndian;
  }

  #takeValue(slice: Uint8Array): void {
    if (this.#isAttributeOfPixels) this.#observe(slice);
    if (this.#wordSize === 1) this.#out.raw(slice);
    else {
      const bytes = this.#carried.length === 0 ? slice : Buffer.concat([this.#carried, slice]);
      const whole = bytes.length - (bytes.length % this.#wordSize);
      this.#out.raw(swapped(bytes.subarray(0, whole), this.#wordSize, false));
      this.#carried = whole === bytes.length ? NOTHING : Uint8Array.from(bytes.subarray(whole));
    }
    if (this.#tokenizer.left > 0) return;
    // An incomplete last word, which no reader understands, is not swapped.
    this.#out.raw(this.#carried);
    this.#carried = NOTHING;
    if (this.#padding !== undefined) this.#out.byte(this.#padding);
  }

  /** Notes Bits Allocated and Pixel Representation, whose values are below 256. */
  #observe(slice: Uint8Array): void {
    const { tag, left, encoding } = this.#tokenizer;
    const [first, last] = [left + slice.length === 2, left === 0];
    const byte = encoding.littleEndian ? first && slice[0] : last && slice[slice.length - 1];
    if (typeof byte !== 'number') return;
    if (tag === BITS_ALLOCATED) this.#level.bitsAllocated = byte;
    else this.#level.isSigned = byte === 1;
  }

  get #level(): Level {
    return this.#levels[this.#levels.length - 1] as Level;
  }
}

/** The length in bytes of the words of a value that are swapped; 1 if none are. A tag has two words (§6.2). */
function swappedSize(vr: string): number {
  return vr === 'AT' ? 2 : valueRepresentation(vr).wordSize;
}

const NOTHING = new Uint8Array(0);
