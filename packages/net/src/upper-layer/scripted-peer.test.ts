// Reactions to peers that break the protocol.

import { type AssociateRequest, encodePdu, type Pdu } from '@x/pdu';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Association, accept, type Listener, listen, requestAssociation } from '../index.ts';
import { callPort, listenWith, type ScriptedPeer } from '../testing/scripted-peer.ts';

const CONTEXT = { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] };
const bytesOf = (pdu: Pdu) => Buffer.concat(encodePdu(pdu));
const request = (change: Partial<AssociateRequest> = {}): Buffer =>
  bytesOf({
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'SCP',
    callingAeTitle: 'SCU',
    presentationContexts: [{ id: 1, ...CONTEXT }],
    userInformation: { maximumLength: 16384 },
    ...change,
  });
const data = (contextId = 1) =>
  bytesOf({ type: 'P-DATA-TF', values: [{ contextId, kind: 'data', last: true, fragments: [Buffer.from('data')] }] });
const RELEASE_RQ = bytesOf({ type: 'A-RELEASE-RQ' });
const RELEASE_RP = bytesOf({ type: 'A-RELEASE-RP' });
const ABORT = bytesOf({ type: 'A-ABORT', source: 0, reason: 0 });
const REJECT = bytesOf({ type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 1 });
const acceptance = (change: object = {}) =>
  bytesOf({
    type: 'A-ASSOCIATE-AC',
    protocolVersion: 1,
    calledAeTitle: 'SCP',
    callingAeTitle: 'SCU',
    presentationContexts: [{ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' }],
    userInformation: { maximumLength: 16384, ...change },
  });

/** The source and reason of an A-ABORT; other PDUs in hexadecimal. */
const abortOf = (pdu: Buffer | undefined) => (pdu?.[0] === 7 ? [pdu[8], pdu[9]] : pdu?.toString('hex'));

let listener: Listener;
let associations: Association[];
beforeEach(async () => {
  associations = [];
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      maximumLength: 16384,
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      timeouts: { artim: 200 },
      serve: async (association) => {
        associations.push(association);
        for await (const _ of association.receive());
      },
    },
  );
});
afterEach(() => listener.close().then(() => {}));

async function associated(change: Partial<AssociateRequest> = {}): Promise<ScriptedPeer> {
  const peer = await callPort(listener.port);
  peer.send(request(change));
  expect((await peer.nextPdu())?.[0]).toBe(2);
  return peer;
}

