// File Meta Information, the head of a DICOM file: PS3.10 §7.1.

import { uidValue } from '../data-set/data-set-scanner.ts';
import { isLongHeader, unknownHeader } from '../data-set/element-header.ts';
import { explicitVrOf } from '../data-set/value-representations.ts';
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
  const start = [PREAMBLE_LENGTH, 4].find((end) => isPrefixAt(head, end - 4) && isMetaGroupAt(head, end)) ?? 0;
  if (start === 0 && !isMetaElementAt(head, 0)) return withoutMeta(head);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const values = new Map<number, Uint8Array>();
  let at = start;
  while (at + 8 <= head.length && view.getUint16(at, true) === 0x0002) {
    const isLong = isLongHeader(view, at);
    if (isLong && at + 12 > head.length) return { meta: {}, end: at, isIncomplete: true };
    const length = isLong ? view.getUint32(at + 8, true) : shortLength(view, at);
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

/** The length of an element whose value representation, if it has one, has a length of 16 bits. */
function shortLength(view: DataView, at: number): number {
  return explicitVrOf(view.getUint16(at + 4)) ? view.getUint16(at + 6, true) : unknownHeader(view, at, true).length;
}

/** A file with a prefix but without group 0002. The prefix may be part of a data set that begins the file. */
function withoutMeta(head: Uint8Array): LocatedMeta | undefined {
  const end = [PREAMBLE_LENGTH, 4].find((place) => isPrefixAt(head, place - 4));
  if (end === undefined || isDataSetAt(head, 0)) return undefined;
  return { meta: {}, end, isIncomplete: end + 8 > head.length };
}

/** Whether an element of group 0008 is here, with which data sets begin, in either byte order. */
function isDataSetAt(head: Uint8Array, at: number): boolean {
  return head[at] === 0 ? head[at + 1] === 8 : head[at] === 8 && head[at + 1] === 0;
}

function isMetaGroupAt(head: Uint8Array, at: number): boolean {
  return head[at] === 0x02 && head[at + 1] === 0x00;
}

function isPrefixAt(head: Uint8Array, at: number): boolean {
  return head[at] === 0x44 && head[at + 1] === 0x49 && head[at + 2] === 0x43 && head[at + 3] === 0x4d;
}

function isMetaElementAt(head: Uint8Array, at: number): boolean {
  return isMetaGroupAt(head, at) && isLetter(head[at + 4]) && isLetter(head[at + 5]);
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

const PREAMBLE = `${'\0'.repeat(PREAMBLE_LENGTH - 4)}DICM`;

/** An element of group 0002 in Explicit VR Little Endian, one character for each byte. */
function element(number: number, vr: string, value: string): string {
  const even = value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' ');
  const length = vr === 'OB' ? `\0\0${uint32(even.length)}` : uint16(even.length);
  return `${uint16(0x0002)}${uint16(number)}${vr}${length}${even}`;
}

function uint16(value: number): string {
  return String.fromCharCode(value & 0xff, value >>> 8);
}

function uint32(value: number): string {
  return uint16(value & 0xffff) + uint16(value >>> 16);
}
