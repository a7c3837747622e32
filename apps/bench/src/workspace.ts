// A folder for sent and received files, in memory if there is room, and the instances that are sent.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';

/** Files to be sent, all in one folder. */
export interface Instances {
  readonly folder: string;
  readonly count: number;
  readonly bytes: number;
}

/** Instances of one study or more. */
export interface Images extends Instances {
  /** The UID of the first study. */
  readonly study: string;
}

/** A data folder of dimse-scp. */
export interface StoredInstances {
  readonly data: string;
  readonly count: number;
  readonly lastStudy: string;
}

export class Workspace {
  readonly path: string;
  #names = 0;

  /** @param room bytes that will be needed; by default it is never in memory */
  constructor(room = Number.POSITIVE_INFINITY) {
    const memory = '/dev/shm';
    this.path = mkdtempSync(join(freeBytes(memory) > room ? memory : tmpdir(), 'bench-'));
  }

  /** Makes a new folder. */
  folder(): string {
    const path = join(this.path, String(++this.#names));
    mkdirSync(path);
    return path;
  }

  /** @throws Error if a folder does not hold all files that were sent, with all bytes except for headers */
  expectWhole(folder: string, { count, bytes }: Pick<Instances, 'count' | 'bytes'>): void {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // The archive's databases are not instances.
      .filter((name) => !/\.db(?:-\w+)?$/.test(name))
      .map((name) => statSync(join(folder, name)))
      .filter((file) => file.isFile());
    const kept = files.reduce((sum, { size }) => sum + size, 0);
    if (files.length !== count || kept < bytes - count * HEADER_LENGTH)
      throw new Error(`${files.length} files of ${kept} bytes were kept, ${count} of ${bytes} were sent`);
  }

  empty(): void {
    for (const name of readdirSync(this.path)) this.remove(join(this.path, name));
  }

  remove(folder = this.path): void {
    rmSync(folder, { recursive: true, force: true });
  }

  /** CT images of `size` × `size` pixels that differ in their UIDs only, divided equally among the studies. */
  async images(count: number, size: number, { studies = 1, first = 0 } = {}): Promise<Images> {
    const image = new NumberedImage(size);
    const folder = this.folder();
    let firstStudy = '';
    for (let index = 0; index < count; index++) {
      const { study } = image.number(first + index, index % studies);
      if (index === 0) firstStudy = study;
      await writeFile(join(folder, `${String(index).padStart(5, '0')}.dcm`), image.bytes);
    }
    return { folder, count, bytes: count * image.bytes.length, study: firstStudy };
  }

  /** A data folder of dimse-scp with small CT images, without an index: 10 in a study of one series. */
  async stored(count: number): Promise<StoredInstances> {
    const image = new NumberedImage(4);
    const data = this.folder();
    for (let index = 0; index < count; index++) {
      const { study, series, instance } = image.number(index, Math.floor(index / 10));
      const folder = join(data, 'instances', study, series);
      if (index % 10 === 0) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${instance}.dcm`), image.bytes);
    }
    return { data, count, lastStudy: image.number(count - 1, Math.floor((count - 1) / 10)).study };
  }

  /** Secondary captures of about this many bytes. @param first the number of the first one, which is in its UIDs */
  async sized(count: number, bytes: number, first = 0): Promise<Instances> {
    const folder = this.folder();
    let sum = 0;
    for (let index = 0; index < count; index++) sum += await writeCapture(folder, bytes, 1 + first + index);
    return { folder, count, bytes: sum };
  }
}

/** A CT image, of which a copy with other UIDs is made by writing over them. */
class NumberedImage {
  readonly bytes: Buffer;
  readonly #places: readonly (readonly [uid: string, places: readonly number[]])[];

  constructor(size: number) {
    const [first] = computedTomographySeries({ slices: 1, size });
    if (!first) throw new Error('the series is empty');
    this.bytes = Buffer.from(first.bytes);
    const { sopInstanceUid, studyInstanceUid, seriesInstanceUid } = first;
    this.#places = [studyInstanceUid, seriesInstanceUid, sopInstanceUid].map((uid) => [uid, placesOf(this.bytes, uid)]);
  }

  number(instance: number, study: number) {
    const numbers = [3_000_000 + study, 4_000_000 + study, 5_000_000 + instance];
    const uids = this.#places.map(([uid, places], index) => {
      const numbered = uid.slice(0, -7) + String(numbers[index]);
      for (const at of places) this.bytes.write(numbered, at, 'latin1');
      return numbered;
    });
    return { study: uids[0] as string, series: uids[1] as string, instance: uids[2] as string };
  }
}

/** Writes a secondary capture with pixel data of the given length. Returns the bytes of the file. */
async function writeCapture(folder: string, bytes: number, number: number): Promise<number> {
  const meta = {
    sopClass: '1.2.840.10008.5.1.4.1.1.7',
    sopInstance: `2.25.1${String(number).padStart(7, '0')}`,
    transferSyntax: '1.2.840.10008.1.2.1',
  };
  const pixels = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57, 0, 0, 0, 0, 0, 0]);
  pixels.writeUInt32LE(bytes, 8);
  const head = Buffer.concat([
    encodeFileMetaInformation(meta),
    uniqueIdentifier(0x0008, 0x0016, meta.sopClass),
    uniqueIdentifier(0x0008, 0x0018, meta.sopInstance),
    uniqueIdentifier(0x0020, 0x000d, '2.25.2'),
    uniqueIdentifier(0x0020, 0x000e, '2.25.3'),
    pixels,
  ]);
  const file = await open(join(folder, `${String(number).padStart(5, '0')}.dcm`), 'wx');
  const block = Buffer.alloc(Math.min(bytes, 1024 * 1024), 'pixel');
  await file.writeFile(head);
  for (let left = bytes; left > 0; left -= block.length)
    await file.write(block.subarray(0, Math.min(left, block.length)));
  await file.close();
  return bytes + head.length;
}

// The meta information of two writers may differ by this many bytes.
const HEADER_LENGTH = 400;

function placesOf(image: Buffer, uid: string): number[] {
  const places: number[] = [];
  for (let at = image.indexOf(uid); at >= 0; at = image.indexOf(uid, at + 1)) places.push(at);
  return places;
}

function uniqueIdentifier(group: number, element: number, uid: string): Buffer {
  const value = Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`);
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(element, 2);
  head.write('UI', 4);
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
