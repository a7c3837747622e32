// Signed requests to an object store with the S3 interface. It is used in the way that the simplest servers understand: whole
// bodies of known length, no conditional writes, no removal of several objects at once.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { sign as signRequest } from 'aws4';
import { isObjectStoreUnavailable, ObjectStoreError } from './object-store-error.ts';
import type { ObjectStoreKeys, ObjectStorePlace } from './object-store-url.ts';
import { textOf } from './s3-answers.ts';

export interface S3Limits {
  /** Milliseconds without progress after which a request fails, from 1 on. Default: 10 s. */
  readonly answerTimeout?: number;
  /** The number of times that a request is made, from 1 on. Default: 4. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled before each further one. Default: 200 ms. */
  readonly pause?: number;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Relative to the prefix. Absent for requests to the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Must not change until the request has ended. */
  readonly body?: readonly Uint8Array[];
  /** Replaces that of the limits. */
  readonly answerTimeout?: number;
}

export interface S3Answer {
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export class S3Client implements Disposable {
  readonly place: ObjectStorePlace;
  readonly #keys: ObjectStoreKeys;
  readonly #sign: typeof signRequest;
  readonly #limits: Required<S3Limits>;
  readonly #agent: HttpAgent | HttpsAgent;

  private constructor(place: ObjectStorePlace, keys: ObjectStoreKeys, limits: S3Limits, sign: typeof signRequest) {
    this.place = place;
    this.#keys = keys;
    this.#sign = sign;
    this.#limits = { answerTimeout: 10_000, attempts: 4, pause: 200, ...limits };
    const Agent = this.#isSecure ? HttpsAgent : HttpAgent;
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: MOST_IDLE });
  }

  /** Loads the library that signs: an archive with folders does not need it. */
  static async open(place: ObjectStorePlace, keys: ObjectStoreKeys, limits: S3Limits = {}): Promise<S3Client> {
    const { sign } = (await import('aws4')).default;
    return new S3Client(place, keys, limits, sign);
  }

  /** The key of an object in the bucket. */
  fullKey(key: string): string {
    return this.place.prefix === '' ? key : `${this.place.prefix}/${key}`;
  }

  /** The key of an object below the prefix. */
  ownKey(fullKey: string): string {
    return fullKey.slice(this.fullKey('').length);
  }

  /** A request and its whole answer. @throws ObjectStoreError; the reason of the signal */
  call(request: S3Request, signal?: AbortSignal): Promise<S3Answer> {
    return this.retrying(async () => {
      const response = await this.#send(request, signal);
      const text = await textOfBody(response, signal);
      // The answer to a request that takes long begins before its outcome is known.
      if (text.includes('<Error>')) throw errorOf(response.statusCode ?? 0, text);
      return { headers: response.headers, text };
    }, signal);
  }

  /**
   * One attempt at a request, of whose answer the caller reads the body, and sets its timeouts.
   * @throws ObjectStoreError; the reason of the signal
   */
  async stream(request: S3Request, signal?: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#send(request, signal);
    response.socket.setTimeout(0);
    return response;
  }

  /** Makes an attempt again, after a pause, if its error may be transient. */
  async retrying<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const begun = performance.now();
    for (let count = 1; ; count++) {
      try {
        return await attempt();
      } catch (error) {
        signal?.throwIfAborted();
        if (!isObjectStoreUnavailable(error) || count >= this.#limits.attempts || performance.now() - begun > RETRYING)
          throw error;
        // At random, so that the requests of many associations do not come at the same time.
        const length = this.#limits.pause * 2 ** (count - 1) * (0.5 + Math.random());
        await pause(length, undefined, signal && { signal });
      }
    }
  }

  get answerTimeout(): number {
    return this.#limits.answerTimeout;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  get #isSecure(): boolean {
    return this.place.endpoint.protocol === 'https:';
  }

  /** Settles with a successful answer when its head has arrived. */
  async #send(request: S3Request, signal?: AbortSignal): Promise<IncomingMessage> {
    signal?.throwIfAborted();
    const response = await this.#answer(request, signal);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw errorOf(statusCode, await textOfBody(response, signal).catch(() => ''));
  }

  #answer(request: S3Request, signal?: AbortSignal): Promise<IncomingMessage> {
    const { body = [], answerTimeout = this.#limits.answerTimeout } = request;
    const options = { ...this.#signed(request), agent: this.#agent, timeout: answerTimeout, ...(signal && { signal }) };
    return new Promise((resolve, reject) => {
      const sent = this.#isSecure ? httpsRequest(options) : httpRequest(options);
      const failed = (cause: unknown) => {
        if (signal?.aborted) reject(signal.reason);
        else if (cause instanceof ObjectStoreError) reject(cause);
        else reject(new ObjectStoreError('the object store cannot be reached', { reason: 'UNANSWERED', cause }));
      };
      sent.on('error', failed);
      sent.on('timeout', () => sent.destroy(unanswered(answerTimeout)));
      sent.on('response', (response) => {
        // An error of the connection is found by the reader of the body; without a listener it would end the process.
        response.on('error', () => {});
        // A refusal may come before the whole body has been sent: the connection cannot be used again then.
        response.on('close', () => {
          if (!sent.writableFinished) sent.destroy();
        });
        resolve(response);
      });
      for (const piece of body) sent.write(piece);
      sent.end();
    });
  }

  #signed({ method, key, query = {}, headers = {}, body }: S3Request) {
    const { endpoint, bucket, region, isPathStyle } = this.place;
    const path = `${isPathStyle ? `/${bucket}` : ''}${key === undefined ? '' : `/${this.fullKey(key)}`}` || '/';
    const text = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const length = body?.reduce((sum, piece) => sum + piece.length, 0);
    return this.#sign(
      {
        ...{ service: 's3', region, method, path: text === '' ? path : `${path}?${text}` },
        // A name in brackets is an IPv6 address.
        hostname: `${isPathStyle ? '' : `${bucket}.`}${endpoint.hostname.replace(/^\[|\]$/g, '')}`,
        ...(endpoint.port && { port: endpoint.port }),
        headers: {
          ...headers,
          Host: `${isPathStyle ? '' : `${bucket}.`}${endpoint.host}`,
          ...(length !== undefined && { 'Content-Length': length, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }),
        },
      },
      this.#keys,
    );
  }
}

