// DICOM files opened for sending: their attributes, and their data set as a source of bytes (PS3.10 §7).

import type { PositionedSource } from '@x/net';
import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
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
import { type FileMetaInformation, type LocatedMeta, locateFileMetaInformation } from './file-meta-information.ts';
import { FileReader } from './file-reader.ts';
import { guessedEncoding, guessedMeta } from './guessed-encoding.ts';
import { NotDicomError } from './not-dicom-error.ts';

/** Options for opening a file. */
export interface OpenOptions {
  /**
   * The buffer for the beginning of the file. A file that fits is not read again. The buffer must stay unchanged until the
   * file is closed. By default, each file has its own buffer of 32 KiB.
   */
  readonly buffer?: Uint8Array;
  /** Whether a path that is a symbolic link is followed; otherwise the error has the code ELOOP. Default true. */
  readonly followLink?: boolean;
  /** The maximum length in bytes to which a deflated data set is inflated when it is scanned. Default: 1 GiB. */
  readonly maximumInflatedLength?: number;
}

/**
 * Opens a DICOM file and reads its first kilobytes, which have what is needed to send it. Files without preamble, without
 * group length or without meta information are recognized. The caller must close the file.
 * @throws NotDicomError, or the error of the system.
 */
export async function openDicomFile(path: string, options?: OpenOptions): Promise<DicomFile> {
  return openUnchecked(path, checkOptions(OPEN_OPTIONS, options));
}

/** The same for callers in this package, which open one file for each instance: its options are not checked. */
export async function openUnchecked(path: string, options: OpenOptions = {}): Promise<DicomFile> {
  const { buffer = Buffer.allocUnsafe(HEAD_LENGTH), followLink, maximumInflatedLength } = options;
  const reader = await FileReader.open(path, followLink);
  try {
    const irregularity = reader.irregularity();
    if (irregularity !== undefined) throw new NotDicomError(path, irregularity);
    let head = await readHead(reader, buffer, path);
    let located = locateFileMetaInformation(head);
    if (located?.isIncomplete && head.length === buffer.length) {
      head = await readHead(reader, Buffer.allocUnsafe(LARGEST_HEAD_LENGTH), path);
      located = locateFileMetaInformation(head);
    }
    const size = head.length < buffer.length ? head.length : await reader.length();
    const file = new DicomFile(path, reader, head, size, located ?? guessed(head, path), { maximumInflatedLength });
    // The whole file has been read.
    if (head.length === size) await file.close();
    return file;
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** An open DICOM file, made by `openDicomFile`. The caller must close it. */
export class DicomFile implements AsyncDisposable {
  /** Path of the file. */
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
  /** The same as the fastest source for sending: the bytes themselves if the whole file has been read. */
  readonly source: PositionedSource | Uint8Array;
  readonly #reader: FileReader;
  readonly #head: Uint8Array;
  readonly #length: number;
  readonly #scanning: Pick<DataSetInspectorOptions, 'maximumInflatedLength'>;
  #closing: Promise<void> | undefined;

  constructor(
    path: string,
    reader: FileReader,
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
    this.source = this.#head.length === this.#length && !isPadded ? this.#head : this.dataSet;
  }

  /**
   * Checks the structure of the data set without reading its values.
   * @throws DataSetError if it is malformed or truncated.
   */
  async checkDataSet(): Promise<void> {
    await this.#scan({});
  }

  /**
   * The attributes with these tags, `0xggggeeee`. Other values are skipped.
   * @param onFault See `decodeExtract`.
   * @throws DataSetError if the structure of the data set is malformed; without `onFault`, also if one of these values is
   */
  async attributes(tags: Tags, onFault?: FaultListener): Promise<DataSet> {
    const { extract } = await this.#scan({ extracted: tags }, true);
    return decodeExtract(extract, this.transferSyntax, onFault);
  }

  /**
   * The attributes with these tags, `0xggggeeee`, or all of them, for `decodeExtract`. The structure is checked to the end.
   * @param maximumLength Attributes that would make the extract longer are left out. In bytes, default 64 KiB.
   * @throws DataSetError if the data set is malformed or truncated, or has more than `maximumInflatedLength` bytes.
   */
  async extract(tags: Tags | 'all', maximumLength = 65_536): Promise<Uint8Array> {
    const { extract } = await this.#scan({ extracted: tags, maximumExtractLength: maximumLength });
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

  async #scan(options: DataSetScannerOptions, mayBeIncomplete = false): Promise<UncheckedInspector> {
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
    const read =
      this.#head.length === this.#length
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

/** The bytes of a file that are read when it is opened. */
export const HEAD_LENGTH = 32 * 1024;
const LARGEST_HEAD_LENGTH = 1024 * 1024;
const IDENTIFYING_LENGTH = 1024;
/** Deflated bytes that are inflated first to identify the instance. */
const DEFLATED_LENGTH = 512;
const SCAN_LENGTH = 64 * 1024;

async function readHead(reader: FileReader, head: Uint8Array, path: string): Promise<Uint8Array> {
  const length = await reader.begin(head);
  if (length === 0) throw new NotDicomError(path, 'it is empty');
  return head.subarray(0, length);
}

/** The meta information of a file without any. @throws NotDicomError. */
function guessed(head: Uint8Array, path: string): LocatedMeta {
  const located = guessedMeta(head);
  if (!located) throw new NotDicomError(path, 'it has neither the prefix DICM nor the beginning of a data set');
  return located;
}

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
    const part = source.subarray(at, at + buffer.length);
    buffer.set(part);
    at += part.length;
  }
  return at;
}

const OPEN_OPTIONS: OptionTable<OpenOptions> = {
  of: 'openDicomFile',
  rules: { buffer: aValueOf('object'), followLink: aValueOf('boolean'), maximumInflatedLength: aNumber },
};

const DECODE_OPTIONS: OptionTable<{ readonly maximumLength?: number }> = {
  of: 'decode',
  rules: { maximumLength: aNumber },
};
