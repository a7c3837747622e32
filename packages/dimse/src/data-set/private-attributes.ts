// Private attributes: blocks of private elements, each reserved by its creator (PS3.5 §7.8.1).

import { type DataSetInput, type Element, isElement, tagKey, type UntypedDataSet } from './data-set-values.ts';

/**
 * The key of a private attribute in a data set: `element` (00H to FFH) in the block that the creator reserved in an odd
 * `group`. Undefined if the data set has no such block.
 */
export function privateKey(dataSet: DataSetInput, creator: string, group: number, element: number): string | undefined {
  const block = blockOf(dataSet, creator, group);
  return block === undefined ? undefined : tagKey(group * 0x10000 + block * 0x100 + element);
}

/** The value of a private attribute by its creator; undefined if the data set does not have it. */
export function privateValue(dataSet: UntypedDataSet, creator: string, group: number, element: number): unknown {
  const key = privateKey(dataSet, creator, group, element);
  const found = key === undefined ? undefined : dataSet[key];
  return isElement(found) ? found.value : found;
}

/**
 * A copy of the data set with private attributes, by element from 00H to FFH, in the creator's block of an odd `group`.
 * The block is reserved if the data set does not have it yet.
 * @throws RangeError if the group is even or all its blocks are taken.
 */
export function withPrivate(
  dataSet: DataSetInput,
  creator: string,
  group: number,
  elements: Readonly<Record<number, Element>>,
): DataSetInput {
  if (group % 2 === 0 || group < 0x0009 || group > 0xfffd)
    throw new RangeError(`group ${group.toString(16)} is not for private attributes`);
  const block = blockOf(dataSet, creator, group) ?? freeBlock(dataSet, group);
  const added: Record<string, unknown> = { [tagKey(group * 0x10000 + block)]: creator };
  for (const [element, value] of Object.entries(elements)) {
    if (!(Number(element) <= 0xff)) throw new RangeError(`a block has no element ${element}`);
    added[tagKey(group * 0x10000 + block * 0x100 + Number(element))] = value;
  }
  return { ...dataSet, ...added };
}

function blockOf(dataSet: UntypedDataSet, creator: string, group: number): number | undefined {
  for (let block = FIRST_BLOCK; block <= LAST_BLOCK; block++)
    if (dataSet[tagKey(group * 0x10000 + block)] === creator) return block;
  return undefined;
}

function freeBlock(dataSet: UntypedDataSet, group: number): number {
  for (let block = FIRST_BLOCK; block <= LAST_BLOCK; block++)
    if (dataSet[tagKey(group * 0x10000 + block)] === undefined) return block;
  throw new RangeError(`group ${group.toString(16)} has no free block`);
}

const FIRST_BLOCK = 0x10;
const LAST_BLOCK = 0xff;