/** A body as text. @throws ObjectStoreError if it is cut short or too long; the reason of the signal */
async function textOfBody(response: IncomingMessage, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_ANSWER) throw new RangeError('an answer of the object store is too long');
      chunks.push(chunk);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ObjectStoreError('the answer of the object store is cut short', { reason: 'CUT_SHORT', cause });
  }
  return Buffer.concat(chunks).toString();
}

/** The error of an answer that is not a success. */
function errorOf(status: number, text: string): ObjectStoreError {
  const code = textOf(text, 'Code') ?? `HTTP${status}`;
  const message = textOf(text, 'Message') ?? '';
  // The bucket may be missing, too.
  const isMissing = status === 404 && code !== 'NoSuchBucket' && code !== 'NoSuchUpload';
  return new ObjectStoreError(`the object store answers ${status} ${code}${message && `: ${message}`}`.slice(0, 500), {
    reason: isMissing ? 'ENOENT' : code,
    // An error after the head of a success.
    status: status >= 200 && status < 300 ? 500 : status,
  });
}

export function unanswered(milliseconds: number): ObjectStoreError {
  return new ObjectStoreError(`the object store has made no progress for ${milliseconds} ms`, { reason: 'UNANSWERED' });
}

/** Connections that are kept open for later requests. */
const MOST_IDLE = 64;
/** In milliseconds: an attempt is not made again later than this after the first one, because a peer waits for its response. */
const RETRYING = 15_000;
/** The longest answers are lists of 1,000 keys. */
const LONGEST_ANSWER = 4 * 1024 * 1024;
