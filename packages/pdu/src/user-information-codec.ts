// Writes, reads and shows the User Information item as the table of its sub-items says: see user-information.ts.

import {
  concatenate,
  decodeItems,
  encodeItems,
  type Item,
  type ItemToWrite,
  keptItems,
  type PlacedItem,
} from './items.ts';
import { Fields } from './sub-item-fields.ts';
import { MalformedUidError } from './uid.ts';
import { SUB_ITEMS, type SubItem, type SubItemName, type UserInformation } from './user-information.ts';

/** The table's rows in the order they are written: by item type. The values are checked by the type of the table. */
const ROWS = (Object.entries(SUB_ITEMS) as [SubItemName, SubItem<unknown> & { readonly isRepeatable: boolean }][]).sort(
  ([, one], [, other]) => one.type - other.type,
);
const ROW_BY_TYPE = new Map(ROWS.map((row) => [row[1].type, row]));

/** The sub-items as they are written, the unknown ones last. @throws PduError if a value does not fit its field. */
export function userInformationItems(
  information: UserInformation,
  path: readonly string[] = ['userInformation'],
): ItemToWrite[] {
  const items: ItemToWrite[] = [];
  for (const [name, subItem] of ROWS) {
    if (information[name] === undefined) continue;
    const at = [...path, name];
    for (const value of valuesOf(information, name))
      items.push({
        type: subItem.type,
        data: concatenate(subItem.write(value, at)),
        secondByte: subItem.secondByte?.(value, at) ?? 0,
      });
  }
  if (information.unknownItems) items.push(...information.unknownItems);
  return items;
}

/** The data of the User Information item. @throws PduError if a value does not fit its field. */
export function encodeUserInformation(information: UserInformation, path: readonly string[]): Uint8Array {
  return encodeItems(userInformationItems(information, path), information.itemOrder, path);
}

/**
 * Reads the data of the User Information item.
 * @throws PduError if a known sub-item is malformed, except for the UIDs of those that each SOP class has.
 */
export function decodeUserInformation(bytes: Uint8Array, offset: number, path: readonly string[]): UserInformation {
  const values: Partial<Record<SubItemName, unknown>> = {};
  const known: PlacedItem[] = [];
  const unknownItems: Item[] = [];
  const items = decodeItems(bytes, offset, path);
  for (const item of items) {
    const row = ROW_BY_TYPE.get(item.type);
    if (!row || (!row[1].isRepeatable && row[0] in values)) {
      unknownItems.push({ type: item.type, data: item.data });
      continue;
    }
    const [name, subItem] = row;
    let value: unknown;
    try {
      value = subItem.read(new Fields(item, [...path, name]));
    } catch (error) {
      // A malformed UID costs its SOP class and not the association: the sub-item is kept as an unknown one.
      if (!subItem.isRepeatable || !(error instanceof MalformedUidError)) throw error;
      unknownItems.push({ type: item.type, data: item.data });
      continue;
    }
    if (subItem.isRepeatable) {
      values[name] ??= [];
      (values[name] as unknown[]).push(value);
    } else values[name] = value;
    known.push(item);
  }
  return Object.assign(values as UserInformation, keptItems(items, known, unknownItems));
}

/** The known sub-items in words, a line each. */
export function renderUserInformation(information: UserInformation, nameOf: (uid: string) => string): string[] {
  return ROWS.flatMap(([name, { label, render }]) =>
    valuesOf(information, name).map((value) => `  ${label.padEnd(20)} ${render(value, nameOf)}`),
  );
}

function valuesOf(information: UserInformation, name: SubItemName): readonly unknown[] {
  const value: unknown = information[name];
  if (value === undefined) return [];
  return SUB_ITEMS[name].isRepeatable ? (value as readonly unknown[]) : [value];
}
