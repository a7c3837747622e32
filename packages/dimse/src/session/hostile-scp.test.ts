// A peer that floods a user: with requests, with responses, with both, without reading. The user holds a bounded number of
// bytes and reads nothing more.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Association, accept, listen } from '@x/net';
import { LAST_COMMAND, LAST_DATA, pDataPdu } from '@x/testing/unreading-peer';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import { type CommandSet, encodeCommandSet } from '../message/command-set.ts';
import { RequestError } from '../message/errors.ts';
import { C_CANCEL_RQ, cEcho, cFind, nEventReport, RESPONSE } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storageCommitment } from '../services/storage-commitment.ts';
import { EventDelivery } from '../workflow/event-delivery/event-delivery.ts';
import { openSession } from './scu.ts';
import { serve } from './service-class.ts';
import type { Session } from './session.ts';
import { DEFAULT_SESSION_LIMITS } from './session-options.ts';
import { verification } from './verification.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const MEBIBYTE = 1024 * 1024;
/** The PDUs that wait, and the chunk that filled them. */
const INCOMING = 2 * MEBIBYTE;
const FIND = SopClass.StudyRootQueryRetrieveInformationModelFind;
const COMMITMENT = SopClass.StorageCommitmentPushModel;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function messagePdus(command: Partial<CommandSet>, data?: Uint8Array): Buffer {
  const complete = { hasDataSet: data !== undefined, ...command } as CommandSet;
  const pdus = [pDataPdu(encodeCommandSet(complete), LAST_COMMAND)];
  // As many PDUs as the maximum length of the user requires.
  for (let start = 0; data && start < data.length; start += 200_000) {
    const end = Math.min(start + 200_000, data.length);
    pdus.push(pDataPdu(data.subarray(start, end), end === data.length ? LAST_DATA : 0));
  }
  return Buffer.concat(pdus);
}

const many = (count: number, pduOf: (index: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, index) => pduOf(index)));

const pending = (length: number) =>
  messagePdus(
    { commandField: cFind.commandField | RESPONSE, messageIdBeingRespondedTo: 1, status: Status.Pending },
    encodeDataSet({ PatientComments: 'x'.repeat(length) }, EXPLICIT),
  );
const event = (index: number) =>
  messagePdus(
    {
      commandField: nEventReport.commandField,
      messageId: 1 + (index % 1000),
      affectedSopClassUid: COMMITMENT,
      affectedSopInstanceUid: '1.2',
      eventTypeId: 1,
    },
    encodeDataSet({ TransactionUID: '1.2.3' }, EXPLICIT),
  );

/** A provider that runs `behave` on each association and never pulls what it receives. */
async function provider(behave: (association: Association) => Promise<void>, window = 1) {
  const windows = window === 1 ? {} : { asynchronousOperations: window };
  const served: Association[] = [];
  const listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide: () =>
        accept({ supports: () => ({ transferSyntaxes: 'any', roles: { scu: true, scp: true } }), ...windows }),
      serve: async (association) => {
        served.push(association);
        await behave(association).catch(() => {});
        await association.closed;
      },
    },
  );
  cleanups.push(() => listener.close());
  const { port } = listener;
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP', ...windows };
  return { peer, served };
}

const flooding = (bytes: Uint8Array) => async (association: Association) => {
  for (;;) await association.connection.sendRaw(bytes, { unsafe: true });
};

/** Waits until nothing moves, and tells the most that was held. */
async function calm({ association }: Session, count: () => number = () => 0, most = Number.POSITIVE_INFINITY) {
  let [messages, bytes] = [0, 0];
  const { traffic } = association.connection;
  for (let still = 0, before = -1; still < 300 && association.connection.traffic.bytesReceived < most; ) {
    messages = Math.max(messages, association.sendQueue.messages);
    bytes = Math.max(bytes, association.sendQueue.bytes);
    await nextTurn();
    const { bytesReceived, bytesSent } = association.connection.traffic;
    const now = bytesReceived + bytesSent + count();
    still = now === before ? still + 1 : 0;
    before = now;
  }
  const received = association.connection.traffic.bytesReceived - traffic.bytesReceived;
  return { messages, bytes, received };
}

