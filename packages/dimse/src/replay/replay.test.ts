import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CapturedPdu, createCapture, readConversations } from '@x/net/capture';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { get } from '../retrieve/get-instances.ts';
import { performGet } from '../retrieve/retrieve.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { openSession } from '../session/scu.ts';
import { type Service, serve } from '../session/service-class.ts';
import { verification } from '../session/verification.ts';
import { replayConversations } from './replay.ts';

const CT = SopClass.CTImageStorage;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const pixels = Buffer.alloc(700_000, 'pixels');

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Kept {
  readonly calling: string;
  readonly sopInstance: string;
  readonly bytes: Buffer;
}

/** An archive that keeps the instances it receives, or answers as the test tells it. */
async function archive(kept: Kept[], answer: number = Status.Success, ...others: Service[]) {
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    calls: [storage],
    services: [
      serve(verification, { echo: () => answer }),
      serve(
        storage,
        {
          async store({ sopInstance, data }, { callingAeTitle }) {
            const parts: Uint8Array[] = [];
            for await (const part of data) parts.push(part);
            kept.push({ calling: callingAeTitle, sopInstance, bytes: Buffer.concat(parts) });
            return answer;
          },
        },
        { transferSyntaxes: 'any', roles: { scu: true, scp: true } },
      ),
      ...others,
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  return { host: '127.0.0.1', port };
}

/** A recorded conversation: one C-ECHO, two C-STORE and one C-FIND. */
async function recorded(address: { host: string; port: number }, ending: 'release' | 'abort' = 'release') {
  const path = join(folder, 'conversation.pcapng');
  const capture = await createCapture(path);
  const session = await openSession({
    ...address,
    callingAeTitle: 'MODALITY',
    calledAeTitle: 'ARCHIVE',
    services: [verification, storage, studyRoot],
    contexts: [
      { abstractSyntax: SopClass.Verification, transferSyntaxes: [EXPLICIT] },
      { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelFind, transferSyntaxes: [EXPLICIT] },
      { abstractSyntax: CT, transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian, EXPLICIT] },
    ],
    onConnection: capture.watch,
  });
  await session.use(verification).echo();
  const [context] = [...session.association.contexts.values()].filter(({ abstractSyntax }) => abstractSyntax === CT);
  for (const sopInstance of ['1.1', '1.2'])
    await session
      .use(storage)
      .store({ sopClass: CT, sopInstance, transferSyntax: context?.transferSyntax ?? '', data: pixels })
      .catch(() => {});
  if (ending === 'release') await session.release();
  else session.abort();
  await session.association.connection.disconnected;
  await capture.close();
  return path;
}

async function replayed(path: string, address: { host: string; port: number }, options = {}) {
  const all = [];
  const conversations = readConversations(createReadStream(path));
  for await (const one of replayConversations(conversations, { ...address, ...options })) all.push(one);
  return all.map(({ conversation, command, status, recordedStatus, error }) => ({
    conversation,
    command: command.commandField,
    status,
    recordedStatus,
    ...(error && { error: error.name }),
  }));
}

test('sends the recorded requests and data again and reports the same statuses', async () => {
  const path = await recorded(await archive([]));
  const kept: Kept[] = [];
  const outcomes = await replayed(path, await archive(kept));
  expect(outcomes).toEqual(
    [0x0030, 0x0001, 0x0001].map((command) => ({ conversation: 1, command, status: 0, recordedStatus: 0 })),
  );
  expect(kept.map(({ calling, sopInstance }) => `${calling} ${sopInstance}`)).toEqual(['MODALITY 1.1', 'MODALITY 1.2']);
  for (const { bytes } of kept) expect(bytes.equals(pixels)).toBe(true);
});

test('reports a status that differs from the recorded one with both', async () => {
  const path = await recorded(await archive([]));
  const outcomes = await replayed(path, await archive([], 0xa700), { callingAeTitle: 'TESTER' });
  expect(outcomes).toEqual(
    [0x0030, 0x0001, 0x0001].map((command) => ({ conversation: 1, command, status: 0xa700, recordedStatus: 0 })),
  );
});

