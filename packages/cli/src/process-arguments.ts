// The arguments of this process with their bytes: Node.js gives those that are not UTF-8 with question marks.

import { readFileSync } from 'node:fs';
import { pathOfBytes } from '@x/dimse/data-set';

/**
 * The arguments, without the runtime and the script. One that is not UTF-8, such as the name of a file in Latin-1, has the
 * characters of `pathOfBytes` on Linux. Other systems have such names rarely, or not at all.
 */
export function processArguments(): readonly string[] {
  const given = process.argv.slice(2);
  return given.some((each) => each.includes(REPLACEMENT)) ? (linuxArguments(given.length) ?? given) : given;
}

function linuxArguments(count: number): readonly string[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync('/proc/self/cmdline');
  } catch {
    return undefined;
  }
  const all: string[] = [];
  // Each argument ends with a zero.
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0) break;
    all.push(pathOfBytes(bytes.subarray(at, end)));
    at = end + 1;
  }
  return all.slice(-count);
}

const REPLACEMENT = '\ufffd';
