// Reads whole files that others may have prepared: never a pipe, a socket or a device, and never more than a limit.

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { CodedError } from '@x/pdu/internal';

/** The file is not a regular file, or it is too long; the message says which. */
export class UnsuitableFileError extends CodedError {
  static override readonly name: string = 'UnsuitableFileError';
  readonly code = 'FILE_UNSUITABLE';
}

/**
 * Reads a file. Opening and reading never wait for another process.
 * @throws UnsuitableFileError if it is not a regular file or has more than `maximumLength` bytes; the system's error
 */
export async function readRegularFile(path: string, maximumLength: number): Promise<Buffer> {
  await using file = await open(path, NEVER_WAITING);
  const content = roomFor(await file.stat(), maximumLength);
  let length = 0;
  for (let read = -1; read !== 0 && length < content.length; length += read)
    read = (await file.read(content, length, content.length - length, length)).bytesRead;
  return content.subarray(0, length);
}

/** The same, at once: for the files that a command line names. */
export function readRegularFileSync(path: string, maximumLength: number): Buffer {
  const descriptor = openSync(path, NEVER_WAITING);
  try {
    const content = roomFor(fstatSync(descriptor), maximumLength);
    let length = 0;
    for (let read = -1; read !== 0 && length < content.length; length += read)
      read = readSync(descriptor, content, length, content.length - length, length);
    return content.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Opening a pipe waits for its writer otherwise. Windows does not have the flag. */
const NEVER_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A buffer of the length that the file has now: bytes that are appended later are not read. */
function roomFor(stats: Stats, maximumLength: number): Buffer {
  if (stats.isDirectory()) throw new UnsuitableFileError('it is a folder');
  if (!stats.isFile()) throw new UnsuitableFileError('it is not a regular file');
  if (stats.size > maximumLength)
    throw new UnsuitableFileError(`it has ${stats.size} bytes, more than ${maximumLength}`);
  return Buffer.allocUnsafe(stats.size);
}
