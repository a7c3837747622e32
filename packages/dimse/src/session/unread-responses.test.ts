// Peers that send requests and do not read the responses. The messages that wait to be sent stay within the window.

import { connect, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type Association, accept, acceptAssociation, type LocalOptions, requestAssociation } from '@x/net';
import { createAuthority } from '@x/testing/certificates';
import { flood, LAST_COMMAND, LAST_DATA, pDataPdu } from '@x/testing/unreading-peer';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import { type CommandSet, encodeCommandSet } from '../message/command-set.ts';
import { C_CANCEL_RQ, cEcho, cFind } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { createScp } from './scp.ts';
import { defineServiceClass, type Handlers, serve } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';
import { verification } from './verification.ts';

const UID = SopClass.Verification;
const CONTEXT = { abstractSyntax: UID, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] };
const mixed = defineServiceClass({
  name: 'Mixed',
  operations: { echo: cEcho, find: cFind },
  sopClasses: { Mixed: { uid: UID, operations: ['echo', 'find'] } },
});
// The bytes of one response with its PDU header, rounded up, and of the objects that hold it.
const RESPONSE_LENGTH = 256 + 1024;

const open = new Set<{ destroy(): void }>();
afterEach(() => {
  for (const each of open) each.destroy();
  open.clear();
});

/** A command as one P-DATA-TF PDU. */
function commandPdu(command: Partial<CommandSet>): Buffer {
  const complete = { affectedSopClassUid: UID, hasDataSet: false, ...command } as CommandSet;
  return pDataPdu(encodeCommandSet(complete), LAST_COMMAND);
}

const pdus = (count: number, commandOf: (index: number) => Partial<CommandSet>) =>
  Buffer.concat(Array.from({ length: count }, (_, index) => commandPdu(commandOf(index))));
const echo = (index: number) => ({ commandField: cEcho.commandField, messageId: 1 + (index % 1000) });

interface Options {
  readonly window?: number;
  readonly handlers?: Handlers<typeof mixed>;
  readonly session?: SessionOptions;
  readonly acceptor?: LocalOptions;
}

/** A peer in memory that has an association and does not read. */
async function unreading({ window = 1, handlers, session: options, acceptor }: Options = {}) {
  const [one, other] = duplexPair();
  const asynchronousOperations = { invoke: window, perform: window };
  const windows = window === 1 ? {} : { asynchronousOperations };
  const accepting = acceptAssociation(other, {
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }), ...windows }),
    ...acceptor,
  });
  const request = { callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts: [CONTEXT], ...windows };
  await requestAssociation({ socket: one, ...request });
  const association = (await accepting) as Association;
  one.removeAllListeners('data').pause();
  let started = 0;
  const count = () => {
    started++;
    return Status.Success;
  };
  const session = new Session(
    association,
    [
      serve(mixed, {
        echo: count,
        ...handlers,
      }),
    ],
    options,
  );
  open.add(one).add(other);
  return { peer: one, association, session, started: () => started };
}

describe('requests of a peer that does not read the responses', () => {
  test.each([
    ['C-ECHO', 1, echo],
    ['C-ECHO', 16, echo],
    ['C-ECHO', 0, echo],
    ['an operation without a handler', 16, (index: number) => ({ ...echo(index), commandField: cFind.commandField })],
    ['an unknown command', 16, (index: number) => ({ ...echo(index), commandField: 0x7777 })],
  ])('are not read if responses fill the window: %s, window of %i', async (_, window, commandOf) => {
    const { peer, association, started } = await unreading({ window });
    const { connection } = association;
    const progress = () => connection.traffic.bytesReceived;
    let mostMessages = 0;
    let mostBytes = 0;
    connection.on('bytes', () => {
      mostMessages = Math.max(mostMessages, association.sendQueue.messages);
      mostBytes = Math.max(mostBytes, association.sendQueue.bytes);
    });
    await flood(peer, pdus(500, commandOf), 8 * 1024 * 1024, progress);
    const places = window || 1024;
    mostMessages = Math.max(mostMessages, association.sendQueue.messages);
    expect(mostMessages).toBeLessThanOrEqual(places);
    expect(mostBytes).toBeLessThanOrEqual(places * RESPONSE_LENGTH + 64 * 1024);
    // The requests that were answered, the inbox, and the chunk that filled it.
    expect(progress()).toBeLessThan(2 * 1024 * 1024);
    expect(started()).toBeLessThan(places + (2 * 1024 * 1024) / 80);
    association.abort();
  });
});

