// Writes an arriving instance to a DICOM file and checks its data set on the way (PS3.10 §7, PS3.4 §B.2.3).

import { aListOf, aNumber, anything, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DataSetError } from '../data-set/data-set-error.ts';
import { UncheckedInspector } from '../data-set/data-set-inspector.ts';
import { type DataSetScannerOptions, type Tags, UncheckedScanner, uidValue } from '../data-set/data-set-scanner.ts';
import { isDeflated } from '../data-set/encodings.ts';
import type { DataSetWarning } from '../data-set/leniency.ts';
import { SOP_CLASS_UID, SOP_INSTANCE_UID } from '../data-set/tags.ts';
import { DimseError } from '../message/errors.ts';
import type { IncomingData } from '../message/operation.ts';
import { Status } from '../message/status.ts';
import { encodeFileMetaInformation, type FileMetaInformation } from '../part10/file-meta-information.ts';
import type { FileWriter } from '../part10/file-writer.ts';

/** The properties of an instance that are known before its data are read. */
export interface ArrivingInstance extends FileMetaInformation {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
}

/** Options of `writeInstance`. */
export interface WriteInstanceOptions {
  /** The UID attributes to return, by tag `0xggggeeee`. */
  readonly wanted?: readonly number[];
  /** The attributes to extract, by tag: see `DataSetScanner`. */
  readonly extracted?: Tags;
}

/** The result of `writeInstance`. */
export interface WrittenInstance {
  /** Length of the data set in bytes. */
  readonly length: number;
  /** The wanted UIDs that were found, by tag. */
  readonly uids: ReadonlyMap<number, string>;
  /** For `decodeExtract`. */
  readonly extract: Uint8Array;
  /** The deviations of the data set that were tolerated. */
  readonly warnings: readonly DataSetWarning[];
}

/**
 * Writes the file meta information and the data set as it arrives. The caller finishes or discards the file.
 * @throws DimseError with the status that C-STORE answers: C000H if the data set is malformed or incomplete, A900H if it lacks the
 * SOP Class UID or the SOP Instance UID, which are of type 1, or they are not those of the request; the error of the system; the error that ended the data.
 */
export async function writeInstance(
  writer: Pick<FileWriter, 'write'>,
  instance: ArrivingInstance,
  data: IncomingData,
  options?: WriteInstanceOptions,
): Promise<WrittenInstance> {
  const { wanted = [], extracted } = checkOptions(WRITE_OPTIONS, options);
  const inspector = new UncheckedInspector(instance.transferSyntax, scannerOptions(wanted, extracted));
  let length = 0;
  await writer.write([encodeFileMetaInformation(instance)]);
  try {
    for await (const batch of data.batches()) {
      for (const chunk of batch) {
        length += chunk.length;
        const inspected = inspector.push(chunk);
        if (inspected) await inspected;
      }
      await writer.write(batch);
    }
    await inspector.end();
  } catch (error) {
    throw notUnderstood(error);
  }
  return writtenInstance(instance, inspector, length, wanted);
}

/**
 * Writes an instance whose data set has arrived: the same as `writeInstance`, but without a promise, by one system call after
 * the file is opened. Returns undefined if that is not possible, because the data set is deflated or the disk is slow; then
 * nothing has changed. @throws as `writeInstance`
 */
export function writeArrivedInstance(
  writer: FileWriter,
  instance: ArrivingInstance,
  dataSet: readonly Uint8Array[],
  options?: WriteInstanceOptions,
): WrittenInstance | undefined {
  const { wanted = [], extracted } = checkOptions(WRITE_OPTIONS, options);
  if (isDeflated(instance.transferSyntax)) return undefined;
  const scanner = new UncheckedScanner(instance.transferSyntax, scannerOptions(wanted, extracted));
  let length = 0;
  try {
    for (const chunk of dataSet) {
      length += chunk.length;
      scanner.push(chunk);
    }
    scanner.end();
  } catch (error) {
    throw notUnderstood(error);
  }
  const written = writtenInstance(instance, scanner, length, wanted);
  return writer.writeAtOnce([encodeFileMetaInformation(instance), ...dataSet]) ? written : undefined;
}

function scannerOptions(wanted: readonly number[], extracted: Tags = []): DataSetScannerOptions {
  return { wanted: [SOP_CLASS_UID, SOP_INSTANCE_UID, ...wanted], extracted };
}

/** The error to answer with for a data set that is malformed; any other error itself. */
function notUnderstood(error: unknown): unknown {
  if (!(error instanceof DataSetError)) return error;
  return new DimseError(Status.CannotUnderstand, { errorComment: error.message, cause: error });
}

/** @throws DimseError if the data set is not that of the instance. */
function writtenInstance(
  instance: ArrivingInstance,
  { values, extract, warnings }: Pick<UncheckedScanner, 'values' | 'extract' | 'warnings'>,
  length: number,
  wanted: readonly number[],
): WrittenInstance {
  const found = (tag: number) => uidValue(values.get(tag));
  expectSame('SOP Class UID', found(SOP_CLASS_UID), instance.sopClass, SOP_CLASS_UID);
  expectSame('SOP Instance UID', found(SOP_INSTANCE_UID), instance.sopInstance, SOP_INSTANCE_UID);
  const uids = new Map<number, string>();
  for (const tag of wanted) {
    const uid = found(tag);
    if (uid !== undefined) uids.set(tag, uid);
  }
  return { length, uids, extract, warnings };
}

function expectSame(name: string, found: string | undefined, announced: string, tag: number): void {
  if (found === announced) return;
  throw new DimseError(Status.DataSetDoesNotMatchSopClass, {
    errorComment: `the data set has ${found === undefined ? 'no' : 'another'} ${name}`,
    offendingElements: [tag],
  });
}

const WRITE_OPTIONS: OptionTable<WriteInstanceOptions> = {
  of: 'writeInstance',
  rules: { wanted: aListOf(aNumber), extracted: anything },
};
