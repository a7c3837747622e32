// File Meta Information, the head of a DICOM file: PS3.10 §7.1.

import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '@x/net';
import { uidValue } from '../data-set/data-set-scanner.ts';

/** What group 0002 says; what a file leaves out is absent. */
export interface FileMetaInformation {
  /** (0002,0002) Media Storage SOP Class UID. */
  readonly sopClass?: string;
  /** (0002,0003) Media Storage SOP Instance UID. */
  readonly sopInstance?: string;
  /** (0002,0010) Transfer Syntax UID. */
  readonly transferSyntax?: string;
  /** (0002,0016) Source Application Entity Title. */
  readonly sourceAeTitle?: string;
}

/** Bytes of the preamble and the prefix `DICM`. */
export const PREAMBLE_LENGTH = 132;

/** Preamble, prefix and group 0002 for an instance: what stands in a file before its data set. */
export function encodeFileMetaInformation(
  meta: FileMetaInformation & Required<Pick<FileMetaInformation, 'transferSyntax'>>,
): Uint8Array {
  const elements = Buffer.concat([
    element(0x0001, 'OB', Buffer.from([0, 1])),
    ...(meta.sopClass ? [element(0x0002, 'UI', text(meta.sopClass, '\0'))] : []),
    ...(meta.sopInstance ? [element(0x0003, 'UI', text(meta.sopInstance, '\0'))] : []),
    element(0x0010, 'UI', text(meta.transferSyntax, '\0')),
    element(0x0012, 'UI', text(IMPLEMENTATION_CLASS_UID, '\0')),
    element(0x0013, 'SH', text(IMPLEMENTATION_VERSION_NAME, ' ')),
    ...(meta.sourceAeTitle ? [element(0x0016, 'AE', text(meta.sourceAeTitle, ' '))] : []),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([
    Buffer.alloc(PREAMBLE_LENGTH - 4),
    Buffer.from('DICM'),
    element(0x0000, 'UL', length),
    elements,
  ]);
}

/** Where the file meta information begins and ends in the head of a file, and what it says. */
export interface LocatedMeta {
  readonly meta: FileMetaInformation;
  /** Where the data set begins. */
  readonly end: number;
  /** Whether the bytes given end before the group does. */
  readonly isIncomplete: boolean;
}

/**
 * Finds group 0002 in the first bytes of a file: after preamble and prefix, or, as some files have it, at the very
 * beginning. The group length is not relied on. Undefined when there is none.
 */
export function locateFileMetaInformation(head: Uint8Array): LocatedMeta | undefined {
  const start = isPrefixAt(head, PREAMBLE_LENGTH - 4) ? PREAMBLE_LENGTH : isPrefixAt(head, 0) ? 4 : 0;
  if (start === 0 && !isMetaElementAt(head, 0)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const values = new Map<number, Uint8Array>();
  let at = start;
  while (at + 8 <= head.length && view.getUint16(at, true) === 0x0002) {
    const isLong = LONG_VRS.has(String.fromCharCode(head[at + 4] as number, head[at + 5] as number));
    if (isLong && at + 12 > head.length) return { meta: {}, end: at, isIncomplete: true };
    const length = isLong ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    const value = at + (isLong ? 12 : 8);
    if (value + length > head.length) return { meta: {}, end: at, isIncomplete: true };
    values.set(view.getUint16(at + 2, true), head.subarray(value, value + length));
    at = value + length;
  }
  const meta = {
    sopClass: uidValue(values.get(0x0002)),
    sopInstance: uidValue(values.get(0x0003)),
    transferSyntax: uidValue(values.get(0x0010)),
    sourceAeTitle: uidValue(values.get(0x0016)),
  };
  const present = Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined));
  return { meta: present, end: at, isIncomplete: at + 8 > head.length };
}

const LONG_VRS = new Set(['OB', 'OW', 'UN', 'UT']);

function isPrefixAt(head: Uint8Array, at: number): boolean {
  return head[at] === 0x44 && head[at + 1] === 0x49 && head[at + 2] === 0x43 && head[at + 3] === 0x4d;
}

function isMetaElementAt(head: Uint8Array, at: number): boolean {
  return head[at] === 0x02 && head[at + 1] === 0x00 && isLetter(head[at + 4]) && isLetter(head[at + 5]);
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

function text(value: string, padding: string): Buffer {
  return Buffer.from(value.length % 2 === 0 ? value : value + padding, 'latin1');
}

function element(number: number, vr: string, value: Buffer): Buffer {
  const isLong = LONG_VRS.has(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}
