// WADO-RS (PS3.18 §10.4) in front of a DIMSE archive: instances are retrieved by C-GET and streamed as they arrive.

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { get, isUid, type ReceivedInstance } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import fastify from 'fastify';

const { DICOM_HOST = '127.0.0.1', DICOM_PORT = '104', ARCHIVE = 'ARCHIVE', AE_TITLE = 'DICOMWEB' } = process.env;
const { HOST = '127.0.0.1', PORT = '8080' } = process.env;
const peer = { host: DICOM_HOST, port: Number(DICOM_PORT), callingAeTitle: AE_TITLE, calledAeTitle: ARCHIVE };
/** The requests that may be served at once: each has an association. */
const MOST_RETRIEVALS = 8;
let retrievals = 0;

const app = fastify();
const levels = ['/studies/:study', '/series/:series', '/instances/:instance'];
for (const depth of [1, 2, 3])
  app.get(levels.slice(0, depth).join(''), async (request, reply) => {
    const { study, series, instance } = request.params as Record<string, string | undefined>;
    if (![study, series, instance].every((uid) => uid === undefined || isUid(uid))) return reply.code(400).send();
    if (retrievals >= MOST_RETRIEVALS) return reply.code(503).header('retry-after', '5').send();
    const identifier = {
      QueryRetrieveLevel: ['STUDY', 'SERIES', 'IMAGE'][depth - 1],
      StudyInstanceUID: study,
      ...(series && { SeriesInstanceUID: series }),
      ...(instance && { SOPInstanceUID: instance }),
    };
    // A client that goes away ends the retrieval with C-CANCEL.
    const gone = new AbortController();
    retrievals++;
    reply.raw.once('close', () => {
      retrievals--;
      gone.abort();
    });
    const instances = get({ ...peer, identifier, signal: gone.signal })[Symbol.asyncIterator]();
    const boundary = randomUUID();
    const first = await instances.next();
    if (first.done) return reply.code(404).send();
    const type = `multipart/related; type="application/dicom"; boundary=${boundary}`;
    return reply.type(type).send(Readable.from(partsOf(first.value, instances, boundary)));
  });
console.log(`listening on ${await app.listen({ host: HOST, port: Number(PORT) })}, retrieving from ${ARCHIVE}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close());

/** The body: the next instance is taken from the archive when the client has taken the one before. */
async function* partsOf(
  first: ReceivedInstance,
  rest: AsyncIterator<ReceivedInstance>,
  boundary: string,
): AsyncGenerator<Uint8Array | string> {
  let count = 0;
  try {
    for (let next: IteratorResult<ReceivedInstance> = { value: first }; !next.done; next = await rest.next()) {
      const { sopClass, sopInstance, transferSyntax, data } = next.value;
      yield `--${boundary}\r\nContent-Type: application/dicom; transfer-syntax=${transferSyntax}\r\n\r\n`;
      yield encodeFileMetaInformation({ sopClass, sopInstance, transferSyntax });
      yield* data;
      yield '\r\n';
      count++;
    }
    yield `--${boundary}--\r\n`;
  } finally {
    await rest.return?.();
    console.log(`${count} instances`);
  }
}
