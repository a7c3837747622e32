// Removes the remains of attempts to store instances: objects that never got a row, because a process ended or the index was
// away, and uploads of parts that were never completed.
//
// Only hours that have been over for a day are looked at, each once: a sweep lists the keys of the hours after the last one
// that was swept, under each of the 256 beginnings. Its position is kept in an object, so that any process continues it.
//
// An index that was restored from a backup has no rows for what arrived afterwards. Objects of instances that the index does
// not know at all are therefore left if there are many of them: they may be the only copies.

import type { Sweep, SweepOptions, SweptIndex } from '../instance-store.ts';
import { hourOf, hourOfKey, KEY_BEGINNINGS, sopInstanceOfKey } from './object-key.ts';
import { isMissing } from './object-store-error.ts';
import { textOf, textsOf } from './s3-answers.ts';
import type { S3Client } from './s3-client.ts';

/** @throws ObjectStoreError; the errors of the index; the reason of the signal */
export async function sweepOrphans(client: S3Client, index: SweptIndex, options: SweepOptions): Promise<Sweep> {
  const { signal, age = DAY, most = MOST_LISTED, now = new Date() } = options;
  const until = hourOf(new Date(now.getTime() - age));
  const orphans = new OrphanSweep(client, index, signal, most);
  const isComplete = await orphans.run(until);
  const aborted = await abortUploads(client, until, signal);
  const { listed, removed, left } = orphans;
  return { listed, removed, left, aborted, isComplete };
}

/** The position of the sweeps. */
interface Position {
  /** The hours before this one have been swept. */
  readonly swept: string;
  /** If a sweep of the hours up to another one has begun: the last key that it looked at. */
  readonly begun?: { readonly until: string; readonly after: string };
}

class OrphanSweep {
  listed = 0;
  removed = 0;
  left = 0;
  readonly #client: S3Client;
  readonly #index: SweptIndex;
  readonly #signal: AbortSignal;
  readonly #most: number;
  /** Objects without a row, and the number of keys among which they were found. */
  #orphans: string[] = [];
  #among = 0;

  constructor(client: S3Client, index: SweptIndex, signal: AbortSignal, most: number) {
    this.#client = client;
    this.#index = index;
    this.#signal = signal;
    this.#most = most;
  }

  /** Sweeps the hours before one. Gives false if it stopped earlier. */
  async run(until: string): Promise<boolean> {
    const { swept, begun } = await this.#position();
    // Another process, or one before this, has swept these hours.
    if (!begun && swept >= until) return true;
    const pass = begun ?? { until, after: '' };
    for (const beginning of KEY_BEGINNINGS) {
      // The beginnings before that of the last key have been swept.
      if (beginning < pass.after.slice(0, beginning.length)) continue;
      let after = pass.after.startsWith(beginning) ? pass.after : `${beginning}/${swept}`;
      for (let page = await this.#list(beginning, after); ; page = await this.#list(beginning, after)) {
        const old = page.keys.filter((key) => (hourOfKey(key) ?? NEVER) < pass.until);
        await this.#examine(old);
        after = page.keys.at(-1) ?? after;
        const isOver = !page.isTruncated || after.split('/', 2).join('/') >= `${beginning}/${pass.until}`;
        if (this.#orphans.length >= REMOVED_TOGETHER) await this.#removeOrphans();
        if (this.listed >= this.#most) {
          await this.#removeOrphans();
          await this.#save({ swept, begun: { ...pass, after: isOver ? `${beginning}/~` : after } });
          return false;
        }
        if (isOver) break;
      }
    }
    await this.#removeOrphans();
    await this.#save({ swept: pass.until });
    return pass.until >= until || this.run(until);
  }

  async #list(beginning: string, after: string): Promise<{ keys: string[]; isTruncated: boolean }> {
    const query = {
      'list-type': '2',
      prefix: this.#client.fullKey(`${beginning}/`),
      'start-after': this.#client.fullKey(after),
      'max-keys': `${PAGE}`,
    };
    const { text } = await this.#client.call({ method: 'GET', query }, this.#signal);
    const keys = textsOf(text, 'Key').map((key) => this.#client.ownKey(key));
    this.listed += keys.length;
    return { keys, isTruncated: keys.length > 0 && textOf(text, 'IsTruncated') === 'true' };
  }

  async #examine(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const entered = await this.#index.entered(keys);
    this.#among += keys.length;
    for (const key of keys) if (!entered.has(key)) this.#orphans.push(key);
  }

  async #removeOrphans(): Promise<void> {
    const [orphans, among] = [this.#orphans, this.#among];
    this.#orphans = [];
    this.#among = 0;
    if (orphans.length === 0) return;
    const known = await this.#index.known(orphans.map(sopInstanceOfKey));
    const unknown = orphans.filter((key) => !known.has(sopInstanceOfKey(key)));
    const areLeft = unknown.length > MOST_UNKNOWN && unknown.length > among / 2;
    if (areLeft) this.left += unknown.length;
    for (const key of orphans) {
      if (areLeft && !known.has(sopInstanceOfKey(key))) continue;
      await removeObject(this.#client, key, this.#signal);
      this.removed++;
    }
  }

  async #position(): Promise<Position> {
    try {
      const { text } = await this.#client.call({ method: 'GET', key: POSITION }, this.#signal);
      return JSON.parse(text) as Position;
    } catch (error) {
      if (isMissing(error)) return { swept: '' };
      throw error;
    }
  }

  async #save(position: Position): Promise<void> {
    const body = [Buffer.from(JSON.stringify(position))];
    await this.#client.call({ method: 'PUT', key: POSITION, body }, this.#signal);
  }
}

/** Aborts the uploads of parts that began before an hour. Gives their number. */
async function abortUploads(client: S3Client, until: string, signal: AbortSignal): Promise<number> {
  let aborted = 0;
  let markers: Record<string, string> = {};
  for (let page = 0; page < MOST_PAGES_OF_UPLOADS; page++) {
    const query = { uploads: '', prefix: client.fullKey(''), ...markers };
    const { text } = await client.call({ method: 'GET', query }, signal);
    const ids = textsOf(text, 'UploadId');
    for (const [number, fullKey] of textsOf(text, 'Key').entries()) {
      const [key, uploadId] = [client.ownKey(fullKey), ids[number]];
      if (uploadId === undefined || (hourOfKey(key) ?? NEVER) >= until) continue;
      await removeObject(client, key, signal, { uploadId });
      aborted++;
    }
    const [key, id] = [textOf(text, 'NextKeyMarker'), textOf(text, 'NextUploadIdMarker')];
    if (textOf(text, 'IsTruncated') !== 'true' || !key) break;
    markers = { 'key-marker': key, ...(id && { 'upload-id-marker': id }) };
  }
  return aborted;
}

/** Removes an object, or aborts an upload, unless it does not exist. */
async function removeObject(
  client: S3Client,
  key: string,
  signal: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    await client.call({ method: 'DELETE', key, query }, signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const DAY = 86_400_000;
/** More than arrive in an hour, if sweeps are an hour apart: at 100 million instances a day, 4.2 million do. */
const MOST_LISTED = 5_000_000;
const PAGE = 1000;
const MOST_PAGES_OF_UPLOADS = 100;
const REMOVED_TOGETHER = 1000;
/** Of the objects that are looked at together. */
const MOST_UNKNOWN = 10;
/** After all hours: the key is not that of an instance. */
const NEVER = '~';
/** The key of the position of the sweeps. */
const POSITION = 'sweep.json';