test.each(['TCP', 'TLS'])('a peer that never reads meets backpressure over %s', { timeout: 60_000 }, async (kind) => {
  const authority = await createAuthority();
  const secure = kind === 'TLS';
  let started = 0;
  const count = () => {
    started++;
    return Status.Success;
  };
  const scp = createScp({
    aeTitle: 'SCP',
    services: [
      serve(verification, {
        echo: count,
      }),
    ],
    ...(secure && { tls: await authority.issue() }),
  });
  let session: Session | undefined;
  scp.on('session', (each) => {
    session = each;
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const socket: Socket = await new Promise((resolve) => {
    const address = { host: '127.0.0.1', port };
    const made: Socket = secure
      ? connectTls({ ...address, ca: authority.cert }, () => resolve(made))
      : connect(address, () => resolve(made));
  });
  open.add(socket);
  await requestAssociation({ socket, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts: [CONTEXT] });
  socket.removeAllListeners('data').pause();
  const { association } = session as unknown as Session;
  let most = 0;
  association.connection.on('bytes', () => {
    most = Math.max(most, association.sendQueue.messages);
  });
  const received = () => association.connection.traffic.bytesReceived;
  const bytes = await flood(socket, pdus(800, echo), 64 * 1024 * 1024, received);
  expect(most).toBeLessThanOrEqual(1);
  // The rest is in the buffers of the system.
  expect(bytes).toBeLessThan(48 * 1024 * 1024);
  expect(started).toBeLessThan(500_000);
  socket.destroy();
  await scp.close();
});

test('aborts a peer that never reads after the write timeout', async () => {
  const { peer, association, session } = await unreading({ window: 16, acceptor: { timeouts: { write: 50 } } });
  const flooding = flood(peer, pdus(500, echo), 4 * 1024 * 1024, () => association.connection.traffic.bytesReceived);
  const { error } = await association.closed;
  expect(error).toMatchObject({ cause: { waitingFor: 'write' } });
  expect(association.connection.traffic.bytesReceived).toBeLessThan(2 * 1024 * 1024);
  await Promise.all([flooding, session.ended]);
  for (let turn = 0; turn < 1000 && association.sendQueue.messages > 0; turn++) await nextTurn();
  expect(association.sendQueue.messages).toBe(0);
});

test('asks for the next pending response when the last was taken, and sees C-CANCEL meanwhile', async () => {
  let asked = 0;
  let cancelled: (() => void) | undefined;
  const seen = new Promise<void>((resolve) => {
    cancelled = resolve;
  });
  const { peer, association } = await unreading({
    handlers: {
      async *find(_, { signal }) {
        signal.addEventListener('abort', () => cancelled?.());
        for (;;) {
          asked++;
          yield { identifier: { PatientID: '1'.repeat(64) } };
        }
      },
    },
  });
  const identifier = encodeDataSet({ PatientID: '1' }, TransferSyntax.ExplicitVRLittleEndian);
  peer.write(commandPdu({ commandField: cFind.commandField, messageId: 1, priority: 0, hasDataSet: true }));
  peer.write(pDataPdu(identifier, LAST_DATA));
  for (let before = -1, calm = 0; calm < 200; calm = asked === before ? calm + 1 : 0, before = asked) await nextTurn();
  expect(association.sendQueue.messages).toBe(1);
  expect(asked).toBeLessThan(1000);
  peer.write(commandPdu({ commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: 1 }));
  await seen;
  association.abort();
});

test.each([1, 16])('answers requests in both directions at once in windows of %i', async (window) => {
  const windows = { asynchronousOperations: window };
  const [one, other] = duplexPair();
  const roles = { scu: true, scp: true };
  const accepting = acceptAssociation(other, {
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any', roles }), ...windows }),
  });
  const contexts = [{ ...CONTEXT, roles }];
  const ours = await requestAssociation({ socket: one, callingAeTitle: 'A', calledAeTitle: 'B', contexts, ...windows });
  const theirs = (await accepting) as Association;
  // 32 pending responses of 10 kB on each of the calls, which is more than the streams hold.
  const provider = serve(mixed, {
    echo: () => Status.Success,
    async *find() {
      for (let index = 0; index < 32; index++)
        yield { identifier: { PatientID: '1', PatientComments: 'x'.repeat(10_000) } };
    },
  });
  const sessions = [ours, theirs].map((association) => new Session(association, [provider]));
  const counts = await Promise.all(
    sessions.flatMap((session) =>
      Array.from({ length: 3 * window }, async () => {
        const user = session.use(mixed);
        let count = 0;
        for await (const _ of user.find({ identifier: { PatientID: '1', PatientComments: 'y'.repeat(10_000) } }))
          count++;
        for (let index = 0; index < 20; index++) await user.echo();
        return count;
      }),
    ),
  );
  expect(counts).toEqual(Array(6 * window).fill(32));
  await sessions[0]?.release();
  await Promise.all(sessions.map(({ ended }) => ended));
});
