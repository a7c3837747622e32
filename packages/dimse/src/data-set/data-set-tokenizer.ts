// Divides the bytes of a data set into tokens (PS3.5 §7): the one parser under the scanner, the reader and all streams.
//
// The tokenizer is linear, keeps no value, and takes chunks of any size. It is pulled: `feed` gives it a chunk, and `next`
// returns one token after the other until the chunk is used up. The properties of the token are those of the tokenizer
// until the next call. The caller decides at each token whether to see its content, to step over it, or to enter a
// sequence of defined length. `leniency.ts` lists the deviations that are tolerated.

import { ChunkedBytes } from './chunked-bytes.ts';
import { Containers } from './containers.ts';
import { DataSetError } from './data-set-error.ts';
import { containerOf, LONG_HEADER, SHORT_HEADER, tagIn, unknownHeader } from './element-header.ts';
import { type Encoding, IMPLICIT_VR_LITTLE_ENDIAN } from './encodings.ts';
import { DataSetWarnings } from './leniency.ts';
import { ITEM, UNDEFINED_LENGTH } from './tags.ts';
import type { Token, TokenizerOptions } from './token.ts';
import { explicitVrOf } from './value-representations.ts';

export class DataSetTokenizer {
  /** The tag of the element or item, `0xggggeeee`. */
  tag = 0;
  /** The value representation of an element in Explicit VR, `UN` for one that cannot be read; undefined in Implicit VR. */
  vr: string | undefined;
  /** The length of the value in bytes, or `UNDEFINED_LENGTH`. */
  length = 0;
  /** The offset of the header in bytes from the beginning of the data set. */
  offset = 0;
  /** The kind of parts that an element of undefined length has; undefined if it has a value. */
  container: 'sequence' | 'fragments' | undefined;
  /** The part of a value. */
  slice: Uint8Array = EMPTY;
  readonly warnings: DataSetWarnings;
  readonly #containers: Containers;
  readonly #bytes = new ChunkedBytes();
  /** The bytes that are left of the value. */
  #left = 0;
  #isSteppedOver = false;
  #hasElements = false;
  /** Whether an element has shown that the data set is in Explicit VR. */
  #isExplicitSeen = false;
  #isPadding = false;

  constructor(encoding: Encoding, options: TokenizerOptions = {}) {
    const { length = Number.POSITIVE_INFINITY, sequence, warnings = new DataSetWarnings() } = options;
    this.warnings = warnings;
    this.#containers = new Containers(encoding, length, sequence?.depth ?? 0);
    if (sequence) this.#containers.push({ kind: 'sequence', tag: sequence.tag, offset: 0, encoding, end: length });
  }

  /** The encoding around the next token. UN of undefined length is Implicit VR Little Endian inside (§6.2.2). */
  get encoding(): Encoding {
    return this.#containers.encoding;
  }

  /** The number of containers around the next token: sequences, items and encapsulated Pixel Data. */
  get depth(): number {
    return this.#containers.depth;
  }

  /** The offset of the next byte. */
  get position(): number {
    return this.#bytes.position;
  }

  /** The bytes that are left of the value. */
  get left(): number {
    return this.#left;
  }

  /** The bytes of the last token as they are encoded: a header, a part of a value, or nothing for the end of a length. */
  get encoded(): Uint8Array {
    return this.#bytes.taken;
  }

  /** Gives the next chunk, after `next` has returned undefined. The chunk must not change until it is used up. `view` is a view of it, if there is one. */
  feed(chunk: Uint8Array, view?: DataView): void {
    this.#bytes.feed(chunk, view);
  }

