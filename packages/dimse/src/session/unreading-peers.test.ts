// Peers that send and never read, against a whole SCP over TCP and TLS, and against a user: each costs a bounded number of
// bytes, and is aborted after the write timeout.

import { connect, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type Association, accept, acceptAssociation, listen, type ProposedContext, requestAssociation } from '@x/net';
import { VirtualClock } from '@x/net/testing';
import { createAuthority } from '@x/testing/certificates';
import { flood, LAST_COMMAND, LAST_DATA, pDataPdu } from '@x/testing/unreading-peer';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import { type CommandSet, encodeCommandSet } from '../message/command-set.ts';
import { C_CANCEL_RQ, cEcho, cFind, cGet, cMove, nGet, RESPONSE } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { performGet, performMove } from '../retrieve/retrieve.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { storageCommitment } from '../services/storage-commitment.ts';
import { createScp, type Scp } from './scp.ts';
import { type Handlers, serve } from './service-class.ts';
import { Session } from './session.ts';
import { verification } from './verification.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const MEBIBYTE = 1024 * 1024;
/** Two batches of the transport (4 MiB each), the response that waits, and the chunk that is being encoded. */
const OUTGOING = 9 * MEBIBYTE;
const context = (abstractSyntax: string, more: Partial<ProposedContext> = {}) => ({
  abstractSyntax,
  transferSyntaxes: [EXPLICIT],
  ...more,
});
const CONTEXTS = [
  context(SopClass.Verification),
  context(SopClass.StudyRootQueryRetrieveInformationModelFind),
  context(SopClass.StudyRootQueryRetrieveInformationModelGet),
  context(SopClass.StudyRootQueryRetrieveInformationModelMove),
  context(SopClass.CTImageStorage, { roles: { scu: false, scp: true } }),
  context(SopClass.StorageCommitmentPushModel),
];
const ECHO = 1;
const FIND = 3;
const GET = 5;
const MOVE = 7;
const COMMITMENT = 11;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function commandPdu(contextId: number, command: Partial<CommandSet>): Buffer {
  const affectedSopClassUid = CONTEXTS[(contextId - 1) / 2]?.abstractSyntax ?? '1.2';
  const complete = { affectedSopClassUid, hasDataSet: false, ...command } as CommandSet;
  return pDataPdu(encodeCommandSet(complete), LAST_COMMAND, contextId);
}

