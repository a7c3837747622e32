// Files that are held between being found and being sent, so that each is opened and read once.

import type { DataSource } from '@x/net';
import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DicomFile } from './dicom-file.ts';

/** The bounds of `HeldFiles`. */
export interface HeldFilesOptions {
  /** The maximum number of files that are open, from 0 on. Files that have been read completely are closed. Default: 128. */
  readonly maximumOpen?: number;
  /** The maximum length in bytes of the content of files that have been read completely. Default: 16 MiB. */
  readonly maximumLength?: number;
}

/** A file that is held for its sender. */
export class HeldFile {
  readonly #file: DicomFile;
  #isTaken = false;
  #release: (() => void) | undefined;

  constructor(file: DicomFile, release: () => void) {
    this.#file = file;
    this.#release = release;
  }

  /** Whether its data set was taken: then the sender closes it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /**
   * Its data set, once; undefined if it was taken before, or was closed: then the file has to be opened again.
   * @param buffer See `DicomFile.sourceIn`.
   */
  take(buffer: Uint8Array | undefined): DataSource | Promise<DataSource> | undefined {
    if (this.#isTaken || !this.#release) return undefined;
    this.#isTaken = true;
    return this.#file.sourceIn(buffer);
  }

  /** Closes the file and frees its memory. Further calls do nothing. */
  close(): Promise<void> | undefined {
    const release = this.#release;
    if (!release) return undefined;
    this.#release = undefined;
    release();
    return this.#file.closeAtOnce();
  }
}

/**
 * Holds files of `findDicomFiles`: `hold` each one that is to be sent, and give it to `storeInstances` as the property `held`
 * of its instance. A file is closed when it has been sent. Files that were not sent are closed by `close`.
 */
export class HeldFiles implements AsyncDisposable {
  readonly #maximumOpen: number;
  readonly #maximumSlabs: number;
  readonly #held = new Set<HeldFile>();
  #open = 0;
  #isClosed = false;
  /** The memory that the next file is copied into. */
  #slab: Slab | undefined;
  readonly #freeSlabs: Slab[] = [];
  #slabs = 0;

  constructor(options?: HeldFilesOptions) {
    const { maximumOpen = MAXIMUM_OPEN, maximumLength = MAXIMUM_LENGTH } = checkOptions(HELD_OPTIONS, options);
    this.#maximumOpen = maximumOpen;
    this.#maximumSlabs = Math.floor(maximumLength / SLAB_LENGTH);
  }

  /** The number of files that are held. */
  get size(): number {
    return this.#held.size;
  }

  /** Holds a file, which is not closed by others then. Returns undefined if too much is held already. */
  hold(file: DicomFile): HeldFile | undefined {
    if (this.#isClosed || file.isKept) return undefined;
    const held = file.isInMemory ? this.#holdContent(file) : this.#holdOpen(file);
    if (held) this.#held.add(held);
    return held;
  }

  /** Closes the files that are not being sent, and holds no further ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const held of [...this.#held]) if (!held.isTaken) await held.close();
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #holdOpen(file: DicomFile): HeldFile | undefined {
    if (this.#open >= this.#maximumOpen) return undefined;
    this.#open++;
    file.keep((bytes) => bytes);
    const held = new HeldFile(file, () => {
      this.#open--;
      this.#held.delete(held);
    });
    return held;
  }

  #holdContent(file: DicomFile): HeldFile | undefined {
    const { length } = file.dataSet;
    const slab = length > LARGEST_COPIED ? undefined : this.#slabFor(length);
    if (!slab) return undefined;
    file.keep((bytes) => {
      const copy = slab.memory.subarray(slab.used, slab.used + bytes.length);
      copy.set(bytes);
      slab.used += bytes.length;
      return copy;
    });
    slab.files++;
    const held = new HeldFile(file, () => {
      this.#held.delete(held);
      if (--slab.files > 0) return;
      slab.used = 0;
      if (slab !== this.#slab) this.#freeSlabs.push(slab);
    });
    return held;
  }

  #slabFor(length: number): Slab | undefined {
    if (this.#slab && this.#slab.used + length <= SLAB_LENGTH) return this.#slab;
    if (this.#freeSlabs.length === 0 && this.#slabs < this.#maximumSlabs) {
      this.#slabs++;
      this.#freeSlabs.push({ memory: Buffer.allocUnsafeSlow(SLAB_LENGTH), used: 0, files: 0 });
    }
    const free = this.#freeSlabs.pop();
    if (free) this.#slab = free;
    return free;
  }
}

/** Memory for the content of several files, used again when all of them have been closed. */
interface Slab {
  readonly memory: Uint8Array;
  used: number;
  files: number;
}

const MAXIMUM_OPEN = 128;
const MAXIMUM_LENGTH = 16 * 1024 * 1024;
const SLAB_LENGTH = 1024 * 1024;
/** Longer content would waste the end of a slab. */
const LARGEST_COPIED = 128 * 1024;

const HELD_OPTIONS: OptionTable<HeldFilesOptions> = {
  of: 'HeldFiles',
  rules: { maximumOpen: aNumber, maximumLength: aNumber },
};
