// The items of presentation contexts in A-ASSOCIATE-RQ and A-ASSOCIATE-AC: PS3.8 Tables 9-13 to 9-15, 9-18 and 9-19.

import { PduError } from './errors.ts';
import {
  decodeItems,
  encodeItems,
  hex,
  ITEM_HEADER_LENGTH,
  type Item,
  keptItems,
  type PlacedItem,
  readUint16,
  uint8,
} from './items.ts';
import { encodeUid, readUid } from './uid.ts';
import { quoted } from './wire-text.ts';

/** A presentation context of A-ASSOCIATE-RQ (PS3.8 Table 9-13). */
export interface ProposedPresentationContext {
  /** An odd number from 1 to 255. Even numbers, which some peers send, are read and written too. */
  readonly id: number;
  /** UID; empty if the peer left the item out, or if it is malformed. If so, it is one of the `unknownItems`. */
  readonly abstractSyntax: string;
  /** UIDs in the order of the requestor. Those that are malformed are in the `unknownItems`. */
  readonly transferSyntaxes: readonly string[];
  /** Items outside the standard's table, unchanged. They are written again. */
  readonly unknownItems?: readonly Item[];
  /** Types of all items in the order received. Absent if it is the standard's order. */
  readonly itemOrder?: readonly number[];
}

/** A presentation context of A-ASSOCIATE-AC (PS3.8 Table 9-18). */
export interface AnsweredPresentationContext {
  /** The id of the proposed context. */
  readonly id: number;
  /** 0 is acceptance; see `PresentationContextResult`. */
  readonly result: number;
  /** The chosen transfer syntax. Absent if it is malformed. If the context is refused, it is not significant. */
  readonly transferSyntax?: string;
  /** Items outside the standard's table, unchanged. They are written again. */
  readonly unknownItems?: readonly Item[];
  /** Types of all items in the order received. Absent if it is the standard's order. */
  readonly itemOrder?: readonly number[];
}

/**
 * Most items in one presentation context: a bound against attacks, because the items of 128 contexts are read in one turn,
 * and kept as long as the association. DICOM has about sixty transfer syntaxes.
 */
const MAXIMUM_CONTEXT_ITEMS = 128;

/** The id, the result, and two reserved bytes. */
const CONTEXT_HEADER_LENGTH = 4;
const ABSTRACT_SYNTAX = 0x30;
const TRANSFER_SYNTAX = 0x40;
const UID_ITEMS: ReadonlySet<number> = new Set([ABSTRACT_SYNTAX, TRANSFER_SYNTAX]);

export function encodeProposed(context: ProposedPresentationContext, path: readonly string[]): Uint8Array {
  const at = [...path, `${context.id}`];
  const items: Item[] = [];
  // An empty string stands for a missing item.
  if (context.abstractSyntax !== '')
    items.push({ type: ABSTRACT_SYNTAX, data: encodeUid(context.abstractSyntax, [...at, 'abstractSyntax']) });
  for (const uid of context.transferSyntaxes)
    items.push({ type: TRANSFER_SYNTAX, data: encodeUid(uid, [...at, 'transferSyntaxes']) });
  items.push(...(context.unknownItems ?? []));
  return encodeItems(items, context.itemOrder, at, contextHeader(context.id, 0, at));
}

export function decodeProposed(item: PlacedItem, path: readonly string[]): ProposedPresentationContext {
  const usual = decodeUsual(item.data);
  if (usual) return usual;
  const { id, items } = decodeContextItems(item, path);
  const transferSyntaxes: string[] = [];
  const known: PlacedItem[] = [];
  const unknownItems: Item[] = [];
  let abstractSyntax: string | undefined;
  for (const sub of items) {
    // A malformed UID costs its context and not the association: it is kept as an unknown item.
    const uid = UID_ITEMS.has(sub.type) ? readUid(sub.data) : undefined;
    const isAbstract = sub.type === ABSTRACT_SYNTAX;
    if (uid === undefined || (isAbstract && abstractSyntax !== undefined)) {
      unknownItems.push({ type: sub.type, data: sub.data });
      continue;
    }
    known.push(sub);
    if (isAbstract) abstractSyntax = uid;
    else transferSyntaxes.push(uid);
  }
  return { id, abstractSyntax: abstractSyntax ?? '', transferSyntaxes, ...keptItems(items, known, unknownItems) };
}