function query(contextId: number, command: Partial<CommandSet>): Buffer {
  const identifier = encodeDataSet({ QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' }, EXPLICIT);
  const request = commandPdu(contextId, { messageId: 1, priority: 0, hasDataSet: true, ...command });
  return Buffer.concat([request, pDataPdu(identifier, LAST_DATA, contextId)]);
}

const many = (count: number, pduOf: (index: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, index) => pduOf(index)));

/** The endless results of the handlers, and how many of them were taken. */
class Archive {
  /** Results of C-FIND and opened instances. */
  taken = 0;
  started = 0;

  readonly find: NonNullable<Handlers<typeof studyRoot>['rawFind']> = async function* (this: Archive) {
    for (; ; this.taken++) yield { identifier: { PatientComments: 'x'.repeat(10_000) } };
  }.bind(this);

  *instances(count: number, length: number) {
    for (let index = 0; index < count; index++)
      yield {
        sopClass: SopClass.CTImageStorage,
        sopInstance: `1.2.${index}`,
        transferSyntax: EXPLICIT,
        data: () => {
          this.taken++;
          return Buffer.alloc(length);
        },
      };
  }
}

interface Peer {
  readonly socket: Socket;
  readonly session: Session;
  readonly association: Association;
  readonly archive: Archive;
  readonly scp: Scp;
}

async function unreading(kind: string, write: number, window = 1): Promise<Peer> {
  const secure = kind === 'TLS';
  const authority = secure ? await createAuthority() : undefined;
  const archive = new Archive();
  const asynchronousOperations = { invoke: window, perform: window };
  const windows = window === 1 ? {} : { asynchronousOperations };
  const count = () => {
    archive.started++;
    return Status.Success;
  };
  const scp = createScp({
    aeTitle: 'SCP',
    calls: [storage],
    services: [
      serve(verification, { echo: count }),
      serve(studyRoot, {
        rawFind: archive.find,
        get: (_, each) => performGet(archive.instances(1000, KERNEL), each, { total: 1000 }),
      }),
      serve(storageCommitment, {}),
    ],
    timeouts: { write },
    ...windows,
    ...(authority && { tls: await authority.issue() }),
  });
  cleanups.push(() => scp.close());
  const opened = new Promise<Session>((resolve) => scp.on('session', resolve));
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const socket: Socket = await new Promise((resolve) => {
    const made: Socket = authority
      ? connectTls({ host: '127.0.0.1', port, ca: authority.cert }, () => resolve(made))
      : connect({ host: '127.0.0.1', port }, () => resolve(made));
  });
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  const names = { callingAeTitle: 'SCU', calledAeTitle: 'SCP' };
  await requestAssociation({ socket, ...names, contexts: CONTEXTS, ...windows });
  socket.removeAllListeners('data').pause();
  const session = await opened;
  return { socket, session, association: session.association, archive, scp };
}

interface Case {
  readonly once?: Buffer;
  /** Written again and again. */
  readonly repeated?: Buffer;
  readonly window?: number;
  /** How many messages may wait to be sent. */
  readonly messages: number;
  /** The most results that may be taken from the archive. The buffers of the system take some. */
  readonly taken?: number;
  /** Whether the requests need no response, so that reading goes on. */
  readonly isRead?: boolean;
  /** How the association ends, if it is not by the write timeout. */
  readonly cause?: object;
}

const FLOOD = { read: 4 * MEBIBYTE, unread: 64 * MEBIBYTE };
/** More than the buffers of the system take. */
const KERNEL = 32 * MEBIBYTE;
const echoes = many(500, (index) => commandPdu(ECHO, { commandField: cEcho.commandField, messageId: 1 + index }));
const find = query(FIND, { commandField: cFind.commandField });
const RELEASE = Buffer.from([5, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
const CASES: Readonly<Record<string, Case>> = {
  'C-ECHO in a window of 16': { repeated: echoes, messages: 16, window: 16 },
  'C-FIND with endless answers': { once: find, messages: 1, taken: KERNEL / 10_000 },
  'C-FIND, and a flood of C-CANCEL for unknown Message IDs': {
    once: find,
    repeated: many(500, (index) =>
      commandPdu(FIND, { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: 2 + index }),
    ),
    messages: 1,
    taken: KERNEL / 10_000,
    isRead: true,
  },
  'C-GET with endless instances': {
    once: query(GET, { commandField: cGet.commandField }),
    messages: 2,
    // The one that is being sent, and those that are opened ahead.
    taken: 4,
  },
  'requests with a Message ID that is in use': {
    once: find,
    repeated: many(500, () => find),
    window: 16,
    messages: 16,
    taken: KERNEL / 10_000,
  },
  'operations without a handler': {
    repeated: many(500, (index) => commandPdu(COMMITMENT, { commandField: nGet.commandField, messageId: 1 + index })),
    messages: 1,
  },
  'unknown commands': {
    repeated: many(500, (index) => commandPdu(ECHO, { commandField: 0x7777, messageId: 1 + index })),
    messages: 1,
  },
  'responses with unknown Message IDs, and an endless C-FIND': {
    once: find,
    repeated: many(500, (index) =>
      commandPdu(FIND, {
        commandField: cFind.commandField | RESPONSE,
        messageIdBeingRespondedTo: index,
        status: 0xff00,
      }),
    ),
    messages: 1,
    taken: KERNEL / 10_000,
    isRead: true,
  },
  'requests, and then a request for release': {
    once: Buffer.concat([find, RELEASE]),
    messages: 1,
    taken: KERNEL / 10_000,
  },
  'data on a presentation context that was not accepted': {
    once: find,
    repeated: many(500, () => commandPdu(99, { commandField: cEcho.commandField, messageId: 7 })),
    messages: 2,
    taken: KERNEL / 10_000,
    isRead: true,
    cause: { message: expect.stringContaining('presentation context 99') },
  },
};

describe.each(['TCP', 'TLS'])('a peer that never reads, over %s,', { timeout: 120_000 }, (kind) => {
  // The layer above TLS is the same: some cases are enough for it.
  const cases = Object.entries(CASES).filter(([, { repeated }]) => kind === 'TCP' || !repeated);
  test.each(cases)('costs little and is aborted: %s', async (_, each) => {
    const { once, repeated, window = 1, messages, taken = 0, isRead = false, cause = { waitingFor: 'write' } } = each;
    const { socket, association, archive } = await unreading(kind, 400, window);
    const most = { messages: 0, bytes: 0 };
    const progress = () => {
      most.messages = Math.max(most.messages, association.sendQueue.messages);
      most.bytes = Math.max(most.bytes, association.sendQueue.bytes);
      return association.connection.traffic.bytesReceived + association.connection.traffic.bytesSent + archive.taken;
    };
    if (once) socket.write(once);
    const written = await flood(
      socket,
      repeated ?? Buffer.alloc(0),
      repeated ? FLOOD[isRead ? 'read' : 'unread'] : 0,
      progress,
    );
    expect(most.messages).toBeLessThanOrEqual(messages);
    expect(most.bytes).toBeLessThanOrEqual(OUTGOING);
    if (repeated && !isRead) expect(written).toBeLessThan(FLOOD.unread);
    expect(archive.taken).toBeLessThanOrEqual(taken);
    expect((await association.closed).error).toMatchObject({ cause });
    for (let turn = 0; turn < 1000 && association.sendQueue.messages > 0; turn++) await nextTurn();
    expect(association.sendQueue.messages).toBe(0);
  });

  test.each([0, 500])('does not delay the end of the SCP that drains for %i ms', async (drain) => {
    const { socket, association, archive, scp } = await unreading(kind, 60_000);
    socket.write(find);
    await flood(socket, Buffer.alloc(0), 0, () => association.connection.traffic.bytesSent + archive.taken);
    using clock = new VirtualClock();
    let report: object | undefined;
    const closing = scp.close({ drain }).then((each) => {
      report = each;
    });
    await clock.advance(drain);
    // The grace for A-ABORT, which the peer does not read either.
    await clock.advance(1000);
    for (let turn = 0; turn < 10_000 && !report; turn++) await nextTurn();
    expect(report).toMatchObject({ finished: 0, aborted: 1 });
    await closing;
  });
});

describe('C-MOVE', () => {
  const destinations = {
    'that reads': async () => {
      const stores = createScp({
        aeTitle: 'DESTINATION',
        services: [
          serve(storage, {
            async store({ data }) {
              for await (const _ of data);
              return Status.Success;
            },
          }),
        ],
      });
      cleanups.push(() => stores.close());
      return stores.listen({ port: 0, host: '127.0.0.1' });
    },
    'that never reads': async () => {
      const listener = await listen(
        { port: 0, host: '127.0.0.1' },
        {
          decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
          serve: async ({ closed }) => void (await closed),
        },
      );
      cleanups.push(() => listener.close());
      return listener;
    },
  };

  test.each([
    ['that reads', 100, 300, 300],
    // Each at most twice.
    ['that never reads', KERNEL, 20, 40],
  ] as const)('of a peer that never reads to a destination %s costs little', async (which, length, count, most) => {
    const { port } = await destinations[which]();
    const archive = new Archive();
    const [one, other] = duplexPair();
    const accepting = acceptAssociation(other, {
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
    });
    await requestAssociation({ socket: one, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts: CONTEXTS });
    const association = (await accepting) as Association;
    one.removeAllListeners('data').pause();
    cleanups.push(() => association.abort());
    const outcomes: string[] = [];
    const destination = { host: '127.0.0.1', port, callingAeTitle: 'SCP', timeouts: { write: 300 } };
    const options = {
      total: count,
      interval: 0,
      onSubOperation: ({ result }: { readonly result: string }) => void outcomes.push(result),
    };
    const move: Handlers<typeof studyRoot>['move'] = (_, each) =>
      performMove(archive.instances(count, length), 'DESTINATION', () => destination, each, options);
    const session = new Session(association, [serve(studyRoot, { move })]);
    one.write(query(MOVE, { commandField: cMove.commandField, moveDestination: 'DESTINATION' }));
    let mostMessages = 0;
    while (outcomes.length < count) {
      mostMessages = Math.max(mostMessages, association.sendQueue.messages);
      await nextTurn();
    }
    expect(new Set(outcomes)).toEqual(new Set([which === 'that reads' ? 'sent' : 'failed']));
    expect(mostMessages).toBeLessThanOrEqual(1);
    expect(archive.taken).toBeLessThanOrEqual(most);
    association.abort();
    await session.ended;
  });
});
