// Opens DICOM files: reads their first kilobytes, which have what is needed to send them (PS3.10 §7).

import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DicomFile, LARGEST_HEAD_LENGTH } from './dicom-file.ts';
import { isDiskSlow } from './disk-speed.ts';
import { type LocatedMeta, locateFileMetaInformation } from './file-meta-information.ts';
import { FileReader } from './file-reader.ts';
import { guessedMeta } from './guessed-encoding.ts';
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
  if (!isDiskSlow()) return openAtOnce(path, options);
  const { buffer = Buffer.allocUnsafe(HEAD_LENGTH), followLink } = options;
  const reader = await FileReader.open(path, followLink);
  try {
    requireRegular(reader, path);
    let head = buffer.subarray(0, await reader.begin(buffer));
    let located = locateFileMetaInformation(head);
    if (located?.isIncomplete && head.length === buffer.length) {
      const larger = Buffer.allocUnsafe(LARGEST_HEAD_LENGTH);
      head = larger.subarray(0, await reader.begin(larger));
      located = locateFileMetaInformation(head);
    }
    const size = head.length < buffer.length ? head.length : Math.max(head.length, await reader.length());
    const file = dicomFile(path, reader, head, size, located, options);
    // The whole file has been read.
    if (head.length === size) await file.close();
    return file;
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** The same, synchronously: for a disk that is fast. The two differ in this only. */
export function openAtOnce(path: string, options: OpenOptions): DicomFile {
  const { buffer = Buffer.allocUnsafe(HEAD_LENGTH), followLink = true } = options;
  const reader = FileReader.openAtOnce(path, followLink);
  try {
    requireRegular(reader, path);
    let head = buffer.subarray(0, reader.readAtOnce([buffer], 0));
    let located = locateFileMetaInformation(head);
    if (located?.isIncomplete && head.length === buffer.length) {
      const larger = Buffer.allocUnsafe(LARGEST_HEAD_LENGTH);
      head = larger.subarray(0, reader.readAtOnce([larger], 0));
      located = locateFileMetaInformation(head);
    }
    const size = head.length < buffer.length ? head.length : Math.max(head.length, reader.lengthAtOnce());
    const file = dicomFile(path, reader, head, size, located, options);
    if (head.length === size) reader.closeAtOnce();
    return file;
  } catch (error) {
    reader.closeAtOnce();
    throw error;
  }
}

/** The bytes of a file that are read when it is opened. */
export const HEAD_LENGTH = 32 * 1024;

function requireRegular(reader: FileReader, path: string): void {
  const irregularity = reader.irregularity();
  if (irregularity !== undefined) throw new NotDicomError(path, irregularity);
}

function dicomFile(
  path: string,
  reader: FileReader,
  head: Uint8Array,
  size: number,
  located: LocatedMeta | undefined,
  { maximumInflatedLength }: OpenOptions,
): DicomFile {
  if (head.length === 0) throw new NotDicomError(path, 'it is empty');
  return new DicomFile(path, reader, head, size, located ?? guessed(head, path), { maximumInflatedLength });
}

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
