// The command set of a DIMSE message, Implicit VR Little Endian: PS3.7 §6.3.1 and Annex E.

import { CodedError } from '@x/pdu/internal';
import { tagText } from '../registry/tag-text.ts';
import { decodeValue, encodedLength, encodeValue, isAbsent, isInRange, type Kind } from './command-values.ts';

/** An encoded element of a command set that is not in the table of PS3.7 Annex E. */
export interface CommandElement {
  /** Group and element number, `0xggggeeee`. */
  readonly tag: number;
  /** The value as bytes: a view into the received message. */
  readonly value: Uint8Array;
}

/**
 * The command elements of PS3.7 Annex E by name. The tables of PS3.7 §9.3 and §10.3 define which of them each message
 * carries. An absent property is an absent element. UIDs of zero length are read as absent.
 */
export interface CommandSet {
  /** (0000,0002) Affected SOP Class UID. */
  readonly affectedSopClassUid?: string;
  /** (0000,0003) Requested SOP Class UID. */
  readonly requestedSopClassUid?: string;
  /** (0000,0100) Command Field: which of the 23 messages this is. */
  readonly commandField: number;
  /** (0000,0110) Message ID, 0 to 65535. */
  readonly messageId?: number;
  /** (0000,0120) Message ID Being Responded To, 0 to 65535. */
  readonly messageIdBeingRespondedTo?: number;
  /** (0000,0600) Move Destination, an AE title. Other values that are read are in `unknownElements`. */
  readonly moveDestination?: string;
  /** (0000,0700) Priority: 0 medium, 1 high, 2 low. */
  readonly priority?: number;
  /**
   * (0000,0800) Command Data Set Type: whether a data set follows. Always written; anything but 0101H reads as true.
   */
  readonly hasDataSet: boolean;
  /** (0000,0900) Status. */
  readonly status?: number;
  /** (0000,0901) Offending Element: tags as `0xggggeeee`. */
  readonly offendingElements?: readonly number[];
  /** (0000,0902) Error Comment: longer text is truncated, to 64 characters when written, and to 256 when read. */
  readonly errorComment?: string;
  /** (0000,0903) Error ID. */
  readonly errorId?: number;
  /** (0000,1000) Affected SOP Instance UID. */
  readonly affectedSopInstanceUid?: string;
  /** (0000,1001) Requested SOP Instance UID. */
  readonly requestedSopInstanceUid?: string;
  /** (0000,1002) Event Type ID. */
  readonly eventTypeId?: number;
  /** (0000,1005) Attribute Identifier List: tags as `0xggggeeee`. */
  readonly attributeIdentifierList?: readonly number[];
  /** (0000,1008) Action Type ID. */
  readonly actionTypeId?: number;
  /** (0000,1020) Number of Remaining Sub-operations. */
  readonly numberOfRemainingSuboperations?: number;
  /** (0000,1021) Number of Completed Sub-operations. */
  readonly numberOfCompletedSuboperations?: number;
  /** (0000,1022) Number of Failed Sub-operations. */
  readonly numberOfFailedSuboperations?: number;
  /** (0000,1023) Number of Warning Sub-operations. */
  readonly numberOfWarningSuboperations?: number;
  /** (0000,1030) Move Originator Application Entity Title. */
  readonly moveOriginatorApplicationEntityTitle?: string;
  /** (0000,1031) Move Originator Message ID. */
  readonly moveOriginatorMessageId?: number;
  /**
   * Elements that are not in the table (retired or private), or whose value is not allowed. They are kept and written again
   * unchanged.
   */
  readonly unknownElements?: readonly CommandElement[];
}

/** The bytes are not a command set. Reading stopped at the element `tag`, `offset` bytes from the start. */
export class CommandSetError extends CodedError {
  static override readonly name: string = 'CommandSetError';
  readonly code = 'COMMAND_SET_INVALID';
  /** Bytes from the start of the command set. */
  readonly offset: number;
  /** The element at fault, `0xggggeeee`, if known. */
  readonly tag: number | undefined;

  constructor(message: string, offset: number, tag?: number) {
    super(message);
    this.offset = offset;
    this.tag = tag;
  }
}

/**
 * Writes a command set in a new buffer, including the group length, in ascending order of tags.
 * @throws RangeError if a number does not fit its element or the move destination is not an AE title. Neither is
 * truncated, because that would change its meaning.
 */
export function encodeCommandSet(command: CommandSet): Uint8Array {
  const elements: ElementToWrite[] = [];
  // To look up the properties of the table that a command does not have takes several times as long as the rest.
  for (const name in command) {
    const known = BY_NAME.get(name);
    const value = command[name as keyof CommandSet];
    if (!known || value === undefined) continue;
    const { tag, kind } = known;
    if (!isInRange(kind, value)) throw new RangeError(`${tagText(tag)} cannot be ${shown(value)}`);
    elements.push({ tag, kind, value, size: encodedLength(kind, value) });
  }
  for (const { tag, value } of command.unknownElements ?? [])
    elements.push({ tag, kind: 'bytes', value, size: value.length });
  elements.sort((one, other) => one.tag - other.tag);

  let length = 12;
  for (const { size } of elements) length += 8 + size;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  // (0000,0000) Command Group Length counts what follows it.
  view.setUint32(4, 4, true);
  view.setUint32(8, length - 12, true);
  let offset = 12;
  for (const { tag, kind, value, size } of elements) {
    view.setUint16(offset, tag >>> 16, true);
    view.setUint16(offset + 2, tag & 0xffff, true);
    view.setUint32(offset + 4, size, true);
    encodeValue(kind, value, bytes, view, offset + 8);
    offset += 8 + size;
  }
  return bytes;
}

