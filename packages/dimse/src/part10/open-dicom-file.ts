// Opens DICOM files: reads their first kilobytes, which have what is needed to send them (PS3.10 §7).

import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DicomFile, LARGEST_HEAD_LENGTH } from './dicom-file.ts';
import { isDiskSlow } from './disk-speed.ts';
import { type LocatedMeta, locateFileMetaInformation } from './file-meta-information.ts';
import { type ByteReader, FileReader } from './file-reader.ts';
import { guessedMeta } from './guessed-encoding.ts';
import { NotDicomError } from './not-dicom-error.ts';
import { type ClosablePositionedSource, SourceReader } from './source-reader.ts';

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
  if (!isDiskSlow()) return openAtOnce(path, options);
  return openReader(await FileReader.open(path, options.followLink), path, options);
}

/**
 * Opens a DICOM file that is elsewhere than in the file system: see `openDicomFile`. The source is closed with the file, at once
 * if all of it fits into the buffer, and if it is not a DICOM file. To send it, use a `RetrievableInstance`: it has no path.
 * @param name The `path` of the file, for errors.
 * @throws NotDicomError, or the error of the source.
 */
export async function openDicomSource(
  source: ClosablePositionedSource,
  name: string,
  options?: Omit<OpenOptions, 'followLink'>,
): Promise<DicomFile> {
  return openReader(new SourceReader(source), name, checkOptions(OPEN_OPTIONS, options));
}

async function openReader(reader: ByteReader, path: string, options: OpenOptions): Promise<DicomFile> {
  try {
    const steps = opening(reader, path, options);
    let step = steps.next();
    while (!step.done) step = steps.next(await reader.begin(step.value));
    const file = step.value;
    // The whole file has been read.
    if (file.isInMemory) await file.close();
    return file;
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** The same, synchronously: for a disk that is fast. */
export function openAtOnce(path: string, options: OpenOptions): DicomFile {
  const { followLink = true } = options;
  const reader = FileReader.openAtOnce(path, followLink);
  try {
    const steps = opening(reader, path, options);
    let step = steps.next();
    while (!step.done) step = steps.next(reader.readAtOnce([step.value], 0));
    if (step.value.isInMemory) reader.closeAtOnce();
    return step.value;
  } catch (error) {
    reader.closeAtOnce();
    throw error;
  }
}

/** Opens a file whose beginning is read by the caller: into each buffer that is yielded; the answer is the number of bytes. */
function* opening(reader: ByteReader, path: string, options: OpenOptions): Generator<Uint8Array, DicomFile, number> {
  const { buffer = Buffer.allocUnsafe(HEAD_LENGTH), maximumInflatedLength } = options;
  const irregularity = reader.irregularity();
  if (irregularity !== undefined) throw new NotDicomError(path, irregularity);
  let head = buffer.subarray(0, yield buffer);
  let located = locateFileMetaInformation(head);
  if (located?.isIncomplete && head.length === buffer.length) {
    const larger = Buffer.allocUnsafe(LARGEST_HEAD_LENGTH);
    head = larger.subarray(0, yield larger);
    located = locateFileMetaInformation(head);
  }
  if (head.length === 0) throw new NotDicomError(path, 'it is empty');
  const size = head.length < buffer.length ? head.length : Math.max(head.length, reader.length());
  return new DicomFile(path, reader, head, size, located ?? guessed(head, path), { maximumInflatedLength });
}

/** The bytes of a file that are read when it is opened. */
export const HEAD_LENGTH = 32 * 1024;

/** The meta information of a file without any. @throws NotDicomError. */
function guessed(head: Uint8Array, path: string): LocatedMeta {
  const located = guessedMeta(head);
  if (!located) throw new NotDicomError(path, 'it has neither the prefix DICM nor the beginning of a data set');
  return located;
}

const OPEN_OPTIONS: OptionTable<OpenOptions> = {
  of: 'openDicomFile',
  rules: { buffer: aValueOf('object'), followLink: aValueOf('boolean'), maximumInflatedLength: aNumber },
};
