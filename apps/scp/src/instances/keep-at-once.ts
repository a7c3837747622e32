// The fast course of storing: an instance that has arrived is stored without a promise.
//
// Most instances are small: their data have arrived when their command is read, the disk's cache takes them at once, and
// their folder exists. Then each step can be an ordinary call, which saves a hundred promises for each instance: they cost
// more than its file and its row. This course calls the same functions as the general one in `folder-instance-store.ts`,
// and gives up if they could differ: a deflated data set, a slow disk, a new folder, a file that exists.

import { type IncomingData, writeArrivedInstance } from '@x/dimse';
import type { FileWriter } from '@x/dimse/data-set';
import type { InstanceDescription } from './instance-store.ts';
import { describeReceived, type ReceivedInstance, WANTED_UIDS } from './received-instance.ts';

/** Writes an instance that has arrived. Returns undefined if that is not possible; then nothing has changed. */
export function receiveAtOnce(
  instance: InstanceDescription,
  dataSet: readonly Uint8Array[],
  writer: FileWriter,
  extracted: ReadonlySet<number>,
): ReceivedInstance | undefined {
  const written = writeArrivedInstance(writer, instance, dataSet, { wanted: WANTED_UIDS, extracted });
  return written && describeReceived(instance, written);
}

/** Data that have been taken, for the general course. */
export function arrivedData(dataSet: readonly Uint8Array[]): IncomingData {
  return {
    async *batches() {
      yield dataSet;
    },
    async *[Symbol.asyncIterator]() {
      yield* dataSet;
    },
  };
}
