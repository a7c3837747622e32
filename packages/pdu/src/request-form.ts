// The form of an A-ASSOCIATE-RQ (PS3.8 §9.3.2, Annex D.1, PS3.7 §D.3.3): the faults that a tolerant acceptor reads over.
//
// Not faults, because the standard says that receivers do not test or weigh them: reserved bytes, further bits of the
// protocol version, spaces around AE titles, unknown items, the order of the sub-items of User Information.

import { AE_TITLE_LENGTH, isValidAeTitle } from './ae-title.ts';
import { ASSOCIATE_HEADER_LENGTH, type AssociateRequest } from './associate.ts';
import { PduError, type PduFault } from './errors.ts';
import { decodeItems, hex, type PlacedItem } from './items.ts';
import { isValidUid } from './uid.ts';
import { userInformationItems } from './user-information-codec.ts';
import { textOf } from './wire-text.ts';

/** How often an item may occur. */
type Occurrence = readonly [atLeast: number, atMost: number];

const ANY = Number.POSITIVE_INFINITY;
const APPLICATION_CONTEXT = 0x10;
const CONTEXT = 0x20;
const USER_INFORMATION = 0x50;
const VERSION_NAME = 0x55;
const COMMON_EXTENDED = 0x57;

/** PS3.8 Table 9-11. 21H belongs to A-ASSOCIATE-AC. */
const REQUEST_ITEMS: Readonly<Record<number, Occurrence>> = {
  [APPLICATION_CONTEXT]: [1, 1],
  [CONTEXT]: [1, ANY],
  0x21: [0, 0],
  [USER_INFORMATION]: [1, 1],
};

/** PS3.8 Table 9-13. */
const CONTEXT_ITEMS: Readonly<Record<number, Occurrence>> = { 0x30: [1, 1], 0x40: [1, ANY] };

/** PS3.8 Table D.1-1, PS3.7 §D.3.3. 59H belongs to A-ASSOCIATE-AC. */
const USER_ITEMS: Readonly<Record<number, Occurrence>> = {
  0x51: [1, 1],
  0x52: [1, 1],
  0x53: [0, 1],
  0x54: [0, ANY],
  [VERSION_NAME]: [0, 1],
  0x56: [0, ANY],
  [COMMON_EXTENDED]: [0, ANY],
  0x58: [0, 1],
  0x59: [0, 0],
};

/**
 * Checks the body of a request that has been decoded.
 * @throws PduError for the first fault.
 */
export function checkRequestForm(request: AssociateRequest, body: Uint8Array): void {
  const path = [request.type];
  for (const [name, start] of [['calledAeTitle', 4] as const, ['callingAeTitle', 20] as const])
    if (!isValidAeTitle(textOf(body.subarray(start, start + AE_TITLE_LENGTH))))
      fail('is not an AE title padded with spaces', [...path, name], start);
  const items = decodeItems(body.subarray(ASSOCIATE_HEADER_LENGTH), ASSOCIATE_HEADER_LENGTH, path);
  checkOccurrences(items, REQUEST_ITEMS, path, ASSOCIATE_HEADER_LENGTH);
  checkAscending(items, REQUEST_ITEMS, path);
  const ids = new Set<number>();
  for (const item of items)
    if (item.type === APPLICATION_CONTEXT) checkUid(item, [...path, 'applicationContextName']);
    else if (item.type === CONTEXT) checkContext(item, ids, [...path, 'presentationContexts']);
    else if (item.type === USER_INFORMATION) checkUserInformation(request, item, [...path, 'userInformation']);
}

function checkContext({ data, offset }: PlacedItem, ids: Set<number>, path: readonly string[]): void {
  const id = data[0] as number;
  const at = [...path, `${id}`];
  if (id % 2 === 0) fail('is not an odd number', at, offset);
  if (ids.has(id)) fail('is the ID of two presentation contexts', at, offset);
  ids.add(id);
  const items = decodeItems(data.subarray(4), offset + 4, at);
  checkOccurrences(items, CONTEXT_ITEMS, at, offset);
  checkAscending(items, CONTEXT_ITEMS, at);
  for (const item of items) if (item.type in CONTEXT_ITEMS) checkUid(item, at);
}

/** Sub-items must have the bytes that their values are written with: no padding, no other flags, no bytes behind. */
function checkUserInformation(request: AssociateRequest, item: PlacedItem, path: readonly string[]): void {
  const items = decodeItems(item.data, item.offset, path);
  checkOccurrences(items, USER_ITEMS, path, item.offset);
  if (request.userInformation.unknownItems?.some(({ type }) => type in USER_ITEMS))
    fail('has a malformed UID', path, item.offset);
  const received = sorted(items);
  const written = sorted(userInformationItems(request.userInformation, path));
  received.forEach(({ type, secondByte, data, offset }, index) => {
    // Later versions of the sub-item may add fields (PS3.7 Table D.3-12).
    if (type === COMMON_EXTENDED && secondByte !== 0) return;
    // Spaces at the end are part of the name's repertoire.
    const expected = (written[index]?.data ?? data) as Uint8Array;
    const padding = type === VERSION_NAME && data.length <= 16 ? / *$/ : /$/;
    if (textOf(data).replace(padding, '') !== textOf(expected).replace(padding, ''))
      fail(`item ${hex(type)} is padded, has further bytes, or a value outside its table`, path, offset);
  });
  const { roleSelections, extendedNegotiations, commonExtendedNegotiations } = request.userInformation;
  for (const list of [roleSelections, extendedNegotiations, commonExtendedNegotiations]) {
    const uids = (list ?? []).map(({ sopClassUid }) => sopClassUid);
    if (new Set(uids).size < uids.length) fail('has two sub-items of one kind for a SOP class', path, item.offset);
  }
}

function sorted<I extends { readonly type: number }>(items: readonly I[]): readonly I[] {
  return items.filter(({ type }) => type in USER_ITEMS).sort((one, other) => one.type - other.type);
}

function checkOccurrences(
  items: readonly PlacedItem[],
  table: Readonly<Record<number, Occurrence>>,
  path: readonly string[],
  offset: number,
): void {
  for (const [key, [atLeast, atMost]] of Object.entries(table)) {
    const type = Number(key);
    const count = items.filter((item) => item.type === type).length;
    if (count < atLeast) fail(`item ${hex(type)} is missing`, path, offset);
    if (count > atMost) fail(`item ${hex(type)} is there ${count} times`, path, offset, 'unexpected-parameter');
  }
}

/** Items shall appear in increasing order of their types (PS3.8 §9.3.1). */
function checkAscending(items: readonly PlacedItem[], known: object, path: readonly string[]): void {
  let highest = 0;
  for (const { type, offset } of items) {
    if (!(type in known)) continue;
    if (type < highest) fail(`item ${hex(type)} comes after ${hex(highest)}`, path, offset, 'unexpected-parameter');
    highest = type;
  }
}

function checkUid({ data, offset }: PlacedItem, path: readonly string[]): void {
  if (!isValidUid(textOf(data))) fail('is not a UID, or is padded', path, offset);
}

function fail(
  what: string,
  path: readonly string[],
  offset: number,
  fault: PduFault = 'invalid-parameter-value',
): never {
  throw new PduError(fault, what, path, offset);
}
