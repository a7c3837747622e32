// A small server with the S3 interface, for one bucket, whose answers can be made to fail. It keeps objects in memory. Like the
// simplest servers, it refuses conditional writes and the removal of several objects at once.

import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StoredObject {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
}

interface StartedUpload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

/** A request as it arrives. */
export interface ObjectRequest {
  readonly method: string;
  /** Empty for requests to the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** The fault of one request. */
export interface Fault {
  /** It is answered when this settles. */
  readonly after?: Promise<unknown>;
  /** The request has no effect, and gets this answer. */
  readonly status?: number;
  readonly code?: string;
  /** The connection is cut when so many bytes of the body have been received, or of the answer have been sent. */
  readonly cutAfter?: number;
  /** The request has its effect, but the connection is cut instead of an answer. */
  readonly isAnswerLost?: boolean;
  /** The answer is a success that has an error in its body. */
  readonly lateError?: string;
}

export class ObjectServer implements AsyncDisposable {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, StartedUpload>();
  /** The requests that have arrived. */
  readonly requests: ObjectRequest[] = [];
  /** Gives the fault of a request, if it is to have one. */
  fault: (request: ObjectRequest) => Fault | undefined = () => undefined;
  /** Keys of one page of a list. */
  pageLength = 1000;
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<ObjectServer> {
    const server = new ObjectServer();
    await server.listen();
    return server;
  }

