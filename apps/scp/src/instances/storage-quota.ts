// The quota of an archive: no more bytes of data sets are taken than it has, and only if it says so, old studies make room.

import { DimseError, type IncomingData, Status } from '@x/dimse';
import type { ArchiveIndex } from './archive-index/archive-index.ts';
import { type Deleted, type DeletionOptions, StudyNeededError } from './deletion.ts';

export interface QuotaOptions {
  /** Bytes of the data sets of all instances, at most. */
  readonly maximumBytes: number;
  /** Whether studies are deleted to make room. */
  readonly isEvicting: boolean;
  /** Called when the archive has decided to delete a study. */
  readonly onEvicted?: (study: string, deleted: Deleted) => void;
  /** Milliseconds after its last instance during which a study is not deleted. Default: 10 minutes. */
  readonly arrivalTime?: number;
}

/** An instance that arrives. */
interface Admitted {
  readonly data: IncomingData;
  /** Takes room for more bytes than arrive, without deleting a study: the instance itself may be in it. @throws DimseError */
  readonly grow: (bytes: number) => void;
  /** Gives the room back: the instance is kept, and its entry counts, or it is not. */
  readonly end: () => void;
}

type DeleteStudy = (study: string, options: DeletionOptions) => Promise<Deleted>;

/** The quota has no room for an instance. */
export class QuotaFullError extends DimseError {
  static override readonly name = 'DimseError';
}

/** Counts the bytes that are kept and those that are arriving. Their sum never exceeds the quota. */
export class StorageQuota {
  readonly #options: Required<Omit<QuotaOptions, 'onEvicted'>> & Pick<QuotaOptions, 'onEvicted'>;
  readonly #deleteStudy: DeleteStudy;
  /** The studies, the one that was used longest ago first, with the time of its last instance; 0 before this process. */
  readonly #studies = new Map<string, number>();
  #counting: Promise<void> | undefined;
  #used = 0;
  #arriving = 0;
  #evicted = 0;
  /** Until this time, no study is looked for: there was none. */
  #isFullUntil = 0;
  #evicting: Promise<void> = Promise.resolve();

  constructor(options: QuotaOptions, deleteStudy: DeleteStudy) {
    this.#options = { arrivalTime: ARRIVAL_TIME, ...options };
    this.#deleteStudy = deleteStudy;
  }

  /**
   * Counts what the index has, in steps of bounded size. Call it once; instances that are entered later are told by `entered`.
   * Receptions wait until it has settled, so that none is refused wrongly and the quota is not exceeded.
   * @throws AbortError soon after the signal; the error of the index
   */
  count(index: ArchiveIndex, signal: AbortSignal): Promise<void> {
    const counting = this.#count(index, signal).then(() => {
      this.#counting = undefined;
    });
    counting.catch(() => {});
    this.#counting = counting;
    return counting;
  }

  /** Settles when `count` has; undefined if it has already. @throws the error of `count` */
  get counting(): Promise<void> | undefined {
    return this.#counting;
  }

  async #count(index: ArchiveIndex, signal: AbortSignal): Promise<void> {
    const last = new Map<string, number>();
    for await (const { study, lastEntry, bytes } of index.deletions.usage()) {
      signal.throwIfAborted();
      this.#used += bytes;
      last.set(study, Math.max(last.get(study) ?? 0, lastEntry));
    }
    for (const [study] of [...last].sort(([, one], [, other]) => one - other)) this.#studies.set(study, 0);
  }

  /** Bytes, and studies that were deleted to make room. */
  get counts(): { readonly used: number; readonly maximum: number; readonly evicted: number } {
    return { used: this.#used, maximum: this.#options.maximumBytes, evicted: this.#evicted };
  }

  /**
   * The data of an instance, which end with A700H if the quota has no room for them. Call `end` when it is kept or not.
   * @param complete Called when all data have arrived, before they end: no study is deleted for them after it.
   */
  admit(data: IncomingData, complete: () => Promise<void> | undefined): Admitted {
    let taken = 0;
    const take = async (length: number) => {
      await this.#reserve(length);
      taken += length;
    };
    async function* batches() {
      for await (const batch of data.batches()) {
        await take(batch.reduce((sum, { length }) => sum + length, 0));
        yield batch;
      }
      await complete();
    }
    async function* chunks() {
      for await (const batch of batches()) yield* batch;
    }
    return {
      data: { batches, [Symbol.asyncIterator]: chunks },
      grow: (length) => {
        this.#take(length);
        taken += length;
      },
      end: () => {
        this.#arriving -= taken;
        taken = 0;
      },
    };
  }

  /** To be called for each new entry of the index. */
  entered(study: string, bytes: number): void {
    this.#used += bytes;
    // The last one in the order of the map.
    this.#studies.delete(study);
    this.#studies.set(study, performance.now());
  }

  /** To be called when a study is retrieved, which is a use of it as storing to it is. */
  used(study: string): void {
    const time = this.#studies.get(study);
    if (time === undefined) return;
    this.#studies.delete(study);
    this.#studies.set(study, time);
  }

  /** To be called when instances have been deleted. */
  deleted(study: string, bytes: number, isWhole: boolean): void {
    this.#used -= bytes;
    this.#isFullUntil = 0;
    if (isWhole) this.#studies.delete(study);
  }

  async #reserve(length: number): Promise<void> {
    if (this.#counting) await this.#counting;
    if (!this.#hasRoomFor(length) && this.#options.isEvicting) {
      // One after the other, so that no study is deleted for room that another has made.
      const evicting = this.#evicting.then(() => this.#makeRoom(length));
      this.#evicting = evicting.catch(() => {});
      await evicting;
    }
    this.#take(length);
  }

  /** @throws DimseError if there is no room */
  #take(length: number): void {
    if (!this.#hasRoomFor(length))
      throw new QuotaFullError(Status.OutOfResources, {
        errorComment: `the quota of ${this.#options.maximumBytes} bytes is full`,
      });
    this.#arriving += length;
  }

  #hasRoomFor(length: number): boolean {
    return this.#used + this.#arriving + length <= this.#options.maximumBytes;
  }

  async #makeRoom(length: number): Promise<void> {
    const { arrivalTime, onEvicted } = this.#options;
    if (this.#hasRoomFor(length) || performance.now() < this.#isFullUntil) return;
    for (const [study, time] of [...this.#studies]) {
      if (time > 0 && performance.now() - time < arrivalTime) continue;
      try {
        await this.#deleteStudy(study, { onDecided: (deleted) => onEvicted?.(study, deleted) });
        this.#evicted++;
      } catch (error) {
        if (!(error instanceof StudyNeededError)) throw error;
      }
      if (this.#hasRoomFor(length)) return;
    }
    this.#isFullUntil = performance.now() + FULL_TIME;
  }
}

const ARRIVAL_TIME = 600_000;
/** Milliseconds after which a full archive looks for old studies again. */
const FULL_TIME = 10_000;
