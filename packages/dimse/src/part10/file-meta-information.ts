// File Meta Information, the head of a DICOM file: PS3.10 §7.1.

import { uidValue } from '../data-set/data-set-scanner.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './implementation.ts';

/** The elements of group 0002. Elements that the file does not have are absent. */
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

/** The length in bytes of the preamble with the prefix `DICM`. */
export const PREAMBLE_LENGTH = 132;

/** The head of a file for an instance: preamble, prefix and group 0002. The data set follows it. */
export function encodeFileMetaInformation(
  meta: FileMetaInformation & Required<Pick<FileMetaInformation, 'transferSyntax'>>,
): Uint8Array {
  let elements = element(0x0001, 'OB', '\0\x01');
  if (meta.sopClass) elements += element(0x0002, 'UI', meta.sopClass);
  if (meta.sopInstance) elements += element(0x0003, 'UI', meta.sopInstance);
  elements += element(0x0010, 'UI', meta.transferSyntax);
  elements += element(0x0012, 'UI', IMPLEMENTATION_CLASS_UID);
  elements += element(0x0013, 'SH', IMPLEMENTATION_VERSION_NAME);
  if (meta.sourceAeTitle) elements += element(0x0016, 'AE', meta.sourceAeTitle);
  // Written for each received instance, so it is built as text and converted to bytes in one step.
  return Buffer.from(`${PREAMBLE}${element(0x0000, 'UL', uint32(elements.length))}${elements}`, 'latin1');
}

/** The file meta information and its place in the head of a file. */
export interface LocatedMeta {
  readonly meta: FileMetaInformation;
  /** The offset of the data set in bytes. */
  readonly end: number;
  /** Whether the bytes given end before the group does. */
  readonly isIncomplete: boolean;
}

/**
 * Finds group 0002 in the first bytes of a file: after preamble and prefix, or at the beginning, as in some files. The
 * group length is not used. Undefined if the file has no group 0002.
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

const PREAMBLE = `${'\0'.repeat(PREAMBLE_LENGTH - 4)}DICM`;

/** An element of group 0002 in Explicit VR Little Endian, one character for each byte. */
function element(number: number, vr: string, value: string): string {
  const even = value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' ');
  const length = LONG_VRS.has(vr) ? `\0\0${uint32(even.length)}` : uint16(even.length);
  return `${uint16(0x0002)}${uint16(number)}${vr}${length}${even}`;
}

function uint16(value: number): string {
  return String.fromCharCode(value & 0xff, value >>> 8);
}

function uint32(value: number): string {
  return uint16(value & 0xffff) + uint16(value >>> 16);
}
