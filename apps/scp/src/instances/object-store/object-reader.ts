// Reads an object from its beginning, with some bytes ahead of its reader. If the connection breaks, the rest is requested.

import type { IncomingMessage } from 'node:http';
import type { ClosablePositionedSource } from '@x/dimse/data-set';
import { ObjectBody } from './object-body.ts';
import { ObjectStoreError } from './object-store-error.ts';
import type { ReadAhead } from './read-ahead.ts';
import type { S3Client } from './s3-client.ts';

export class ObjectReader implements ClosablePositionedSource {
  readonly length: number;
  readonly #key: string;
  readonly #client: S3Client;
  readonly #readAhead: ReadAhead;
  readonly #etag: string | undefined;
  readonly #closed = new AbortController();
  /** Bytes that are taken ahead of the reader, of the memory for all objects. */
  readonly #window: number;
  #body: ObjectBody | undefined;
  /** The first bytes, which are read again when the data set is sent. */
  #head: Uint8Array | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(key: string, client: S3Client, readAhead: ReadAhead, response: IncomingMessage) {
    this.#key = key;
    this.#client = client;
    this.#readAhead = readAhead;
    this.length = lengthOf(response);
    // Some servers give an empty one to objects that were sent in parts.
    this.#etag = response.headers.etag?.replace(/^""$/, '') || undefined;
    this.#window = this.length > WHOLE_LENGTH ? readAhead.take() : 0;
    this.#body = this.#bodyOf(response, 0);
  }

  /** Requests an object. @throws ObjectStoreError, with code `ENOENT` if it does not exist */
  static async open(key: string, client: S3Client, readAhead: ReadAhead): Promise<ObjectReader> {
    const response = await client.retrying(() => client.stream({ method: 'GET', key }));
    try {
      return new ObjectReader(key, client, readAhead, response);
    } catch (error) {
      response.destroy();
      throw error;
    }
  }

  readv(buffers: readonly Uint8Array[], position: number): Promise<number> {
    const reading = this.#last.then(() => this.#read(buffers, position));
    this.#last = reading.catch(() => {});
    return reading;
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new Error('the object is closed'));
    this.#drop();
    this.#readAhead.give(this.#window);
    await this.#last;
  }

  async #read(buffers: readonly Uint8Array[], position: number): Promise<number> {
    this.#closed.signal.throwIfAborted();
    const [first] = buffers.filter(({ length }) => length > 0);
    if (!first || position >= this.length) return 0;
    if (this.length <= WHOLE_LENGTH || position >= HEAD_LENGTH) return this.#readFrom(position, buffers);
    this.#head ??= await this.#readHead();
    const some = this.#head.subarray(position, position + first.length);
    first.set(some);
    return some.length;
  }

  async #readHead(): Promise<Uint8Array> {
    const head = Buffer.allocUnsafeSlow(Math.min(HEAD_LENGTH, this.length));
    for (let at = 0; at < head.length; ) at += await this.#readFrom(at, [head.subarray(at)]);
    return head;
  }

  /** Reads some bytes, at least one. Each call may request the rest of the object several times. */
  #readFrom(position: number, buffers: readonly Uint8Array[]): Promise<number> {
    return this.#client.retrying(async () => {
      this.#closed.signal.throwIfAborted();
      try {
        const body = await this.#bodyAt(position);
        return await body.take(buffers);
      } catch (error) {
        this.#drop();
        throw error;
      }
    }, this.#closed.signal);
  }

  /** The body that is to give the byte at a position next. */
  async #bodyAt(position: number): Promise<ObjectBody> {
    let body = this.#body;
    // A part that is skipped is read if it is short.
    if (!body || body.position > position || position - body.position > SKIPPED) {
      this.#drop();
      body = await this.#request(position);
      this.#body = body;
    }
    while (body.position < position) await body.skip(position - body.position);
    return body;
  }

  async #request(position: number): Promise<ObjectBody> {
    const headers = {
      Range: `bytes=${position}-`,
      ...(this.#etag !== undefined && { 'If-Match': this.#etag }),
    };
    const response = await this.#client.stream({ method: 'GET', key: this.#key, headers }, this.#closed.signal);
    // A server may give the whole object instead.
    const begin = response.statusCode === 206 ? position : 0;
    if (lengthOf(response) === this.length - begin) return this.#bodyOf(response, begin);
    response.destroy();
    throw new ObjectStoreError('the object store gives another part of the object', {
      reason: 'InvalidRange',
      status: 416,
    });
  }

  #bodyOf(response: IncomingMessage, position: number): ObjectBody {
    return new ObjectBody(response, { position, window: this.#window, timeout: this.#client.answerTimeout });
  }

  #drop(): void {
    this.#body?.end();
    this.#body = undefined;
  }
}

/** Objects that are not longer are read as a whole by their callers, in bytes. */
export const WHOLE_LENGTH = 1024 * 1024;
const HEAD_LENGTH = 64 * 1024;
const SKIPPED = 256 * 1024;

function lengthOf({ headers }: IncomingMessage): number {
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (Number.isSafeInteger(length)) return length;
  throw new ObjectStoreError('the object store does not say how long an object is', {
    reason: 'NoLength',
    status: 500,
  });
}