interface ElementToWrite {
  readonly tag: number;
  readonly kind: Kind;
  readonly value: unknown;
  readonly size: number;
}

/**
 * Reads a command set. A missing or wrong group length, any padding of values, and numbers in more than two bytes are
 * tolerated. Elements outside the table are kept in `unknownElements`.
 * @throws CommandSetError if an element is malformed or occurs twice, or the Command Field is missing.
 */
export function decodeCommandSet(bytes: Uint8Array): CommandSet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const command: Record<string, unknown> = {};
  const unknown: CommandElement[] = [];
  let seen = 0;
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < 8)
      throw new CommandSetError(`${bytes.length - offset} bytes are left, an element needs 8`, offset);
    const tag = view.getUint16(offset, true) * 0x10000 + view.getUint16(offset + 2, true);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (size > bytes.length - start)
      throw new CommandSetError(
        `${tagText(tag)} declares ${size} bytes, ${bytes.length - start} are left`,
        offset,
        tag,
      );
    const known = BY_TAG.get(tag);
    if (known) {
      // If an element occurs twice, either value may be the wrong one.
      if (seen & known.bit) throw new CommandSetError(`${tagText(tag)} is there twice`, offset, tag);
      seen |= known.bit;
      const value = decodeValue(known.kind, bytes, view, start, size);
      if (value === undefined && size > 0)
        throw new CommandSetError(`${tagText(tag)} has ${size} bytes, which its type does not allow`, offset, tag);
      // A title or a number that cannot be written is kept as bytes, so that every command set that was read can be written.
      if (value !== undefined && !isInRange(known.kind, value))
        unknown.push({ tag, value: bytes.subarray(start, start + size) });
      else if (value !== undefined && !isAbsent(known.kind, value)) command[known.name] = value;
    } else if (tag !== GROUP_LENGTH) unknown.push({ tag, value: bytes.subarray(start, start + size) });
    offset = start + size;
  }
  if (command.commandField === undefined) throw new CommandSetError('(0000,0100) Command Field is missing', offset);
  // PS3.7 requires Command Data Set Type in every message. One without it can only be read as one without a data set:
  // if a data set follows, its fragments are out of place, and end the association.
  command.hasDataSet ??= false;
  if (unknown.length > 0) command.unknownElements = unknown;
  return command as unknown as CommandSet;
}

const GROUP_LENGTH = 0x00000000;

// PS3.7 Table E.1-1, ascending.
// biome-ignore format: a table reads as a table
const ELEMENTS: readonly (readonly [tag: number, name: Exclude<keyof CommandSet, 'unknownElements'>, kind: Kind])[] = [
  [0x00000002, 'affectedSopClassUid',                  'uid'],
  [0x00000003, 'requestedSopClassUid',                 'uid'],
  [0x00000100, 'commandField',                         'short'],
  [0x00000110, 'messageId',                            'short'],
  [0x00000120, 'messageIdBeingRespondedTo',            'short'],
  [0x00000600, 'moveDestination',                      'title'],
  [0x00000700, 'priority',                             'short'],
  [0x00000800, 'hasDataSet',                           'hasDataSet'],
  [0x00000900, 'status',                               'short'],
  [0x00000901, 'offendingElements',                    'tags'],
  [0x00000902, 'errorComment',                         'text'],
  [0x00000903, 'errorId',                              'short'],
  [0x00001000, 'affectedSopInstanceUid',               'uid'],
  [0x00001001, 'requestedSopInstanceUid',              'uid'],
  [0x00001002, 'eventTypeId',                          'short'],
  [0x00001005, 'attributeIdentifierList',              'tags'],
  [0x00001008, 'actionTypeId',                         'short'],
  [0x00001020, 'numberOfRemainingSuboperations',       'short'],
  [0x00001021, 'numberOfCompletedSuboperations',       'short'],
  [0x00001022, 'numberOfFailedSuboperations',          'short'],
  [0x00001023, 'numberOfWarningSuboperations',         'short'],
  [0x00001030, 'moveOriginatorApplicationEntityTitle', 'text'],
  [0x00001031, 'moveOriginatorMessageId',              'short'],
];

/** Each with a bit of its own, by which an element that occurs twice is found. */
const BY_TAG = new Map(ELEMENTS.map(([tag, name, kind], index) => [tag, { name, kind, bit: 1 << index }] as const));
const BY_NAME: ReadonlyMap<string, { readonly tag: number; readonly kind: Kind }> = new Map(
  ELEMENTS.map(([tag, name, kind]) => [name, { tag, kind }]),
);

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value.slice(0, 64)}'` : String(value);
}
