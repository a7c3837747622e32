// Changes of the attributes of a data set, by their paths.

import { tagOf } from './data-dictionary.ts';
import { DataSetError } from './data-set-error.ts';

/** A change of one attribute. */
export interface DataSetEdit {
  /**
   * The attribute by its keyword or tag (eight hexadecimal digits), after the sequences and items around it:
   * `PatientName`, `00091001`, `RequestAttributesSequence[0].ScheduledProcedureStepID`. `[*]` means all items.
   */
  readonly at: string;
  /**
   * The new value, as in `DataSetInput`. An attribute that its data set or item does not have is added. If it is undefined,
   * the attribute is removed.
   */
  readonly value?: unknown;
}

/** The changes of a data set or item. */
export interface LevelEdits {
  /** The new values by tag; undefined removes the attribute. */
  readonly values: ReadonlyMap<number, { readonly key: string; readonly value: unknown }>;
  /** The changes inside of sequences, by tag: those of one item, and those of all items. */
  readonly sequences: ReadonlyMap<number, ItemEdits>;
}

export interface ItemEdits {
  readonly byIndex: ReadonlyMap<number, readonly Change[]>;
  readonly ofAll: readonly Change[];
}

/** A change whose path begins at an item or data set. */
interface Change {
  readonly path: readonly Step[];
  readonly value: unknown;
}

interface Step {
  readonly key: string;
  readonly tag: number;
  /** The item that the next step is in, or all; undefined in the last step. */
  readonly item: number | 'all' | undefined;
}

/** @throws DataSetError if a path is malformed, or given twice. */
export function parsedEdits(edits: Iterable<DataSetEdit>): LevelEdits {
  return levelOf([...edits].map(({ at, value }) => ({ path: pathOf(at), value })));
}

/** The changes of an item of a sequence. */
export function itemEdits({ byIndex, ofAll }: ItemEdits, index: number): LevelEdits {
  return levelOf([...ofAll, ...(byIndex.get(index) ?? [])]);
}

function levelOf(changes: readonly Change[]): LevelEdits {
  const values = new Map<number, { key: string; value: unknown }>();
  const sequences = new Map<number, { byIndex: Map<number, Change[]>; ofAll: Change[] }>();
  for (const { path, value } of changes) {
    const [first, ...rest] = path as [Step, ...Step[]];
    const { tag, key, item } = first;
    if (item === undefined) {
      if (values.has(tag) || sequences.has(tag)) throw new DataSetError('is changed twice', { tag });
      values.set(tag, { key, value });
      continue;
    }
    if (values.has(tag)) throw new DataSetError('is changed twice', { tag });
    const found = sequences.get(tag) ?? { byIndex: new Map<number, Change[]>(), ofAll: [] };
    sequences.set(tag, found);
    const change = { path: rest, value };
    if (item === 'all') found.ofAll.push(change);
    else found.byIndex.set(item, [...(found.byIndex.get(item) ?? []), change]);
  }
  return { values, sequences };
}

function pathOf(at: string): readonly Step[] {
  const parts = at.split('.');
  return parts.map((part, index) => {
    const [, key = '', item] = /^([A-Za-z0-9]+)(?:\[(\d{1,9}|\*)\])?$/.exec(part) ?? [];
    const tag = /^[0-9A-Fa-f]{8}$/.test(key) ? Number.parseInt(key, 16) : tagOf(key);
    const isLast = index === parts.length - 1;
    if (tag === undefined || isLast !== (item === undefined) || !isAttribute(tag))
      throw new DataSetError(`'${at}' is not the path of an attribute: ${part}`);
    return { key, tag, item: item === undefined ? undefined : item === '*' ? 'all' : Number(item) };
  });
}

/** Whether a data set may have the tag: neither a command element, a group length, an item, nor of the file itself. */
function isAttribute(tag: number): boolean {
  const group = tag >>> 16;
  return group > 0x0002 && group !== 0xfffe && (tag & 0xffff) !== 0;
}