/**
 * The same for the data of most contexts, which have an abstract syntax and then transfer syntaxes, without an object for each
 * item; undefined for others.
 */
function decodeUsual(data: Uint8Array): ProposedPresentationContext | undefined {
  let abstractSyntax: string | undefined;
  const transferSyntaxes: string[] = [];
  for (let at = CONTEXT_HEADER_LENGTH; at < data.length; ) {
    const start = at + ITEM_HEADER_LENGTH;
    const end = start <= data.length ? start + readUint16(data, at + 2) : Number.POSITIVE_INFINITY;
    const isExpected = data[at] === (abstractSyntax === undefined ? ABSTRACT_SYNTAX : TRANSFER_SYNTAX);
    const uid = isExpected && end <= data.length ? readUid(data, start, end) : undefined;
    if (uid === undefined || transferSyntaxes.length + 1 === MAXIMUM_CONTEXT_ITEMS) return undefined;
    if (abstractSyntax === undefined) abstractSyntax = uid;
    else transferSyntaxes.push(uid);
    at = end;
  }
  return abstractSyntax === undefined ? undefined : { id: data[0] as number, abstractSyntax, transferSyntaxes };
}

export function encodeAnswered(context: AnsweredPresentationContext, path: readonly string[]): Uint8Array {
  const at = [...path, `${context.id}`];
  const items: Item[] = [];
  if (context.transferSyntax !== undefined)
    items.push({
      type: TRANSFER_SYNTAX,
      data: context.transferSyntax === '' ? new Uint8Array(0) : encodeUid(context.transferSyntax, at),
    });
  items.push(...(context.unknownItems ?? []));
  return encodeItems(items, context.itemOrder, at, contextHeader(context.id, context.result, at));
}

export function decodeAnswered(item: PlacedItem, path: readonly string[]): AnsweredPresentationContext {
  const { id, items } = decodeContextItems(item, path);
  const known: PlacedItem[] = [];
  const unknownItems: Item[] = [];
  let transferSyntax: string | undefined;
  for (const sub of items) {
    const uid = sub.type === TRANSFER_SYNTAX && transferSyntax === undefined ? readUid(sub.data) : undefined;
    if (uid === undefined) unknownItems.push({ type: sub.type, data: sub.data });
    else {
      known.push(sub);
      transferSyntax = uid;
    }
  }
  const result = item.data[2] as number;
  return {
    id,
    result,
    ...(transferSyntax !== undefined && { transferSyntax }),
    ...keptItems(items, known, unknownItems),
  };
}

function contextHeader(id: number, result: number, path: readonly string[]): readonly number[] {
  if (!Number.isInteger(id) || id < 0 || id > 255)
    throw new PduError('invalid-parameter-value', `${quoted(id)} is not a presentation context ID (0 to 255)`, path);
  return [id, 0, uint8(result, [...path, 'result']), 0];
}

function decodeContextItems(item: PlacedItem, path: readonly string[]) {
  if (item.data.length < CONTEXT_HEADER_LENGTH)
    throw new PduError(
      'invalid-parameter-value',
      `item ${hex(item.type)} needs 4 bytes, has ${item.data.length}`,
      path,
      item.offset,
    );
  const id = item.data[0] as number;
  const at = [...path, `${id}`];
  const offset = item.offset + CONTEXT_HEADER_LENGTH;
  return { id, items: decodeItems(item.data.subarray(CONTEXT_HEADER_LENGTH), offset, at, MAXIMUM_CONTEXT_ITEMS) };
}
