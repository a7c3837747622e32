// Tier 2: connections used PDU by PDU, in both roles; and that associations send nothing past them.

import { createServer, type Server } from 'node:net';
import { encodePdu, type Pdu, PduError } from '@x/pdu';
import { afterEach, expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { listen } from '../association/listen.ts';
import { requestAssociation } from '../association/request.ts';
import { openTransport } from '../transport/dial.ts';
import { UpperLayerConnection } from './connection.ts';

const REQUEST: Pdu = {
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  applicationContextName: '1.2.840.10008.3.1.1.1',
  presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  userInformation: { maximumLength: 16_384, implementationClassUid: '1.2.3' },
};
const ACCEPT: Pdu = {
  ...REQUEST,
  type: 'A-ASSOCIATE-AC',
  presentationContexts: [{ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' }],
};
const REJECT: Pdu = { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 7 };
const data = (byte: number): Pdu => ({
  type: 'P-DATA-TF',
  values: [{ contextId: 1, kind: 'command', last: true, fragments: [Buffer.alloc(20, byte)] }],
});

let server: Server | undefined;
afterEach(() => server?.close());

/** A user's and a provider's connection, over TCP. */
async function connections(): Promise<{ user: UpperLayerConnection; provider: UpperLayerConnection }> {
  const listening = createServer().listen(0, '127.0.0.1');
  server = listening;
  const accepted = new Promise<UpperLayerConnection>((resolve) =>
    listening.once('connection', (socket) => resolve(new UpperLayerConnection(socket, 'acceptor'))),
  );
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as { port: number };
  const transport = await openTransport({ host: '127.0.0.1', port }, { connect: 1000, handshake: 1000 });
  const user = new UpperLayerConnection(transport, 'requestor');
  return { user, provider: await accepted };
}

async function receive(connection: UpperLayerConnection): Promise<Pdu | undefined> {
  const { value } = await connection.next();
  return value;
}

test('every PDU can be sent and received, and changes the state', async () => {
  const { user, provider } = await connections();
  const order: string[] = [];
  provider.on('bytes', (chunk) => order.push(`${chunk.length} bytes`));
  provider.on('pdu', (direction, { type }) => order.push(`${direction} ${type}`));
  provider.on('transition', ({ to }) => order.push(to));
  expect([user.state, provider.state]).toEqual(['Sta1', 'Sta2']);

  await user.send(REQUEST);
  expect(await receive(provider)).toMatchObject({ type: 'A-ASSOCIATE-RQ', callingAeTitle: 'SCU' });
  // Listeners see the bytes first, then the PDU, then the change of state.
  const length = encodePdu(REQUEST).reduce((sum, { length }) => sum + length, 0);
  expect(order.splice(0)).toEqual([`${length} bytes`, 'received A-ASSOCIATE-RQ', 'Sta3']);
  expect([user.state, provider.state, user.isAssociated]).toEqual(['Sta5', 'Sta3', false]);

  await provider.send(ACCEPT);
  expect(await receive(user)).toMatchObject({ type: 'A-ASSOCIATE-AC' });
  expect([user.state, provider.state, user.isAssociated, provider.isAssociated]).toEqual(['Sta6', 'Sta6', true, true]);

  await user.send(data(1));
  await provider.send(data(2));
  expect(await receive(provider)).toMatchObject(data(1));
  expect(await receive(user)).toMatchObject(data(2));

  await user.send({ type: 'A-RELEASE-RQ' });
  expect(await receive(provider)).toEqual({ type: 'A-RELEASE-RQ' });
  expect([user.state, provider.state]).toEqual(['Sta7', 'Sta8']);
  // The provider may still send.
  await provider.send(data(3));
  expect(await receive(user)).toMatchObject(data(3));
  await provider.send({ type: 'A-RELEASE-RP' });
  expect(await receive(user)).toEqual({ type: 'A-RELEASE-RP' });
  expect((await user.next()).done).toBe(true);
  expect(await user.closed).toEqual({ how: 'released', by: 'local' });
  expect(await provider.closed).toEqual({ how: 'released', by: 'peer' });
});

test('a rejection, and an abort from either side, can be sent', async () => {
  const rejected = await connections();
  await rejected.user.send(REQUEST);
  await receive(rejected.provider);
  await rejected.provider.send(REJECT);
  expect(await receive(rejected.user)).toEqual(REJECT);
  expect(await rejected.user.closed).toMatchObject({ how: 'rejected', by: 'peer', error: { reason: 7 } });
  server?.close();
  for (const side of ['user', 'provider'] as const) {
    const both = await connections();
    await both.user.send(REQUEST);
    await receive(both.provider);
    await both[side].send({ type: 'A-ABORT', source: 0, reason: 0 });
    const other = both[side === 'user' ? 'provider' : 'user'];
    expect(await other.closed).toMatchObject({ how: 'aborted', by: 'peer', error: { source: 0, reason: 0 } });
    server?.close();
  }
});

test('a PDU that the state does not allow is rejected without sending', async () => {
  const { user, provider } = await connections();
  for (const pdu of [data(1), ACCEPT, REJECT, { type: 'A-RELEASE-RQ' }, { type: 'A-RELEASE-RP' }] as const)
    await expect(user.send(pdu)).rejects.toMatchObject({ name: 'StateError', state: 'Sta1' });
  expect(user.traffic.bytesSent).toBe(0);
  user.destroy();
  await provider.closed;
});

test('sendRaw sends bytes unchanged, and the peer handles them', async () => {
  const { user, provider } = await connections();
  await user.sendRaw(Buffer.concat(encodePdu(REQUEST)), { unsafe: true });
  expect(await receive(provider)).toMatchObject({ type: 'A-ASSOCIATE-RQ' });
  expect([user.state, provider.state]).toEqual(['Sta1', 'Sta3']);
  await user.sendRaw(Uint8Array.of(0xff), { unsafe: true });
  expect(await provider.closed).toMatchObject({ how: 'aborted', by: 'local', error: { reason: 1 } });
  expect(user.isConnected).toBe(true);
  user.destroy();
  await user.disconnected;
  expect([user.isConnected, user.isAssociated]).toEqual([false, false]);
  await user.closed;
  await expect(user.sendRaw(Uint8Array.of(1), { unsafe: true })).rejects.toMatchObject({ name: 'ConnectionLostError' });
});

test('intercept changes or drops received PDUs', async () => {
  const { user, provider } = await connections();
  const seen: string[] = [];
  provider.on('pdu', (direction, { type }) => seen.push(`${direction} ${type}`));
  provider.intercept = (pdu) => {
    if (pdu.type === 'A-ASSOCIATE-RQ') return { ...pdu, callingAeTitle: 'OTHER' };
    return pdu.type === 'P-DATA-TF' && pdu.values[0]?.fragments[0]?.[0] === 1 ? undefined : pdu;
  };
  await user.send(REQUEST);
  expect(await receive(provider)).toMatchObject({ type: 'A-ASSOCIATE-RQ', callingAeTitle: 'OTHER' });
  await provider.send(ACCEPT);
  await receive(user);
  await user.send(data(1));
  await user.send(data(2));
  expect(await receive(provider)).toMatchObject(data(2));
  // Listeners see the PDUs as they were received.
  expect(seen.filter((each) => each === 'received P-DATA-TF').length).toBe(2);
  user.abort();
  await provider.closed;
});

test('an error thrown by intercept aborts the association', async () => {
  for (const [error, abort] of [
    [new Error('a mistake'), { source: 0, reason: 0 }],
    [new PduError('invalid-parameter-value', 'not for us'), { source: 2, reason: 6 }],
  ] as const) {
    const { user, provider } = await connections();
    await user.send(REQUEST);
    await receive(provider);
    await provider.send(ACCEPT);
    await receive(user);
    provider.intercept = () => {
      throw error;
    };
    await user.send(data(1));
    expect(await user.closed).toMatchObject({ how: 'aborted', by: 'peer', error: abort });
    expect(await provider.closed).toMatchObject({ how: 'aborted', by: 'local', error: { cause: error } });
    server?.close();
  }
});

test('every byte and PDU of an association passes its connection', async () => {
  const seen = { sent: [] as Buffer[], received: [] as Buffer[], pdus: [] as Pdu[] };
  const wire: Buffer[] = [];
  await using listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      onConnection: (connection) => connection.on('bytes', (chunk) => wire.push(Buffer.from(chunk))),
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      serve: async (association) => {
        for await (const { last } of association.receive())
          if (last) await association.send(1, { command: Buffer.alloc(4) });
      },
    },
  );
  const association = await requestAssociation({
    host: '127.0.0.1',
    port: listener.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    onConnection: (connection) => {
      connection.on('written', (buffers) => seen.sent.push(...buffers.map((each) => Buffer.from(each))));
      connection.on('bytes', (chunk) => seen.received.push(Buffer.from(chunk)));
      connection.on('pdu', (direction, pdu) => {
        if (direction === 'sent') seen.pdus.push(structuredClone(pdu));
      });
    },
  });
  await association.send(1, { command: Buffer.alloc(30, 1), data: Buffer.alloc(700_000, 2) });
  await association.nextValue();
  await association.release();
  await association.connection.disconnected;
  const sent = Buffer.concat(seen.sent);
  expect(sent.equals(Buffer.concat(wire))).toBe(true);
  expect(association.connection.traffic).toEqual({
    bytesSent: sent.length,
    bytesReceived: Buffer.concat(seen.received).length,
  });
  expect(Buffer.concat(seen.pdus.flatMap((pdu) => encodePdu(pdu))).equals(sent)).toBe(true);
  expect(new Set(seen.pdus.map(({ type }) => type))).toEqual(new Set(['A-ASSOCIATE-RQ', 'P-DATA-TF', 'A-RELEASE-RQ']));
});