describe('pending responses without end to a user that never takes them', { timeout: 60_000 }, () => {
  test.each([
    ['small', 100, 64 * 300 + INCOMING],
    [
      'as long as a data set may be',
      10 * MEBIBYTE,
      DEFAULT_SESSION_LIMITS.maximumQueuedLength + 16 * MEBIBYTE + INCOMING,
    ],
  ])('are read up to the bound: %s', async (_, length, most) => {
    const { peer } = await provider(flooding(pending(length)));
    const session = await openSession({ ...peer, services: [studyRoot], contexts: contextsOf(FIND) });
    session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'STUDY' } });
    const { received } = await calm(session);
    expect(received).toBeLessThan(most);
    session.abort();
    await session.ended;
  });

  test('that awaits another call behind them fail at the bound, and the other call goes on', async () => {
    const { peer } = await provider(async (association) => {
      const { connection } = association;
      for (let index = 0; index < 20; index++) await connection.sendRaw(pending(MEBIBYTE), { unsafe: true });
      const echo = { commandField: cFind.commandField | RESPONSE, messageIdBeingRespondedTo: 2, status: 0 };
      await connection.sendRaw(messagePdus(echo), { unsafe: true });
    }, 2);
    const session = await openSession({
      ...peer,
      services: [studyRoot],
      contexts: contextsOf(FIND),
      maximumQueuedLength: 4 * MEBIBYTE,
    });
    const user = session.use(studyRoot);
    const left = user.find({ identifier: { QueryRetrieveLevel: 'STUDY' } });
    const other = user.find({ identifier: { QueryRetrieveLevel: 'STUDY' } });
    expect(await other.final).toMatchObject({ status: Status.Success });
    await expect(left.final).rejects.toThrow('4 responses are queued and not taken');
    session.abort();
    await session.ended;
  });
});

function contextsOf(abstractSyntax: string) {
  return [{ abstractSyntax, transferSyntaxes: [EXPLICIT], roles: { scu: true, scp: true } }];
}

describe('a flood by the provider that a user answers or ignores', { timeout: 60_000 }, () => {
  test.each([
    ['N-EVENT-REPORT', many(500, event), 1, true],
    ['N-EVENT-REPORT in a window of 16', many(500, event), 16, true],
    [
      'C-ECHO, which the user does not serve',
      many(500, (index) =>
        messagePdus({ commandField: cEcho.commandField, messageId: 1 + index, affectedSopClassUid: COMMITMENT }),
      ),
      1,
      true,
    ],
    [
      'responses for unknown Message IDs',
      many(500, (index) =>
        messagePdus(
          { commandField: nEventReport.commandField | RESPONSE, messageIdBeingRespondedTo: index, status: 0 },
          Buffer.alloc(100),
        ),
      ),
      1,
      false,
    ],
    [
      'C-CANCEL for unknown Message IDs',
      many(500, (index) => messagePdus({ commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: index })),
      1,
      false,
    ],
  ])('holds few bytes: %s', async (_, bytes, window, isAnswered) => {
    const { peer } = await provider(flooding(bytes), window);
    let handled = 0;
    const service = serve(storageCommitment, {
      eventReport: () => {
        handled++;
        return Status.Success;
      },
    });
    const session = await openSession({ ...peer, services: [], serves: [service], contexts: contextsOf(COMMITMENT) });
    // 100,000 messages that need no response are read and forgotten.
    const { messages, bytes: held } = await calm(session, () => handled, 100_000 * (bytes.length / 500));
    expect(messages).toBeLessThanOrEqual(isAnswered ? window : 0);
    expect(held).toBeLessThanOrEqual(MEBIBYTE);
    expect(session.association.isEstablished).toBe(true);
    session.abort();
    await session.ended;
  });
});

test('calls to a provider that never reads wait within the window', { timeout: 60_000 }, async () => {
  const { peer } = await provider(async () => {}, 0);
  const session = await openSession({ ...peer, services: [verification] });
  const user = session.use(verification);
  const calls = Promise.allSettled(Array.from({ length: 66_000 }, () => user.echo()));
  const { messages, bytes } = await calm(session);
  // One for each Message ID.
  expect(messages).toBeLessThanOrEqual(65_535);
  expect(bytes).toBeLessThanOrEqual(128 * MEBIBYTE);
  expect(session.outstanding).toBe(66_000);
  session.abort();
  for (const { status, ...rest } of await calls) {
    expect(status).toBe('rejected');
    expect((rest as { reason: unknown }).reason).toBeInstanceOf(RequestError);
  }
  await expect.poll(() => session.association.sendQueue.messages, { timeout: 10_000 }).toBe(0);
});

test('events for a peer that never reads wait in the queue, one on the way', { timeout: 60_000 }, async () => {
  const { peer, served } = await provider(async () => {});
  const timeouts = { response: 200 };
  const delivery = new EventDelivery({ resolvePeer: () => ({ ...peer, timeouts }), firstDelay: 1 });
  cleanups.push(() => delivery.close());
  // First on the association of the peer, then on associations of its own, one at a time.
  const session = await openSession({ ...peer, services: [], contexts: contextsOf(COMMITMENT), timeouts });
  for (let index = 0; index < 1000; index++)
    await delivery.deliver(
      {
        peer: 'SCP',
        sopClass: COMMITMENT,
        sopInstance: '1.2',
        eventType: 1,
        information: { TransactionUID: `1.2.${index}` },
      },
      session,
    );
  const { messages } = await calm(session);
  expect(messages).toBeLessThanOrEqual(1);
  expect((await session.association.closed).error).toMatchObject({ cause: { waitingFor: 'response' } });
  while (served.length < 4) {
    expect(served.filter(({ isEstablished }) => isEstablished).length).toBeLessThanOrEqual(2);
    for (const { connection } of served.slice(1)) expect(connection.traffic.bytesReceived).toBeLessThan(2000);
    await nextTurn();
  }
});