test('fails only the requests whose context is not accepted', async () => {
  const path = await recorded(await archive([]));
  const scp = createScp({ aeTitle: 'ARCHIVE', services: [serve(verification, { echo: () => 0 })] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const outcomes = await replayed(path, { host: '127.0.0.1', port });
  expect(outcomes.map(({ status, error }) => status ?? error)).toEqual([0, 'NoContextError', 'NoContextError']);
});

test('reports a peer that cannot be reached with each request', async () => {
  const path = await recorded(await archive([]));
  const gone = await archive([]);
  await closed.pop()?.();
  const outcomes = await replayed(path, gone);
  expect(outcomes).toHaveLength(3);
  for (const { error, recordedStatus } of outcomes) expect([error, recordedStatus]).toEqual(['NotConnectedError', 0]);
});

test('does not send data whose transfer syntax the record does not contain', async () => {
  const path = await recorded(await archive([]));
  async function* requestorOnly(): AsyncGenerator<CapturedPdu> {
    for await (const said of readConversations(createReadStream(path)))
      if (!('fault' in said) && said.byRequestor) yield said;
  }
  const kept: Kept[] = [];
  const outcomes = [];
  for await (const { status, error } of replayConversations(requestorOnly(), await archive(kept)))
    outcomes.push(status ?? error?.name);
  expect([outcomes, kept]).toEqual([[0, 'NoContextError', 'NoContextError'], []]);
});

test('waits for the final response after pending ones', async () => {
  const find = serve(studyRoot, {
    async *rawFind() {
      for (let index = 0; index < 3; index++) yield { identifier: { StudyInstanceUID: `1.${index}` } };
    },
  });
  const address = await archive([], 0, find);
  const path = join(folder, 'find.pcapng');
  const capture = await createCapture(path);
  const peer = { ...address, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' };
  const session = await openSession({ ...peer, services: [studyRoot], onConnection: capture.watch });
  await session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'STUDY' } }).final;
  await session.release();
  await session.association.connection.disconnected;
  await capture.close();
  expect(await replayed(path, address)).toEqual([{ conversation: 1, command: 0x0020, status: 0, recordedStatus: 0 }]);
});

test('accepts sub-operations, so that a C-GET can end', async () => {
  const kinds = { sopClass: CT, transferSyntax: EXPLICIT, data: pixels };
  const instances = ['1.1', '1.2'].map((sopInstance) => ({ ...kinds, sopInstance }));
  const service = serve(studyRoot, {
    async *get(_, context) {
      return yield* performGet(instances, context);
    },
  });
  const address = await archive([], 0, service);
  const path = join(folder, 'get.pcapng');
  const capture = await createCapture(path);
  const peer = { ...address, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' };
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1' };
  const retrieval = get({ ...peer, identifier, sopClasses: [CT], onConnection: capture.watch });
  for await (const { sopInstance } of retrieval) expect(sopInstance).toMatch(/^1\./);
  await capture.close();
  expect(retrieval.report.completed).toBe(2);
  expect(await replayed(path, address)).toEqual([{ conversation: 1, command: 0x0010, status: 0, recordedStatus: 0 }]);
});

test('ends if the record ends within a request', async () => {
  const path = await recorded(await archive([]), 'abort');
  async function* cut(): AsyncGenerator<CapturedPdu> {
    for await (const said of readConversations(createReadStream(path))) {
      if ('fault' in said) return;
      if (said.pdu.type === 'P-DATA-TF' && said.pdu.values.some(({ kind, last }) => kind === 'data' && last)) return;
      yield said;
    }
  }
  const kept: Kept[] = [];
  const outcomes = [];
  for await (const { status } of replayConversations(cut(), await archive(kept))) outcomes.push(status);
  expect([outcomes, kept]).toEqual([[0], []]);
});

test('aborts a silent peer after the response timeout', async () => {
  const path = await recorded(await archive([]));
  const silent = createScp({
    aeTitle: 'ARCHIVE',
    services: [serve(verification, { echo: (_, { signal }) => once(signal, 'abort').then(() => 0) })],
  });
  const { port } = await silent.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => silent.close());
  const [first] = await replayed(path, { host: '127.0.0.1', port }, { responseTimeout: 100 });
  expect(first).toMatchObject({ recordedStatus: 0, error: 'AssociationAbortedError' });
});
