// The upload of one instance while it arrives: in one request if it is short, in parts if it is long.

import type { PositionedSource } from '@x/net';
import { ObjectStoreError } from './object-store-error.ts';
import { completionOf, textOf } from './s3-answers.ts';
import type { S3Client, S3Request } from './s3-client.ts';
import type { PartMemory, UploadMemory } from './upload-memory.ts';

/** The least length of a part that is not the last one, in bytes, by the S3 interface. */
export const PART_LENGTH = 5 * 1024 * 1024;

/** In the metadata of an object: the offset of its data set in bytes. */
export const OFFSET_HEADER = 'x-amz-meta-data-set-offset';

/** Bytes that are filled and then sent. */
interface Part {
  readonly memory: PartMemory;
  readonly blocks: Buffer[];
  /** Bytes in the last block. */
  filled: number;
  length: number;
}

export class ObjectUpload {
  readonly key: string;
  readonly #client: S3Client;
  readonly #memory: UploadMemory;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #ended = new AbortController();
  #part: Part;
  /** The parts that are being sent. */
  readonly #sending = new Set<Promise<void>>();
  readonly #etags: string[] = [];
  #uploadId: string | undefined;
  #length = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Whether there may be an object. */
  #mayExist = false;
  #isComplete = false;

  constructor(
    key: string,
    { client, memory, dataSetOffset }: { client: S3Client; memory: UploadMemory; dataSetOffset: number },
  ) {
    this.key = key;
    this.#client = client;
    this.#memory = memory;
    this.#headers = { 'Content-Type': 'application/dicom', [OFFSET_HEADER]: `${dataSetOffset}` };
    this.#part = this.#newPart();
  }

