// An instance that arrives, written to a DICOM file and looked at on the way (PS3.10 §7, PS3.4 §B.2.3).

import { DataSetError } from '../data-set/data-set-error.ts';
import { DataSetInspector } from '../data-set/data-set-inspector.ts';
import { type Tags, uidValue } from '../data-set/data-set-scanner.ts';
import { SOP_CLASS_UID, SOP_INSTANCE_UID } from '../data-set/tags.ts';
import { DimseError } from '../message/errors.ts';
import type { IncomingData } from '../message/operation.ts';
import { Status } from '../message/status.ts';
import { encodeFileMetaInformation, type FileMetaInformation } from '../part10/file-meta-information.ts';
import type { FileWriter } from '../part10/file-writer.ts';

/** What is known of an instance before its data are read. */
export interface ArrivingInstance extends FileMetaInformation {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
}

export interface WriteInstanceOptions {
  /** UIDs to be given, by tag `0xggggeeee`. */
  readonly wanted?: readonly number[];
  /** Attributes to be extracted, by tag: see `DataSetScanner`. */
  readonly extracted?: Tags;
}

/** What was written. */
export interface WrittenInstance {
  /** Bytes of the data set. */
  readonly length: number;
  /** The UIDs that were wanted and found. */
  readonly uids: ReadonlyMap<number, string>;
  /** For `decodeExtract`. */
  readonly extract: Uint8Array;
}

/**
 * Writes file meta information and the data set as it arrives; whoever calls finishes the file, or discards it.
 * @throws DimseError for C-STORE to be answered with: C000H where the data set is malformed or cut short, A900H where it is
 * another instance than was announced; the system's error; why the data ended.
 */
export async function writeInstance(
  writer: FileWriter,
  instance: ArrivingInstance,
  data: IncomingData,
  { wanted = [], extracted = [] }: WriteInstanceOptions = {},
): Promise<WrittenInstance> {
  const inspector = new DataSetInspector(instance.transferSyntax, {
    wanted: [SOP_CLASS_UID, SOP_INSTANCE_UID, ...wanted],
    extracted,
  });
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
    if (!(error instanceof DataSetError)) throw error;
    throw new DimseError(Status.CannotUnderstand, { errorComment: error.message, cause: error });
  }
  const found = (tag: number) => uidValue(inspector.values.get(tag));
  expectSame('SOP Class UID', found(SOP_CLASS_UID), instance.sopClass, SOP_CLASS_UID);
  expectSame('SOP Instance UID', found(SOP_INSTANCE_UID), instance.sopInstance, SOP_INSTANCE_UID);
  const uids = wanted.map((tag): [number, string | undefined] => [tag, found(tag)]);
  return {
    length,
    uids: new Map(uids.filter((entry): entry is [number, string] => entry[1] !== undefined)),
    extract: inspector.extract,
  };
}

function expectSame(name: string, found: string | undefined, announced: string, tag: number): void {
  if (found === undefined || found === announced) return;
  throw new DimseError(Status.DataSetDoesNotMatchSopClass, {
    errorComment: `the data set has another ${name}`,
    offendingElements: [tag],
  });
}
