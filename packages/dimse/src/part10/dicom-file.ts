// DICOM files opened for sending: their attributes, and their data set as a source of bytes (PS3.10 §7). See `open-dicom-file.ts`.

import type { DataSource, PositionedSource } from '@x/net';
import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DataSetError } from '../data-set/data-set-error.ts';
import { type DataSetInspectorOptions, UncheckedInspector } from '../data-set/data-set-inspector.ts';
import { type DataSetScannerOptions, type Tags, UncheckedScanner, uidValue } from '../data-set/data-set-scanner.ts';
import type { FaultListener } from '../data-set/data-set-scope.ts';
import { type DataSet, decodeDataSetInTurns, decodeExtract } from '../data-set/dataset.ts';
import { encodingOf } from '../data-set/encodings.ts';
import { inflated } from '../data-set/inflation.ts';
import { SOP_CLASS_UID, SOP_INSTANCE_UID } from '../data-set/tags.ts';
import { zlib } from '../node-modules.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { nextTurn } from '../turns.ts';
import { isDiskSlow } from './disk-speed.ts';
import type { FileMetaInformation, LocatedMeta } from './file-meta-information.ts';
import type { ByteReader } from './file-reader.ts';
import { guessedEncoding } from './guessed-encoding.ts';

/** An open DICOM file, made by `openDicomFile` or `openDicomSource`. The caller must close it. */
export class DicomFile implements AsyncDisposable {
  /** Path of the file, or the name of the source. */
  readonly path: string;
  /** From the data set, or from the meta information if the data set does not have it. */
  readonly sopClass: string | undefined;
  /** SOP Instance UID, found as `sopClass` is. */
  readonly sopInstance: string | undefined;
  /** UID of the transfer syntax of the data set. */
  readonly transferSyntax: string;
  /** Group 0002 (PS3.10 §7.1). */
  readonly metaInformation: FileMetaInformation;
  /** The offset of the data set in the file, in bytes. */
  readonly dataSetOffset: number;
  /** The data set as it is in the file; a deflated one of odd length is padded (PS3.5 §A.5). */
  readonly dataSet: PositionedSource;
  readonly #reader: ByteReader;
  #head: Uint8Array;
  #isKept = false;
  readonly #length: number;
  readonly #scanning: Pick<DataSetInspectorOptions, 'maximumInflatedLength'>;
  #closing: Promise<void> | undefined;