  /** The next token; undefined if it needs another chunk. @throws DataSetError for bytes that cannot be a data set. */
  next(): Token | undefined {
    const bytes = this.#bytes;
    while (this.#left > 0) {
      const length = Math.min(this.#left, bytes.available);
      if (length === 0) return undefined;
      bytes.take(length);
      this.#left -= length;
      if (this.#isSteppedOver) continue;
      this.slice = bytes.taken;
      return 'value';
    }
    const { innermost } = this.#containers;
    if (innermost !== undefined && innermost.end === bytes.position) {
      bytes.take(0);
      return this.#close();
    }
    return this.#readHeader();
  }

  /** Steps over the value of the element or fragment, or over the content of an item that has a length. */
  stepOver(): void {
    this.takeWhole();
    this.#isSteppedOver = true;
  }

  /** After the header of an item that has a length: takes its content as a value, without its elements. */
  takeWhole(): void {
    const item = this.#containers.innermost;
    if (this.tag !== ITEM || item?.kind !== 'item' || item.offset !== this.offset || item.end === undefined) return;
    this.#left = this.length;
    this.#containers.pop();
  }

  /** Enters the value of an element as a sequence. @throws DataSetError if it is too deep. */
  enter(encoding: Encoding = this.#containers.encoding): void {
    const end = this.position + this.#left;
    this.#containers.push({ kind: 'sequence', tag: this.tag, offset: this.offset, encoding, end });
    this.#left = 0;
  }

  /** How many of the following bytes the caller may pass over with `skip` instead of feeding them. */
  get skippable(): number {
    return this.#isSteppedOver ? this.#left : 0;
  }

  /** Passes over this many bytes, at most `skippable`. */
  skip(length: number): void {
    this.#left -= length;
    this.#bytes.skip(length);
  }

  /**
   * Goes on behind the innermost sequence that has a length, or at the end of the innermost item that has one, after an
   * error. The chunk must have all of it. Returns the sequence that was left; undefined if nothing more can be read.
   */
  recover(): { readonly sequence: number | undefined } | undefined {
    const containers = this.#containers;
    while (containers.innermost && containers.innermost.end === undefined) this.#containers.pop();
    if (!containers.innermost) return undefined;
    const { kind, tag, end = 0 } = containers.innermost;
    this.#bytes.seek(end);
    this.#left = 0;
    if (kind === 'item') return { sequence: undefined };
    this.#containers.pop();
    return { sequence: tag };
  }

  /** Ends the data. @throws DataSetError if the data set is incomplete. */
  end(): void {
    const { tag, length, offset } = this;
    if (this.#left > 0)
      this.#fail(`is cut short: it declares ${length} bytes, ${length - this.#left} are there`, tag, offset);
    const { innermost } = this.#containers;
    const { gathered } = this.#bytes;
    const isPadding = !innermost && this.#hasElements && this.#bytes.isGatheredZero;
    if (gathered >= SHORT_HEADER && !isPadding)
      this.#fail('is cut short', this.#bytes.gatheredTag(this.encoding), offset);
    if (gathered > 0 && !isPadding) {
      if (Number.isFinite(this.#containers.limit)) this.#containers.failForRoom(gathered, offset);
      throw new DataSetError('the data set ends inside the header of an element', { offset: this.position });
    }
    if (gathered > 0) this.warnings.add('PADDING');
    if (innermost) this.#fail('is cut short: its end is not marked', innermost.tag, innermost.offset);
  }

  #readHeader(): Token | undefined {
    const bytes = this.#bytes;
    if (this.#isPadding) {
      const { position } = bytes;
      bytes.take(bytes.available);
      if (bytes.taken.some((byte) => byte !== 0)) this.#fail('begins zeros after which there are data', 0, position);
      return undefined;
    }
    if (bytes.gathered === 0) {
      this.offset = bytes.position;
      const room = this.#containers.limit - this.offset;
      if (room < SHORT_HEADER && this.#containers.innermost) this.#containers.failForRoom(room, this.offset);
    }
    return bytes.findHeader(this.encoding) ? this.#parse(bytes.view, bytes.viewAt) : undefined;
  }

  #parse(view: DataView, at: number): Token | undefined {
    const { offset } = this;
    const { isExplicit, littleEndian } = this.encoding;
    const tag = tagIn(view, at, littleEndian);
    this.tag = tag;
    if (tag >>> 16 === 0xfffe) return this.#delimiter(tag, view.getUint32(at + 4, littleEndian));
    const { innermost } = this.#containers;
    if (innermost === undefined) {
      if (tag === 0 && view.getUint32(at + 4) === 0) return this.#padding(tag);
      this.#hasElements = true;
    } else if (innermost.kind !== 'item') this.#fail('stands where an item is due', tag, offset);
    if (!isExplicit) this.#setElement(undefined, view.getUint32(at + 4, littleEndian), SHORT_HEADER);
    else {
      const known = explicitVrOf(view.getUint16(at + 4));
      if (known === undefined) this.#unknown(view, at);
      else if (known.isLong) this.#setLongElement(known.name, view, at);
      else this.#setElement(known.name, view.getUint16(at + 6, littleEndian), SHORT_HEADER);
      if (known) this.#isExplicitSeen = true;
    }
    this.#isSteppedOver = false;
    if (this.length !== UNDEFINED_LENGTH) {
      this.container = undefined;
      this.#left = this.length;
      this.#checkLength(tag);
    } else this.#openElement(tag, offset);
    return 'element';
  }

  #setElement(vr: string | undefined, length: number, headerLength: number): void {
    this.vr = vr;
    this.length = length;
    this.#bytes.takeHeader(headerLength);
  }

  #setLongElement(vr: string, view: DataView, at: number): void {
    if (this.#containers.limit - this.offset < LONG_HEADER) this.#fail('is cut short', this.tag, this.offset);
    this.#setElement(vr, view.getUint32(at + 8, this.encoding.littleEndian), LONG_HEADER);
  }

  #unknown(view: DataView, at: number): void {
    const { littleEndian } = this.encoding;
    const { vr, isLong, length, warning } = unknownHeader(view, at, littleEndian);
    if (warning === 'MISSING_VR' && !this.#isExplicitSeen && this.depth === 0) {
      this.warnings.add('IMPLICIT_VR', this.tag, this.offset);
      this.#containers.assume({ isExplicit: false, littleEndian });
      this.#setElement(undefined, length, SHORT_HEADER);
      return;
    }
    this.warnings.add(warning, this.tag, this.offset);
    if (isLong) this.#setLongElement(vr, view, at);
    else this.#setElement(vr, length, SHORT_HEADER);
  }

  #openElement(tag: number, offset: number): void {
    const { vr } = this;
    this.container = containerOf(tag, vr);
    if (vr === undefined && this.container === 'fragments') this.warnings.add('FRAGMENTS_IN_IMPLICIT_VR', tag, offset);
    // Inside a sequence of unknown VR everything is Implicit VR Little Endian (PS3.5 §6.2.2), its items included.
    const encoding = vr === 'UN' ? IMPLICIT_VR_LITTLE_ENDIAN : this.encoding;
    this.#containers.push({ kind: this.container, tag, offset, encoding, end: undefined });
  }

  #delimiter(tag: number, length: number): Token {
    const { offset } = this;
    const { innermost } = this.#containers;
    this.length = length;
    this.vr = undefined;
    this.#bytes.takeHeader(SHORT_HEADER);
    if (tag === ITEM) {
      if (innermost === undefined || innermost.kind === 'item') this.#fail('stands where no item is', tag, offset);
      if (length !== UNDEFINED_LENGTH) this.#checkLength(tag);
      else if (innermost.kind === 'fragments') this.#fail('has no length', tag, offset);
      this.#isSteppedOver = false;
      if (innermost.kind === 'fragments') {
        this.#left = length;
        return 'fragment';
      }
      const end = length === UNDEFINED_LENGTH ? undefined : this.position + length;
      this.#containers.push({ ...innermost, kind: 'item', offset, end });
      return 'item';
    }
    const fit = this.#containers.fitOf(tag, length);
    if (fit === 'end') return this.#close();
    if (fit !== 'stray') this.#fail(fit.fault, tag, offset);
    this.warnings.add('STRAY_DELIMITER', tag, offset);
    return 'ignored';
  }

  #padding(tag: number): Token {
    if (!this.#hasElements) this.#fail('is not a tag: the data set begins with zeros', tag, this.offset);
    this.warnings.add('PADDING');
    this.#isPadding = true;
    this.#bytes.takeHeader(SHORT_HEADER);
    return 'ignored';
  }

  #checkLength(tag: number): void {
    const room = this.#containers.limit - this.position;
    if (this.length > room) this.#fail(`declares ${this.length} bytes, ${room} are left`, tag, this.offset);
  }

  #close(): Token {
    const isItem = this.#containers.pop() === 'item';
    return isItem ? 'end of item' : 'end of sequence';
  }

  #fail(what: string, tag: number, offset: number): never {
    throw new DataSetError(what, { tag, offset });
  }
}

const EMPTY = new Uint8Array(0);