describe('an acceptor answers', () => {
  // Before there is an association, AA-1 aborts as the service user; after that, AA-8 as the provider.
  test.each<[what: string, bytes: Buffer]>([
    ['P-DATA-TF before the association', data()],
    ['A-RELEASE-RQ before the association', RELEASE_RQ],
    ['A-RELEASE-RP before the association', RELEASE_RP],
    ['A-ASSOCIATE-AC', acceptance()],
    ['A-ASSOCIATE-RJ', REJECT],
    ['a PDU of an unknown type', Buffer.from([0x09, 0, 0, 0, 0, 4, 0, 0, 0, 0])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a PDU of 2 GiB', Buffer.from([1, 0, 0x80, 0, 0, 0])],
  ])('%s with A-ABORT by the service user', async (_, bytes) => {
    const peer = await callPort(listener.port);
    peer.send(bytes);
    expect(abortOf(await peer.nextPdu())).toEqual([0, 0]);
    peer.end();
  });

  test.each<[what: string, bytes: Buffer, reason: number]>([
    ['a second A-ASSOCIATE-RQ', request(), 2],
    ['A-ASSOCIATE-AC', acceptance(), 2],
    ['A-ASSOCIATE-RJ', REJECT, 2],
    ['A-RELEASE-RP', RELEASE_RP, 2],
    ['a PDU of an unknown type', Buffer.from([0x77]), 1],
    ['a P-DATA-TF longer than announced', Buffer.from([4, 0, 0, 0, 0x40, 1]), 6],
    ['a P-DATA-TF of 2 GiB', Buffer.from([4, 0, 0x80, 0, 0, 0]), 6],
    ['a value longer than its PDU', Buffer.from([4, 0, 0, 0, 0, 6, 0, 0, 0, 9, 1, 0]), 6],
    ['a fragment on a context that was not negotiated', data(3), 5],
  ])('%s in an association with A-ABORT by the provider', async (_, bytes, reason) => {
    const peer = await associated();
    peer.send(bytes);
    expect(abortOf(await peer.nextPdu())).toEqual([2, reason]);
    peer.end();
    expect(await associations[0]?.closed).toMatchObject({ how: 'aborted', by: 'local', error: { source: 2, reason } });
  });

  test('an item that overruns its PDU with A-ABORT', async () => {
    const bytes = request();
    bytes.writeUInt16BE(0xffff, 6 + 68 + 2);
    const peer = await callPort(listener.port);
    peer.send(bytes);
    expect(abortOf(await peer.nextPdu())).toEqual([0, 0]);
  });

  test('an unsupported protocol version, application context or maximum length with A-ASSOCIATE-RJ', async () => {
    for (const [change, answer] of [
      [{ protocolVersion: 2 }, [1, 2, 2]],
      [{ applicationContextName: '1.2.3' }, [1, 1, 2]],
      [{ userInformation: { maximumLength: 1 } }, [1, 3, 2]],
      [{ userInformation: { maximumLength: 6 } }, [1, 3, 2]],
      [{ userInformation: { maximumLength: 7 } }, [1, 3, 2]],
    ] as const) {
      const peer = await callPort(listener.port);
      peer.send(request(change));
      const pdu = await peer.nextPdu();
      expect([pdu?.[0], ...(pdu?.subarray(7) ?? [])]).toEqual([3, ...answer]);
      peer.end();
    }
  });

  test('an unlimited or huge maximum length with PDUs of bounded length', async () => {
    for (const maximumLength of [0, 0xffffffff]) {
      const peer = await associated({ userInformation: { maximumLength } });
      const association = associations.at(-1) as Association;
      await association.send(1, { command: Buffer.alloc(10), data: Buffer.alloc(3_000_000) });
      peer.send(ABORT);
      let longest = 0;
      for (let pdu = await peer.nextPdu(); pdu; pdu = await peer.nextPdu()) longest = Math.max(longest, pdu.length);
      expect(longest).toBeLessThanOrEqual(1024 * 1024 + 6);
    }
  });

  test('unknown items by accepting and keeping them', async () => {
    const unknownItems = [{ type: 0x5a, data: Buffer.from('unknown') }];
    await associated({
      unknownItems: [{ type: 0x77, data: Buffer.from('item') }],
      userInformation: { maximumLength: 16384, unknownItems },
    });
    const { request: received } = associations[0] as Association;
    expect(received.unknownItems?.map(({ data: bytes }) => Buffer.from(bytes).toString())).toEqual(['item']);
    expect(received.userInformation.unknownItems?.map(({ data: bytes }) => Buffer.from(bytes).toString())).toEqual([
      'unknown',
    ]);
  });

  test('contexts with even ids by accepting them', async () => {
    const peer = await associated({ presentationContexts: [{ id: 2, ...CONTEXT }] });
    peer.send(data(2), RELEASE_RQ);
    expect(await peer.nextPdu()).toEqual(RELEASE_RP);
  });

  test('silence by closing the transport when ARTIM expires', async () => {
    const peer = await callPort(listener.port);
    await peer.closed();
    await expect.poll(() => listener.connections).toBe(0);
  });

  test('nothing to a peer that connects and closes, without an error', async () => {
    const failures: unknown[] = [];
    listener.on('failed', (error) => failures.push(error));
    const peer = await callPort(listener.port);
    peer.end();
    await peer.closed();
    await expect.poll(() => listener.connections).toBe(0);
    expect(failures).toEqual([]);
  });
});

describe('an association ends', () => {
  test('released, if the peer sends A-RELEASE-RQ and then resets', async () => {
    const peer = await associated();
    peer.send(RELEASE_RQ);
    expect(await peer.nextPdu()).toEqual(RELEASE_RP);
    peer.reset();
    expect(await associations[0]?.closed).toEqual({ how: 'released', by: 'peer' });
    await expect.poll(() => listener.connections).toBe(0);
  });

  test('lost, if the peer closes in the middle', async () => {
    const peer = await associated();
    peer.send(data().subarray(0, 8));
    peer.end();
    expect(await associations[0]?.closed).toMatchObject({
      how: 'lost',
      error: { name: 'ConnectionLostError', during: 'Sta6' },
    });
  });

  test('aborted, if the peer aborts instead of answering a release', async () => {
    const peer = await associated();
    const released = associations[0]?.release();
    released?.catch(() => {});
    expect(await peer.nextPdu()).toEqual(RELEASE_RQ);
    peer.send(ABORT);
    await expect(released).rejects.toMatchObject({ name: 'AssociationAbortedError', by: 'peer' });
  });
});

describe('a requestor', () => {
  const ask = (port: number, timeouts: object = {}) =>
    requestAssociation({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'SCU',
      calledAeTitle: 'SCP',
      contexts: [CONTEXT],
      timeouts: { association: 2000, ...timeouts },
    });

  test.each<[what: string, answer: Buffer, abort: readonly number[], message: string]>([
    ['A-ASSOCIATE-RQ', request(), [2, 2], 'A-ASSOCIATE-RQ came in Sta5'],
    ['P-DATA-TF', data(), [2, 2], 'P-DATA-TF came in Sta5'],
    ['A-RELEASE-RP', RELEASE_RP, [2, 2], 'A-RELEASE-RP came in Sta5'],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), [2, 1], 'speaks HTTP, not DICOM'],
    ['a TLS alert', Buffer.from([0x15, 3, 3, 0, 2, 2, 80]), [2, 1], 'speaks TLS, not DICOM'],
    ['an acceptance with a maximum length of 6', acceptance({ maximumLength: 6 }), [0, 0], 'maximum length of 6 bytes'],
  ])('that is answered with %s aborts and fails with the reason', async (_, answer, abort, message) => {
    let answered: Promise<Buffer | undefined> | undefined;
    const server = await listenWith(async (peer) => {
      await peer.nextPdu();
      peer.send(answer);
      answered = peer.nextPdu();
    });
    await expect(ask(server.port)).rejects.toThrow(message);
    expect(abortOf(await answered)).toEqual(abort);
    await server.close();
  });

  test.each<[what: string, script: (peer: ScriptedPeer) => void, error: object]>([
    ['closes', (peer) => peer.end(), { name: 'ConnectionLostError', during: 'Sta5' }],
    ['resets', (peer) => peer.reset(), { name: 'ConnectionLostError', during: 'Sta5' }],
    ['aborts', (peer) => peer.send(ABORT), { name: 'AssociationAbortedError', by: 'peer' }],
    ['rejects', (peer) => peer.send(REJECT), { name: 'AssociationRejectedError', result: 1 }],
  ])('whose peer %s fails with the matching error', async (_, script, error) => {
    const server = await listenWith(async (peer) => {
      await peer.nextPdu();
      script(peer);
    });
    await expect(ask(server.port)).rejects.toMatchObject(error);
    await server.close();
  });

  test('sees the contexts that the peer accepted', async () => {
    const server = await listenWith(async (peer) => {
      await peer.nextPdu();
      peer.send(acceptance());
      await peer.nextPdu();
      peer.send(RELEASE_RP);
    });
    const association = await ask(server.port);
    expect([...association.contexts.keys()]).toEqual([1]);
    await association.release();
    await server.close();
  });
});