  constructor(
    path: string,
    reader: ByteReader,
    head: Uint8Array,
    size: number,
    { meta, end }: LocatedMeta,
    scanning: Pick<DataSetInspectorOptions, 'maximumInflatedLength'>,
  ) {
    this.path = path;
    this.#scanning = scanning;
    this.#reader = reader;
    this.#head = head.subarray(end);
    this.#length = size - end;
    this.metaInformation = meta;
    this.dataSetOffset = end;
    this.transferSyntax = meta.transferSyntax ?? guessedEncoding(this.#head) ?? TransferSyntax.ImplicitVRLittleEndian;
    // The data set takes precedence, because providers compare it with the request.
    const found = this.#identify();
    this.sopClass = found.sopClass ?? meta.sopClass;
    this.sopInstance = found.sopInstance ?? meta.sopInstance;
    const isPadded = this.#isDeflated && this.#length % 2 === 1;
    this.dataSet = {
      length: this.#length + (isPadded ? 1 : 0),
      readv: (buffers, position) => this.#readv(buffers, position),
    };
  }

  /** The data set as the fastest source for sending: the bytes themselves if the whole file has been read. */
  get source(): PositionedSource | Uint8Array {
    return this.isInMemory && this.dataSet.length === this.#length ? this.#head : this.dataSet;
  }

  /** Whether the whole file has been read. Then it is closed already. */
  get isInMemory(): boolean {
    return this.#head.length === this.#length;
  }

  /** Whether it was kept for its sender, which closes it. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /**
   * Keeps the file for its sender. The content of a file in memory is copied, so that the memory can be used for other files.
   */
  keep(copied: (bytes: Uint8Array) => Uint8Array): void {
    this.#isKept = true;
    this.#head = this.isInMemory ? copied(this.#head) : NOTHING;
  }

  /**
   * The fastest source, for which the data set is read into the buffer if it fits and is not in memory.
   * @throws DataSetError if the file has become shorter, or rejects with it
   */
  sourceIn(buffer: Uint8Array | undefined): DataSource | Promise<DataSource> {
    const { source } = this;
    const fits = buffer !== undefined && this.dataSet.length <= buffer.length;
    if (source instanceof Uint8Array || this.isInMemory || !fits) return source;
    const whole = buffer.subarray(0, this.dataSet.length);
    // The byte that pads a deflated data set of odd length.
    whole.fill(0, this.#length);
    const part = whole.subarray(0, this.#length);
    const reader = this.#reader;
    if (isDiskSlow() || !reader.readAtOnce) return this.#fill(part).then(() => whole);
    for (let at = 0; at < part.length; ) {
      const read = reader.readAtOnce([part.subarray(at)], this.dataSetOffset + at);
      if (read === 0) throw this.#hasShrunk(at);
      at += read;
    }
    return whole;
  }

  async #fill(part: Uint8Array): Promise<void> {
    for (let at = 0; at < part.length; ) {
      const read = await this.#reader.read([part.subarray(at)], this.dataSetOffset + at);
      if (read === 0) throw this.#hasShrunk(at);
      at += read;
    }
  }

  #hasShrunk(length: number): DataSetError {
    return new DataSetError(`${this.path} has changed: its data set has ${length} bytes, not ${this.#length}`);
  }

  /**
   * Checks the structure of the data set without reading its values.
   * @throws DataSetError if it is malformed or truncated.
   */
  async checkDataSet(): Promise<void> {
    if (!this.#scanAtOnce({}, false)) await this.#scan({}, false);
  }

  /**
   * The attributes with these tags, `0xggggeeee`. Other values are skipped.
   * @param onFault See `decodeExtract`.
   * @throws DataSetError if the structure of the data set is malformed; without `onFault`, also if one of these values is
   */
  async attributes(tags: Tags, onFault?: FaultListener): Promise<DataSet> {
    const { extract } = this.#scanAtOnce({ extracted: tags }, true) ?? (await this.#scan({ extracted: tags }, true));
    return decodeExtract(extract, this.transferSyntax, onFault);
  }

  /**
   * The attributes with these tags, `0xggggeeee`, or all of them, for `decodeExtract`. The structure is checked to the end.
   * @param maximumLength Attributes that would make the extract longer are left out. In bytes, default 64 KiB.
   * @throws DataSetError if the data set is malformed or truncated, or has more than `maximumInflatedLength` bytes.
   */
  async extract(tags: Tags | 'all', maximumLength = 65_536): Promise<Uint8Array> {
    const options = { extracted: tags, maximumExtractLength: maximumLength };
    const { extract } = this.#scanAtOnce(options, false) ?? (await this.#scan(options, false));
    return extract;
  }

  /**
   * Decodes the whole data set in memory. Meant for small ones, such as items of a worklist.
   * @throws DataSetError if it is malformed or compressed, or has more than `maximumLength` bytes (default 4 MiB).
   */
  async decode(options?: { readonly maximumLength?: number }): Promise<DataSet> {
    const { maximumLength = 4 * 1024 * 1024 } = checkOptions(DECODE_OPTIONS, options);
    const { length } = this.dataSet;
    if (length > maximumLength) throw new DataSetError(`has ${length} bytes, more than ${maximumLength}`);
    const bytes = new Uint8Array(length);
    for (let at = 0, read = -1; at < length && read !== 0; at += read)
      read = await this.dataSet.readv([bytes.subarray(at)], at);
    return decodeDataSetInTurns(bytes, this.transferSyntax);
  }

  /** The fast course, for a data set of which all that must be scanned has been read and takes one step. */
  #scanAtOnce(options: DataSetScannerOptions, mayBeIncomplete: boolean): UncheckedInspector | undefined {
    if (this.#isDeflated || this.#head.length === 0) return undefined;
    const inspector = new UncheckedInspector(this.transferSyntax, { ...this.#scanning, ...options });
    const first = this.#head.subarray(0, SCAN_LENGTH);
    inspector.push(first);
    const rest = this.#length - first.length;
    if (inspector.skippable < rest) return undefined;
    if (rest > 0) inspector.skip(rest);
    inspector.endAtOnce(mayBeIncomplete);
    return inspector;
  }

  async #scan(options: DataSetScannerOptions, mayBeIncomplete: boolean): Promise<UncheckedInspector> {
    const inspector = new UncheckedInspector(this.transferSyntax, { ...this.#scanning, ...options });
    try {
      let block: Uint8Array | undefined;
      for (let at = 0; at < this.#length; ) {
        const skip = Math.min(inspector.skippable, this.#length - at);
        if (skip > 0) {
          inspector.skip(skip);
          at += skip;
          continue;
        }
        let some = this.#head.subarray(at, at + SCAN_LENGTH);
        if (some.length > 0) {
          if (at > 0) await nextTurn();
        } else {
          block ??= Buffer.allocUnsafe(SCAN_LENGTH);
          some = block.subarray(0, await this.#reader.read([block], this.dataSetOffset + at));
        }
        if (some.length === 0) break;
        await inspector.push(some);
        at += some.length;
      }
      await inspector.end({ mayBeIncomplete });
      return inspector;
    } finally {
      inspector.discard();
    }
  }

  /** Closes the file. Further calls do nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#reader.close();
    return this.#closing;
  }

  /** The same, synchronously if the disk is fast. */
  closeAtOnce(): Promise<void> | undefined {
    if (this.#closing || isDiskSlow() || !this.#reader.closeAtOnce) return this.close();
    this.#reader.closeAtOnce();
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #isDeflated(): boolean {
    return encodingOf(this.transferSyntax).isDeflated;
  }

  #identify(): { sopClass: string | undefined; sopInstance: string | undefined } {
    const scanner = new UncheckedScanner(this.transferSyntax, { wanted: [SOP_CLASS_UID, SOP_INSTANCE_UID] });
    try {
      // Both UIDs are among the first elements; the rest need not be read.
      for (const part of this.#isDeflated ? inflatedParts(this.#head) : partsOf(this.#head)) {
        scanner.push(part);
        if (scanner.values.size === 2) break;
      }
    } catch {
      // Values found before the fault are kept; `checkDataSet` reports the fault.
    }
    return {
      sopClass: uidValue(scanner.values.get(SOP_CLASS_UID)),
      sopInstance: uidValue(scanner.values.get(SOP_INSTANCE_UID)),
    };
  }

  async #readv(buffers: readonly Uint8Array[], position: number): Promise<number> {
    // A small file has been read completely.
    const read = this.isInMemory
      ? copyInto(buffers, this.#head.subarray(position))
      : await this.#reader.read(buffers, this.dataSetOffset + position);
    if (read > 0 || position < this.#length) return read;
    // The byte that pads a deflated data set of odd length.
    const first = buffers.find(({ length }) => length > 0);
    if (position !== this.#length || this.dataSet.length === this.#length || !first) return 0;
    first[0] = 0;
    return 1;
  }
}

/** The bytes of a file that are read at most when it is opened. */
export const LARGEST_HEAD_LENGTH = 1024 * 1024;
const IDENTIFYING_LENGTH = 1024;
/** Deflated bytes that are inflated first to identify the instance. */
const DEFLATED_LENGTH = 512;
const SCAN_LENGTH = 64 * 1024;
const NOTHING = new Uint8Array(0);

function* partsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += IDENTIFYING_LENGTH) yield bytes.subarray(at, at + IDENTIFYING_LENGTH);
}

/** The beginning of deflated bytes, inflated as far as it is needed: a few bytes may inflate to megabytes. */
function* inflatedParts(bytes: Uint8Array): Generator<Uint8Array> {
  let done = 0;
  for (let length = DEFLATED_LENGTH; ; length *= 4) {
    const options = { finishFlush: zlib().constants.Z_SYNC_FLUSH };
    const beginning = inflated(bytes.subarray(0, length), LARGEST_HEAD_LENGTH, options);
    yield* partsOf(beginning.subarray(done));
    if (length >= bytes.length) return;
    done = beginning.length;
  }
}

function copyInto(buffers: readonly Uint8Array[], source: Uint8Array): number {
  let at = 0;
  for (const buffer of buffers) {
    buffer.set(source.subarray(at, at + buffer.length));
    at = Math.min(at + buffer.length, source.length);
  }
  return at;
}

const DECODE_OPTIONS: OptionTable<{ readonly maximumLength?: number }> = {
  of: 'decode',
  rules: { maximumLength: aNumber },
};
