// The comparison of files and index, which runs behind the archive in steps of bounded size.
//
// Instances may arrive meanwhile. An instance gets its file first and its entry afterwards. So a file without an entry may be
// entered twice, which the index ignores, and an entry is removed only if its file is still missing immediately before. A
// deletion removes the entry first, and lists its file until it is removed: listed files are not entered.

import { nextTurn } from '@x/dimse/data-set';
import type { ArchiveIndex } from './archive-index/archive-index.ts';
import type { InstanceKey, KeptSeries, ListedInstanceStore } from './instance-store.ts';

export interface UnreadableFile extends InstanceKey {
  readonly why: string;
}

/** The differences between files and index that were found and corrected. */
export interface Reconciliation {
  readonly added: number;
  readonly removed: number;
  /** Files that are not valid instances. */
  readonly unreadable: readonly UnreadableFile[];
}

/** How far a comparison is. */
export interface ComparisonProgress {
  readonly state: 'not started' | 'running' | 'passed' | 'failed';
  /** The studies whose files have been compared. */
  readonly compared: number;
  /** The studies that had files at the start. */
  readonly studies: number;
}

export interface ComparisonOptions {
  readonly store: ListedInstanceStore;
  readonly index: ArchiveIndex;
  /**
   * Enters existing files into the index, or gives the reasons why they are not valid instances.
   * @param buffers For the beginnings of the files. They are used again when the promise has settled.
   */
  readonly enterFiles: (
    keys: readonly InstanceKey[],
    buffers: readonly Uint8Array[],
  ) => Promise<readonly (string | undefined)[]>;
  /** Called with the number of files and entries of each step, for tests. */
  readonly onStep?: ((visited: number) => void) | undefined;
}

export class IndexComparison {
  readonly #options: ComparisonOptions;
  readonly #unreadable: UnreadableFile[] = [];
  /** Files to enter together. */
  #missing: InstanceKey[] = [];
  readonly #buffers: Buffer[] = [];
  #state: ComparisonProgress['state'] = 'not started';
  #compared = 0;
  #studies = 0;
  #added = 0;
  #removed = 0;
  #visited = 0;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  get progress(): ComparisonProgress {
    // Studies may have arrived since they were counted.
    const studies = Math.max(this.#studies, this.#compared);
    return { state: this.#state, compared: this.#compared, studies };
  }

  /**
   * Compares files and index, corrects the index, and records that it is complete. Call it once.
   * @throws AbortError soon after the signal; the error of the store or the index
   */
  async run(signal: AbortSignal): Promise<Reconciliation> {
    this.#state = 'running';
    try {
      const { store, index } = this.#options;
      this.#studies = await store.countStudies();
      const seen = await this.#compareFiles(signal);
      await this.#compareNamedFiles(signal);
      for await (const key of index.series()) {
        if (!seen.has(nameOf(key))) await this.#removeMissing(key, await index.sopInstancesOf(key), new Set());
        await this.#step(1, signal);
      }
      // An index that was complete before is not recorded to be so again, which would have synced what was entered.
      await index.sync();
      await index.setComplete(true);
      this.#state = 'passed';
      return { added: this.#added, removed: this.#removed, unreadable: this.#unreadable };
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  /** Returns the series that have files. */
  async #compareFiles(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { store, index } = this.#options;
    const seen = new Set<string>();
    let study: string | undefined;
    for await (const series of store.series()) {
      if (study !== undefined && study !== series.study) this.#compared++;
      study = series.study;
      seen.add(nameOf(series));
      const indexed = await index.sopInstancesOf(series);
      for (const sopInstance of series.sopInstances) {
        if (indexed.has(sopInstance)) continue;
        this.#missing.push({ study, series: series.series, sopInstance });
        if (this.#missing.length >= ENTERED_AT_ONCE) await this.#enterMissing(signal);
      }
      await this.#removeMissing(series, indexed, new Set(series.sopInstances));
      await this.#step(1 + series.sopInstances.length, signal);
    }
    await this.#enterMissing(signal);
    if (study !== undefined) this.#compared++;
    return seen;
  }

  async #compareNamedFiles(signal: AbortSignal): Promise<void> {
    const { store, index } = this.#options;
    let first: string | undefined;
    for await (const files of store.named()) {
      for (const file of files) {
        if (await index.names.ownerOf(file)) continue;
        this.#missing.push({ study: '', series: '', sopInstance: '', file });
        if (this.#missing.length >= ENTERED_AT_ONCE) await this.#enterMissing(signal);
      }
      const [folder] = files[0]?.split('/') ?? [];
      if (first !== undefined && first !== folder) this.#compared++;
      first = folder;
      await this.#step(files.length, signal);
    }
    await this.#enterMissing(signal);
    if (first !== undefined) this.#compared++;
  }

  /** The index enters files that are described together in one transaction. */
  async #enterMissing(signal: AbortSignal): Promise<void> {
    const missing = this.#missing;
    this.#missing = [];
    const reasons = await this.#enter(missing);
    for (const [at, key] of missing.entries()) {
      const why = reasons[at];
      if (why === undefined) this.#added++;
      // A deletion may have removed it meanwhile.
      else if (await this.#options.store.has(key)) this.#unreadable.push({ ...key, why });
    }
    await this.#step(VISITS_PER_STEP - this.#visited, signal);
  }

  async #enter(keys: readonly InstanceKey[]): Promise<readonly (string | undefined)[]> {
    while (this.#buffers.length < keys.length) this.#buffers.push(Buffer.allocUnsafeSlow(HEAD_LENGTH));
    return this.#options.enterFiles(keys, this.#buffers);
  }

  async #removeMissing(
    { study, series }: Omit<KeptSeries, 'sopInstances'>,
    indexed: ReadonlySet<string>,
    kept: ReadonlySet<string>,
  ): Promise<void> {
    const { store, index } = this.#options;
    if (indexed.size === 0) return;
    const named = await index.names.ofSeries({ study, series });
    for (const sopInstance of indexed) {
      const file = named.get(sopInstance);
      if (kept.has(sopInstance) && file === undefined) continue;
      const key = { study, series, sopInstance, ...(file !== undefined && { file }) };
      if (await store.has(key)) continue;
      await index.remove(key);
      this.#removed++;
      // It may have arrived again between the two calls, or have a file in the default layout too.
      const again = (await store.has(key)) ? key : kept.has(sopInstance) ? { study, series, sopInstance } : undefined;
      if (again) await this.#enter([again]);
    }
  }

  async #step(visited: number, signal: AbortSignal): Promise<void> {
    this.#visited += visited;
    if (this.#visited < VISITS_PER_STEP && !signal.aborted) return;
    this.#options.onStep?.(this.#visited);
    this.#visited = 0;
    await nextTurn(signal);
  }
}

/** In bytes. It has the attributes of most instances. */
const HEAD_LENGTH = 32 * 1024;
/** Files that are opened, described and entered together. */
const ENTERED_AT_ONCE = 64;
/** Files and series that are compared between two turns of the event loop. */
const VISITS_PER_STEP = 500;

function nameOf({ study, series }: { readonly study: string; readonly series: string }): string {
  return `${study}/${series}`;
}
