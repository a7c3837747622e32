// STOW-RS (PS3.18 §10.5) in front of a DIMSE archive: instances in a multipart request are sent on by C-STORE.

import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Dicer } from '@fastify/busboy';
import { storeInstances } from '@x/dimse';
import fastify from 'fastify';

const { DICOM_HOST = '127.0.0.1', DICOM_PORT = '104', ARCHIVE = 'ARCHIVE', AE_TITLE = 'DICOMWEB' } = process.env;
const { HOST = '127.0.0.1', PORT = '8080' } = process.env;
const peer = { host: DICOM_HOST, port: Number(DICOM_PORT), callingAeTitle: AE_TITLE, calledAeTitle: ARCHIVE };
/** Bounds of a request. */
const [MOST_PARTS, MOST_BYTES] = [2000, 4 * 1024 ** 3];

const app = fastify({ requestTimeout: 600_000 });
// The route reads the body as a stream.
app.addContentTypeParser('multipart/related', (_request, _body, done) => done(null));

const stow = async (request: { raw: IncomingMessage; headers: IncomingMessage['headers']; params: unknown }) => {
  const { study } = request.params as { study?: string };
  const folder = mkdtempSync(join(tmpdir(), 'stow-'));
  try {
    const paths = await partsOf(request.raw, request.headers['content-type'] ?? '', folder);
    const [stored, failed]: [object[], object[]] = [[], []];
    for await (const { path, sopClass, sopInstance, result, status } of storeInstances(paths, peer)) {
      const reference = { '00081150': ui(sopClass), '00081155': ui(sopInstance) };
      if (result === 'sent' || result === 'warning') stored.push(reference);
      // 0110H: processing failure, also of a part that is not an instance.
      else failed.push({ ...reference, '00081197': { vr: 'US', Value: [status ?? 0x0110] } });
      console.log(`${result} ${sopInstance ?? path}`);
    }
    const code = failed.length === 0 ? 200 : stored.length === 0 ? 409 : 202;
    return { code, study, body: { '00081199': sq(stored), ...(failed.length > 0 && { '00081198': sq(failed) }) } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const path of ['/studies', '/studies/:study'])
  app.post(path, async (request, reply) => {
    const { code, body } = await stow(request);
    return reply.code(code).type('application/dicom+json').send(JSON.stringify(body));
  });
console.log(`listening on ${await app.listen({ host: HOST, port: Number(PORT) })}, storing to ${ARCHIVE}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close());

/** Writes each part to a file: DICOM files are read twice, once to plan the association. */
async function partsOf(request: IncomingMessage, type: string, folder: string): Promise<string[]> {
  const boundary = /boundary="?([^";]+)/i.exec(type)?.[1];
  if (!boundary) throw failure(400, 'the boundary is missing');
  const [parts, files]: [Readable[], Promise<string>[]] = [[], []];
  let bytes = 0;
  const parser = new Dicer({ boundary });
  parser.on('part', (part: Readable) => {
    const path = join(folder, `${parts.push(part)}.dcm`);
    if (parts.length > MOST_PARTS) parser.destroy(failure(413, `more than ${MOST_PARTS} parts`));
    const written = pipeline(part, createWriteStream(path)).then(() => path);
    written.catch((error) => parser.destroy(error));
    files.push(written);
  });
  request.on('data', ({ length }: Buffer) => {
    bytes += length;
    if (bytes > MOST_BYTES) parser.destroy(failure(413, `more than ${MOST_BYTES} bytes`));
  });
  try {
    // The parser ends after its last part, not when all is written, so that `pipeline` does not know its end.
    await new Promise((resolve, reject) => {
      request.once('error', reject).pipe(parser).once('finish', resolve).once('error', reject);
    });
    return await Promise.all(files);
  } catch (error) {
    for (const part of parts) part.destroy();
    throw failure(400, String(error), error);
  }
}

/** An error that fastify answers with a status; one that has a status keeps it. */
function failure(statusCode: number, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { statusCode, ...(cause as object | undefined) });
}

function ui(uid = '') {
  return { vr: 'UI', Value: [uid] };
}

function sq(items: readonly object[]) {
  return { vr: 'SQ', Value: items };
}
