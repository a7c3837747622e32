// Compares a stored file with the file that was sent: their data sets, byte for byte.

import type { DicomFile } from '@x/dimse';
import { openDicomFile } from '@x/dimse';

/** Describes the difference; undefined if the data sets are equal. */
export async function compareDataSets(sent: string, stored: string): Promise<string | undefined> {
  await using one = await openDicomFile(sent);
  await using other = await openDicomFile(stored);
  if (one.transferSyntax !== other.transferSyntax) return 'another transfer syntax';
  const { length } = one.dataSet;
  if (length !== other.dataSet.length) return `${length} bytes were sent, ${other.dataSet.length} stored`;
  for (let at = 0; at < length; at += BLOCK_LENGTH) {
    const size = Math.min(BLOCK_LENGTH, length - at);
    const [left, right] = await Promise.all([read(one, at, size), read(other, at, size)]);
    if (!left.equals(right)) return `they differ in the ${size} bytes from byte ${at} on`;
  }
  return undefined;
}

const BLOCK_LENGTH = 1024 * 1024;

async function read({ dataSet }: DicomFile, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const count = await dataSet.readv([buffer.subarray(done)], position + done);
    if (count === 0) throw new Error('a file became shorter while it was read');
    done += count;
  }
  return buffer;
}
