// The free disk space of the last hour, and the time in which it would be used up.

import { statfs } from 'node:fs/promises';

/** Bytes of the file system of a folder. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/** The disk space of now, and how it has changed. */
export interface DiskState extends DiskSpace {
  /** Free bytes gained (or, below 0, lost) per hour since the oldest point, at most an hour ago; undefined before a minute has passed. */
  readonly perHour?: number;
}

/** One point in this time, in milliseconds. */
const INTERVAL = 15_000;
/** The points of an hour. */
const POINTS = 240;
/** The points of a minute: a change in less time is not a trend. */
const FEWEST_POINTS = 5;

/** Samples from its creation until it is disposed of. */
export class DiskHistory implements Disposable {
  readonly #space: () => Promise<DiskSpace | undefined>;
  readonly #points: number[] = [];
  readonly #timer: NodeJS.Timeout;

  /** @param space Measures the disk; undefined if the system does not say. */
  constructor(space: () => Promise<DiskSpace | undefined>) {
    this.#space = space;
    this.#timer = setInterval(() => void this.sample(), INTERVAL).unref();
    void this.sample();
  }

  /** Takes a point. */
  async sample(): Promise<void> {
    const now = await this.#space();
    if (!now) return;
    this.#points.push(now.free);
    if (this.#points.length > POINTS) this.#points.shift();
  }

  /** Undefined if the system does not say. */
  async state(): Promise<DiskState | undefined> {
    const now = await this.#space();
    if (!now) return undefined;
    const [oldest = now.free] = this.#points;
    const elapsed = (this.#points.length - 1) * INTERVAL;
    const hasTrend = this.#points.length >= FEWEST_POINTS;
    return { ...now, ...(hasTrend && { perHour: ((now.free - oldest) * 3_600_000) / elapsed }) };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The space of the file system of a folder; undefined if the system does not say. */
export async function diskSpace(folder: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined;
  }
}