  /** Listens, at the same port as before. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening, and cuts all connections. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  get url(): string {
    return `s3://bucket/archive?endpoint=http://127.0.0.1:${this.#port}`;
  }

  /** The methods of the requests that have arrived, each with the name of its operation. */
  get operations(): string[] {
    return this.requests.map(({ method, query }) => {
      const of = ['uploads', 'uploadId', 'list-type'].find((name) => query.has(name));
      return of === undefined ? method : `${method} ${of}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://server');
    const [, , ...rest] = url.pathname.split('/');
    const key = decodeURIComponent(rest.join('/'));
    const asked = { method: request.method ?? '', key, query: url.searchParams, headers: request.headers };
    this.requests.push(asked);
    const fault = this.fault(asked) ?? {};
    const isWriting = asked.method === 'PUT' || asked.method === 'POST';
    const body = await bodyOf(request, isWriting ? fault.cutAfter : undefined);
    await fault.after;
    if (request.destroyed && !request.complete) return;
    if (fault.status !== undefined) return refuse(response, fault.status, fault.code ?? 'InternalError');
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) return refuse(response, 403, 'AccessDenied');
    if (request.headers['if-none-match']) return refuse(response, 501, 'NotImplemented');
    const answer = fault.lateError === undefined ? this.#answer(asked, body) : { ...errorAnswer(200, fault.lateError) };
    if (fault.isAnswerLost) return void response.destroy();
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    if (asked.method === 'HEAD') return void response.end();
    const cut = isWriting ? undefined : fault.cutAfter;
    if (cut === undefined || cut >= answer.body.length) return void response.end(answer.body);
    response.write(answer.body.subarray(0, cut), () => response.destroy());
  }

  #answer(request: ObjectRequest, body: Buffer): Answer {
    const { method, key, query } = request;
    const uploadId = query.get('uploadId');
    if (key === '') return this.#bucketAnswer(request);
    if (method === 'POST' && query.has('uploads')) return this.#startUpload(request);
    if (uploadId !== null) return this.#uploadAnswer(request, uploadId, body);
    if (method === 'PUT') return this.#store(key, body, metadataOf(request));
    if (method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204, headers: {}, body: NOTHING };
    }
    return this.#objectAnswer(request);
  }

  #objectAnswer({ key, headers }: ObjectRequest): Answer {
    const object = this.objects.get(key);
    if (!object) return errorAnswer(404, 'NoSuchKey');
    if (headers['if-match'] && headers['if-match'] !== object.etag) return errorAnswer(412, 'PreconditionFailed');
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const common = { ...object.headers, etag: object.etag };
    if (!headers.range) return { status: 200, headers: common, body: object.body };
    if (from >= object.body.length) return errorAnswer(416, 'InvalidRange');
    const range = { 'content-range': `bytes ${from}-${object.body.length - 1}/${object.body.length}` };
    return { status: 206, headers: { ...common, ...range }, body: object.body.subarray(from) };
  }

  #bucketAnswer({ method, query }: ObjectRequest): Answer {
    if (method === 'HEAD') return { status: 200, headers: {}, body: NOTHING };
    if (method !== 'GET') return errorAnswer(501, 'NotImplemented');
    const prefix = query.get('prefix') ?? '';
    if (query.has('uploads')) {
      const all = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
      const marker = query.get('upload-id-marker');
      const begin = marker === null ? 0 : all.findIndex(([id]) => id === marker) + 1;
      const page = all.slice(begin, begin + this.pageLength);
      const [last] = page.at(-1) ?? [''];
      return document(
        `<ListMultipartUploadsResult><IsTruncated>${begin + page.length < all.length}</IsTruncated>
        <NextKeyMarker>${page.at(-1)?.[1].key ?? ''}</NextKeyMarker><NextUploadIdMarker>${last}</NextUploadIdMarker>
        ${page.map(([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`).join('')}
        </ListMultipartUploadsResult>`,
      );
    }
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const all = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = all.slice(0, Math.min(this.pageLength, Number(query.get('max-keys') ?? this.pageLength)));
    const isTruncated = page.length < all.length;
    return document(
      `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}
      ${isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}</ListBucketResult>`,
    );
  }

  #startUpload(request: ObjectRequest): Answer {
    const id = randomUUID();
    this.uploads.set(id, { key: request.key, headers: metadataOf(request), parts: new Map() });
    return document(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  #uploadAnswer({ method, key, query }: ObjectRequest, uploadId: string, body: Buffer): Answer {
    const upload = this.uploads.get(uploadId);
    if (!upload || upload.key !== key) return errorAnswer(404, 'NoSuchUpload');
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag: etagOf(body) }, body: NOTHING };
    }
    if (method === 'DELETE') {
      this.uploads.delete(uploadId);
      return { status: 204, headers: {}, body: NOTHING };
    }
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
    const parts: Buffer[] = [];
    for (const [index, [, number, etag = '']] of named.entries()) {
      const part = upload.parts.get(Number(number));
      if (!part || etagOf(part) !== etag.replaceAll('&#34;', '"')) return errorAnswer(400, 'InvalidPart');
      if (index < named.length - 1 && part.length < LEAST_PART) return errorAnswer(400, 'EntityTooSmall');
      parts.push(part);
    }
    this.uploads.delete(uploadId);
    this.#store(key, Buffer.concat(parts), upload.headers);
    return document('<CompleteMultipartUploadResult/>');
  }

  #store(key: string, body: Buffer, headers: Readonly<Record<string, string>>): Answer {
    const etag = etagOf(body);
    this.objects.set(key, { body, headers, etag });
    return { status: 200, headers: { etag }, body: NOTHING };
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The body of a request. Never settles if the connection is cut. */
async function bodyOf(request: IncomingMessage, cutAfter: number | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    chunks.push(chunk);
    if (cutAfter !== undefined && length >= cutAfter) request.destroy();
  }
  return Buffer.concat(chunks);
}

function metadataOf({ headers }: ObjectRequest): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-amz-meta-'));
  return Object.fromEntries(kept.map(([name, value]) => [name, `${value}`]));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const { headers, body } = errorAnswer(status, code);
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}

function errorAnswer(status: number, code: string): Answer {
  return { ...document(`<Error><Code>${code}</Code><Message>of the test</Message></Error>`), status };
}

function document(content: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(content) };
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

const NOTHING = Buffer.alloc(0);
const LEAST_PART = 5 * 1024 * 1024;