  /**
   * Takes a copy of the buffers. Settles when there is room for more: it waits for the memory of all uploads, and for earlier
   * parts. @throws ObjectStoreError
   */
  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers)
      for (let at = 0; at < buffer.length; ) {
        if (this.#failure) throw this.#failure.error;
        // Only when more bytes come: the last part must not be empty.
        if (this.#part.length === this.#memory.partLength) await this.#sendPart();
        const taking = this.#room();
        at += this.#copy(buffer.subarray(at), taking instanceof Promise ? await taking : taking);
      }
  }

  /** Its bytes, as long as all of them are in memory; undefined if some have been sent. */
  get source(): PositionedSource | undefined {
    if (this.#uploadId !== undefined) return undefined;
    const blocks = this.#body(this.#part);
    return { length: this.#length, readv: async ([buffer = NOTHING], position) => copyFrom(blocks, position, buffer) };
  }

  /** Completes the object. Further calls do nothing. @throws ObjectStoreError */
  async finish(): Promise<void> {
    if (this.#isComplete) return;
    if (this.#uploadId === undefined) {
      this.#mayExist = true;
      await this.#call({ method: 'PUT', key: this.key, headers: this.#headers, body: this.#body(this.#part) });
    } else {
      await this.#sendPart();
      await Promise.all(this.#sending);
      if (this.#failure) throw this.#failure.error;
      this.#mayExist = true;
      await this.#complete(this.#uploadId);
    }
    this.#isComplete = true;
    this.#part.memory.release();
  }

  /** Ends its requests, and removes what it has stored. Never rejects: the sweep removes what cannot be removed now. */
  async discard(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#sending);
    this.#part.memory.release();
    // A store that does not answer would only delay the response.
    if (this.#failure && isUnanswered(this.#failure.error)) return;
    const { key } = this;
    const removals: Promise<unknown>[] = [];
    if (this.#uploadId !== undefined && !this.#isComplete)
      removals.push(this.#client.call({ method: 'DELETE', key, query: { uploadId: this.#uploadId } }));
    if (this.#mayExist) removals.push(this.#client.call({ method: 'DELETE', key }));
    await Promise.allSettled(removals);
  }

  async #complete(uploadId: string): Promise<void> {
    const body = [Buffer.from(completionOf(this.#etags))];
    const request: S3Request = { method: 'POST', key: this.key, query: { uploadId }, body, answerTimeout: COMPLETION };
    try {
      await this.#call(request);
    } catch (error) {
      // The answer to an earlier attempt may have been lost.
      if (!(error instanceof ObjectStoreError && error.reason === 'NoSuchUpload') || !(await this.#isThere()))
        throw error;
    }
  }

  async #isThere(): Promise<boolean> {
    const { headers } = await this.#call({ method: 'HEAD', key: this.key });
    return Number(headers['content-length']) === this.#length;
  }

  /** Room for bytes of the part: the rest of its last block, or a new one. */
  #room(): Buffer | Promise<Buffer> {
    const { blocks, filled, memory, length } = this.#part;
    const last = blocks.at(-1);
    if (last && filled < last.length) return last.subarray(filled);
    // Small instances need little, and large ones few blocks.
    const size = Math.min(Math.max(SMALLEST_BLOCK, length), LARGEST_BLOCK, this.#memory.partLength - length);
    const taken = memory.take(size);
    const added = () => {
      const block = Buffer.allocUnsafeSlow(size);
      blocks.push(block);
      this.#part.filled = 0;
      return block;
    };
    return taken ? taken.then(added) : added();
  }

  #copy(bytes: Uint8Array, room: Buffer): number {
    const length = Math.min(bytes.length, room.length);
    room.set(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.#part.filled += length;
    this.#part.length += length;
    this.#length += length;
    return length;
  }

  #newPart(): Part {
    return { memory: this.#memory.newPart(), blocks: [], filled: 0, length: 0 };
  }

  #body({ blocks, filled }: Part): Buffer[] {
    return blocks.map((block, index) => (index === blocks.length - 1 ? block.subarray(0, filled) : block));
  }

  /** Sends the part that is in memory, and waits while too many are being sent. */
  async #sendPart(): Promise<void> {
    const { key } = this;
    if (this.#etags.length === MOST_PARTS)
      throw new ObjectStoreError('the instance is too long for the object store', {
        reason: 'EntityTooLarge',
        status: 413,
      });
    if (this.#uploadId === undefined) {
      const { text } = await this.#call({ method: 'POST', key, query: { uploads: '' }, headers: this.#headers });
      this.#uploadId = textOf(text, 'UploadId');
      if (this.#uploadId === undefined)
        throw new ObjectStoreError('the object store gives no upload', { reason: 'NoUploadId', status: 500 });
    }
    const part = this.#part;
    const number = this.#etags.push('');
    const query = { partNumber: `${number}`, uploadId: this.#uploadId };
    const sending = this.#call({ method: 'PUT', key, query, body: this.#body(part) })
      .then(
        ({ headers }) => {
          this.#etags[number - 1] = headers.etag ?? '';
        },
        (error) => this.#failed(error),
      )
      .finally(() => {
        part.memory.release();
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
    this.#part = this.#newPart();
    if (this.#sending.size >= MOST_SENDING) await Promise.race(this.#sending);
  }

  async #call(request: S3Request) {
    try {
      return await this.#client.call(request, this.#ended.signal);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    this.#failure ??= { error };
  }
}

/** Copies the bytes of one block from a position on. */
function copyFrom(blocks: readonly Buffer[], position: number, buffer: Uint8Array): number {
  let at = position;
  for (const block of blocks) {
    if (at < block.length) return block.copy(buffer, 0, at);
    at -= block.length;
  }
  return 0;
}

function isUnanswered(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.status === undefined;
}

const NOTHING = new Uint8Array(0);
const SMALLEST_BLOCK = 64 * 1024;
const LARGEST_BLOCK = 1024 * 1024;
/** Of one instance at once. */
const MOST_SENDING = 2;
/** Of one object, by the S3 interface: 48 GiB. */
const MOST_PARTS = 10_000;
/** In milliseconds: a store may read all parts to complete an object. */
const COMPLETION = 60_000;
