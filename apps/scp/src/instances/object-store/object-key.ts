// The keys of instances in an object store, relative to the prefix of the archive.
//
// A key is known before the first byte of the instance, and is never used again: `<2 hexadecimal digits>/<hour>/<SOP Instance
// UID>.<UUID>`. The digits spread the instances over 256 beginnings; the hour, in UTC, lets orphans be looked for by age.

import { hash, randomUUID } from 'node:crypto';
import { isUid } from '@x/dimse';

/** A new key for an attempt to store an instance. */
export function newObjectKey(sopInstance: string, now: Date = new Date()): string {
  return `${hash('sha256', sopInstance, 'hex').slice(0, 2)}/${hourOf(now)}/${sopInstance}.${randomUUID()}`;
}

/** The hour of a moment, as keys have it: `2026-11-30T08`. */
export function hourOf(moment: Date): string {
  return moment.toISOString().slice(0, 'yyyy-mm-ddThh'.length);
}

/** The hour in the key of an instance; undefined if this is not the key of an instance. */
export function hourOfKey(key: string): string | undefined {
  const { hour, sopInstance = '' } = KEY.exec(key)?.groups ?? {};
  return isUid(sopInstance) ? hour : undefined;
}

/** The SOP Instance UID in the key of an instance. */
export function sopInstanceOfKey(key: string): string {
  return KEY.exec(key)?.groups?.sopInstance ?? '';
}

/** The first parts of keys. */
export const KEY_BEGINNINGS: readonly string[] = Array.from({ length: 256 }, (_, number) =>
  number.toString(16).padStart(2, '0'),
);

const KEY =
  /^[0-9a-f]{2}\/(?<hour>\d{4}-\d\d-\d\dT\d\d)\/(?<sopInstance>[0-9.]{1,64})\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
