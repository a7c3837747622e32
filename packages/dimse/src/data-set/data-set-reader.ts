// Reads data sets from bytes (PS3.5 §7), in steps. Memory is bounded by the length of the bytes, nesting by MAXIMUM_DEPTH.

import { Done, type Steps } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import { type FaultListener, Faults, implicitVr, OUTERMOST_SCOPE, type Scope } from './data-set-scope.ts';
import { DataSetTokenizer } from './data-set-tokenizer.ts';
import type { DataSet } from './data-set-values.ts';
import { ElementBytes } from './element-bytes.ts';
import { mayHaveParts, noLengthError } from './element-header.ts';
import { LONG_VALUE, readingValue, valueIn } from './element-values.ts';
import { type Encoding, IMPLICIT_VR_LITTLE_ENDIAN, type SyntaxEncoding } from './encodings.ts';
import { OpenDataSets } from './open-data-sets.ts';
import { type ReadLimits, ReadTally } from './read-tally.ts';
import { PIXEL_DATA } from './tags.ts';
import type { TokenizerOptions } from './token.ts';
import { valueRepresentation } from './value-representations.ts';

/**
 * Reads a data set, in steps.
 * @param onFault If given, values that cannot be read are left out, at any depth: see `decodeExtract`.
 * @throws DataSetError with the place at which the bytes are malformed or exceed a limit. Default: no limit.
 */
export function readingDataSet(
  bytes: Uint8Array,
  encoding: SyntaxEncoding,
  limits: ReadLimits = {},
  onFault?: FaultListener,
): Steps<DataSet> | Done<DataSet> {
  const reader = new Reader(bytes, encoding, OUTERMOST_SCOPE, {
    tally: new ReadTally(limits),
    hasBigEndianPixelData: encoding.hasBigEndianPixelData,
    faults: onFault && new Faults(onFault),
  });
  const { dataSet } = reader;
  return reader.advance() ? new Done(dataSet) : finishing(reader, dataSet);
}

function* finishing<T>(reader: Reader, result: T): Steps<T> {
  yield* reader.rest();
  return result;
}

interface ReaderOptions {
  readonly tally: ReadTally;
  readonly hasBigEndianPixelData?: boolean;
  /** If present, values that cannot be read are left out. */
  readonly faults?: Faults | undefined;
  readonly sequence?: TokenizerOptions['sequence'];
}

class Reader {
  readonly #open: OpenDataSets;
  readonly #source: ElementBytes;
  readonly #tokenizer: DataSetTokenizer;
  readonly #outerSequences: number;
  readonly #tally: ReadTally;
  readonly #faults: Faults | undefined;
  readonly #hasBigEndianPixelData: boolean;
  /** An element that may take more than one step. */
  #pending: Pending | undefined;
  /** The number of containers inside one that is left out, if one is. */
  #leftOut: number | undefined;
  /** Whether the rest is left out. */
  #isOver = false;
  /** The number of UN values that could not be read as the dictionary's value representation. */
  #misfits = 0;

