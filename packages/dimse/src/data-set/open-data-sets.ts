// The data sets that are being read: the outermost one, and the open items of sequences (PS3.5 §7.5).

import type { DataSetError } from './data-set-error.ts';
import { type Faults, type Scope, scopeAfter } from './data-set-scope.ts';
import { hasElement, putElement } from './data-set-values.ts';

/** A data set or item that is being read. */
export interface Level {
  readonly dataSet: Record<string, unknown>;
  scope: Scope;
  /** The highest tag of its elements so far. */
  highest: number;
  /** The number of elements. */
  count: number;
}

/** A sequence that is being read, or an encapsulated value with its fragments. */
interface Parts {
  readonly tag: number;
  readonly vr: string;
  readonly items: unknown[];
}

export class OpenDataSets {
  innermost: Level;
  /** The innermost one is the last. Each item belongs to the parts before its place. */
  readonly #levels: Level[];
  readonly #parts: Parts[] = [];
  readonly #faults: Faults | undefined;

  constructor(scope: Scope, faults: Faults | undefined) {
    this.innermost = { dataSet: {}, scope, highest: 0, count: 0 };
    this.#levels = [this.innermost];
    this.#faults = faults;
  }

  /** The number of open data sets. */
  get depth(): number {
    return this.#levels.length;
  }

  /** Opens a sequence or an encapsulated value. Returns its items. */
  openParts(tag: number, vr: string): readonly unknown[] {
    const items: unknown[] = [];
    this.#parts.push({ tag, vr, items });
    return items;
  }

  addFragment(fragment: Uint8Array): void {
    this.#parts[this.#parts.length - 1]?.items.push(fragment);
  }

  closeParts(): void {
    const { tag, vr, items } = this.#parts.pop() as Parts;
    this.put(tag, vr, items);
  }

  openItem(): void {
    this.innermost = { dataSet: {}, scope: this.innermost.scope, highest: 0, count: 0 };
    this.#levels.push(this.innermost);
  }

  closeItem(): void {
    this.#parts[this.#parts.length - 1]?.items.push(this.innermost.dataSet);
    this.#levels.pop();
    this.innermost = this.#levels[this.#levels.length - 1] as Level;
  }

  /** Adds an element to the innermost data set. Of a repeated element, the first counts, as it does for the scanner. */
  put(tag: number, vr: string, value: unknown): void {
    // Group lengths are ignored, because they are wrong after a change (§7.2).
    if ((tag & 0xffff) === 0) return;
    const { innermost } = this;
    // Tags ascend (§7.1), unless an element is repeated or out of its place.
    if (tag > innermost.highest) innermost.highest = tag;
    else if (hasElement(innermost.dataSet, tag)) return;
    putElement(innermost.dataSet, tag, vr, value);
    innermost.scope = scopeAfter(innermost.scope, tag, value, this.#faults);
  }

  /** Leaves out what is inside this number of containers. Returns the error with the items that were left out around it. */
  leave(error: DataSetError, containers = 0): DataSetError {
    const kept = 1 + (containers >> 1);
    let placed = error;
    for (let level = this.#levels.length - 1; level >= kept; level--) {
      const { tag, items } = this.#parts[level - 1] as Parts;
      placed = placed.inItem(tag, items.length);
    }
    this.#levels.length = Math.min(this.#levels.length, kept);
    this.#parts.length = Math.min(this.#parts.length, (containers + 1) >> 1);
    this.innermost = this.#levels[this.#levels.length - 1] as Level;
    return placed;
  }
}
