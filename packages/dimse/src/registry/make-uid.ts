// UIDs made from UUIDs: PS3.5 §B.2.

import { crypto } from '../node-modules.ts';

/** Makes a new UID: 2.25 followed by a random UUID as a decimal number. */
export function makeUid(): string {
  return `2.25.${BigInt(`0x${crypto().randomUUID().replaceAll('-', '')}`)}`;
}