  constructor(bytes: Uint8Array, encoding: Encoding, scope: Scope, options: ReaderOptions) {
    const { tally, hasBigEndianPixelData = false, faults, sequence } = options;
    this.#open = new OpenDataSets(scope, faults);
    this.#source = new ElementBytes(bytes);
    this.#tokenizer = new DataSetTokenizer(encoding, {
      length: bytes.length,
      sequence,
    });
    this.#tokenizer.feed(this.#source.bytes, this.#source.view);
    this.#outerSequences = sequence?.depth ?? 0;
    this.#tally = tally;
    this.#faults = faults;
    this.#hasBigEndianPixelData = hasBigEndianPixelData;
  }

  get dataSet(): DataSet {
    return this.#open.innermost.dataSet;
  }

  /** Begins with the items of a sequence, which are returned. */
  begin(tag: number): readonly unknown[] {
    return this.#open.openParts(tag, 'SQ');
  }

  /**
   * Reads until the data have ended, or until the step is over or an element takes more than one. Returns whether the data
   * have ended. It is not a generator, because most data sets have no such element, and generators are slower.
   */
  advance(): boolean {
    const { step } = this.#tally;
    const tokenizer = this.#tokenizer;
    while (!step.isOver && this.#pending === undefined && !this.#isOver) {
      try {
        const token = tokenizer.next();
        if (token === undefined) {
          tokenizer.end();
          return true;
        }
        if (this.#leftOut !== undefined) this.#leave(this.#leftOut);
        else if (token === 'element') this.#takeElement();
        else if (token === 'item') this.#openItem();
        else if (token === 'fragment') this.#takeFragment();
        else if (token === 'end of item') this.#open.closeItem();
        else if (token === 'end of sequence') this.#open.closeParts();
      } catch (error) {
        this.#recover(error);
      }
    }
    return this.#isOver;
  }

  /** Reads the rest of the data after `advance` returned false. */
  *rest(): Steps<void> {
    do {
      const pending = this.#pending;
      this.#pending = undefined;
      if (pending) yield* this.#readPending(pending);
      if (this.#tally.step.isOver) yield this.#tally.step.end();
    } while (!this.advance());
  }

  #takeElement(): void {
    const tokenizer = this.#tokenizer;
    const { tag, offset } = tokenizer;
    const level = this.#open.innermost;
    const { mostPerItem } = this.#tally;
    if (++level.count > mostPerItem)
      throw new DataSetError(`is element ${level.count}; a data set or item may have ${mostPerItem}`, {
        tag,
        offset,
        limit: 'maximumElementsPerItem',
      });
    this.#tally.add(tag, offset);
    try {
      this.#readElement(level.scope);
    } catch (error) {
      this.#leaveOut(error, tag);
    }
  }

  #readElement(scope: Scope): void {
    const tokenizer = this.#tokenizer;
    const { tag, length, offset, container } = tokenizer;
    const vr = tokenizer.vr ?? implicitVr(tag, scope.isSigned);
    if (container) {
      this.#openParts(container, vr);
      return;
    }
    if (vr === 'SQ') {
      tokenizer.enter();
      this.#open.openParts(tag, vr);
      return;
    }
    const start = tokenizer.position;
    tokenizer.stepOver();
    const hasOtherOrder = tag === PIXEL_DATA && this.#hasBigEndianPixelData && this.#open.depth === 1;
    const littleEndian = hasOtherOrder ? Number(this.dataSet.BitsAllocated) <= 8 : tokenizer.encoding.littleEndian;
    if (vr === 'UN' || length > LONG_VALUE) {
      this.#pending = { tag, vr, length, offset, start, littleEndian };
      return;
    }
    this.#tally.step.add(length >>> 6);
    this.#source.littleEndian = littleEndian;
    this.#open.put(tag, vr, valueIn(this.#source, start, tag, valueRepresentation(vr), length, scope, offset));
  }

  #openParts(container: 'sequence' | 'fragments', vr: string): void {
    const { tag, offset } = this.#tokenizer;
    if (!mayHaveParts(container, vr)) {
      this.#leftOut = this.#tokenizer.depth;
      throw noLengthError(vr, { tag, offset });
    }
    this.#open.openParts(tag, container === 'sequence' ? 'SQ' : vr);
  }

  #openItem(): void {
    const { tag, offset } = this.#tokenizer;
    this.#tally.add(tag, offset);
    this.#open.openItem();
  }

  /** A fragment of encapsulated Pixel Data, or its offset table (§A.4). */
  #takeFragment(): void {
    const { tag, offset, length, position } = this.#tokenizer;
    this.#tally.add(tag, offset);
    this.#tokenizer.stepOver();
    this.#open.addFragment(this.#source.bytes.subarray(position, position + length));
  }

  *#readPending(pending: Pending): Steps<void> {
    const { tag, vr, length, offset, start, littleEndian } = pending;
    const { scope } = this.#open.innermost;
    const { step } = this.#tally;
    try {
      if (vr === 'UN') {
        const value = this.#source.bytes.subarray(start, start + length);
        const found = yield* this.#unknown(tag, value, scope);
        this.#open.put(tag, found.vr, found.value);
        return;
      }
      this.#source.littleEndian = littleEndian;
      const kind = valueRepresentation(vr);
      this.#open.put(tag, vr, yield* readingValue(this.#source, start, tag, kind, length, scope, offset, step));
    } catch (error) {
      if (!this.#faults && error instanceof DataSetError) throw this.#open.leave(error);
      this.#leaveOut(error, tag);
    }
  }

  /** Reads a UN value as the dictionary's value representation if possible. It is always little endian (§6.2.2). */
  *#unknown(tag: number, bytes: Uint8Array, scope: Scope): Steps<Found> {
    const vr = implicitVr(tag, scope.isSigned);
    if (vr === 'UN') return { vr, value: bytes.length === 0 ? null : bytes };
    if (this.#misfits >= MOST_MISFITS) return { vr: 'UN', value: bytes };
    const tally = this.#tally;
    try {
      if (vr === 'SQ') {
        const sequence = { tag, depth: this.#outerSequences + ((this.#tokenizer.depth + 1) >> 1) };
        const reader = new Reader(bytes, IMPLICIT_VR_LITTLE_ENDIAN, scope, { tally, sequence });
        const items = reader.begin(tag);
        if (!reader.advance()) yield* reader.rest();
        return { vr, value: items };
      }
      const [source, kind] = [new ElementBytes(bytes), valueRepresentation(vr)];
      return {
        vr,
        value: yield* readingValue(source, 0, tag, kind, bytes.length, scope, 0, tally.step),
      };
    } catch (error) {
      if (!(error instanceof DataSetError) || error.limit !== undefined) throw error;
      this.#misfits++;
      return { vr: 'UN', value: bytes };
    }
  }

  /** Steps over the parts of an element that is left out. */
  #leave(depth: number): void {
    if (this.#tokenizer.depth >= depth) this.#tokenizer.stepOver();
    else this.#leftOut = undefined;
  }

  /** Leaves out an element whose value cannot be read. @throws the error if that is not told. */
  #leaveOut(error: unknown, tag: number | undefined): void {
    if (!this.#faults) throw error;
    if (!this.#faults.tell(error, tag)) this.#isOver = true;
  }

  /** Goes on behind the innermost sequence or item that has a length. @throws the error if that is not told. */
  #recover(error: unknown): void {
    if (!(error instanceof DataSetError)) throw error;
    if (!this.#faults) throw this.#open.leave(error);
    const left = this.#tokenizer.recover();
    const { depth } = this.#tokenizer;
    const fault = this.#open.leave(error, depth);
    if (this.#leftOut !== undefined && this.#leftOut > depth) this.#leftOut = undefined;
    this.#leaveOut(fault, left?.sequence);
    if (!left) this.#isOver = true;
  }
}

interface Pending {
  readonly tag: number;
  readonly vr: string;
  readonly length: number;
  readonly offset: number;
  /** The offset of the value. */
  readonly start: number;
  readonly littleEndian: boolean;
}

interface Found {
  readonly vr: string;
  readonly value: unknown;
}

// Creating an error is expensive, so a hostile peer may not cause an unlimited number.
const MOST_MISFITS = 64;
