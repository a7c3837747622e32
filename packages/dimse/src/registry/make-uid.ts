// UIDs made from UUIDs: PS3.5 §B.2.

import { randomUUID } from 'node:crypto';

/** A UID that nobody has used: 2.25 and a random UUID as a decimal number. */
export function makeUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}
