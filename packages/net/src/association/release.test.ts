// A release that waits ends by abort, signal or loss, in every state of Table 9-10 that waits (PS3.8 §7.2).

import { encodePdu, type Pdu } from '@x/pdu';
import { afterEach, describe, expect, test } from 'vitest';
import { type Association, requestAssociation } from '../index.ts';
import { listenWith, type ScriptedPeer } from '../testing/scripted-peer.ts';
import { associatedPair } from './pair.ts';

const bytesOf = (pdu: Pdu) => Buffer.concat(encodePdu(pdu));
const ACCEPT = bytesOf({
  type: 'A-ASSOCIATE-AC',
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  presentationContexts: [{ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' }],
  userInformation: { maximumLength: 16384 },
});
const RELEASE_RQ = bytesOf({ type: 'A-RELEASE-RQ' });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An association without a release timeout, with a peer that does not answer. */
async function withSilentPeer(): Promise<readonly [Association, ScriptedPeer]> {
  let associate: (peer: ScriptedPeer) => void;
  const associated = new Promise<ScriptedPeer>((resolve) => {
    associate = resolve;
  });
  const server = await listenWith(async (peer) => {
    await peer.nextPdu();
    peer.send(ACCEPT);
    associate(peer);
  });
  closers.push(() => server.close());
  const association = await requestAssociation({
    host: '127.0.0.1',
    port: server.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    timeouts: { release: 0, artim: 0, write: 0 },
  });
  return [association, await associated];
}

/** The conditions that a release may wait for, and how to reach them. */
const WAITS: Readonly<Record<string, (association: Association, peer: ScriptedPeer) => Promise<void>>> = {
  'A-RELEASE-RP, in Sta7': async ({ connection }) => {
    await expect.poll(() => connection.state).toBe('Sta7');
  },
  'A-RELEASE-RP after a collision, in Sta11': async ({ connection }, peer) => {
    expect(await peer.nextPdu()).toEqual(RELEASE_RQ);
    peer.send(RELEASE_RQ);
    await expect.poll(() => connection.state).toBe('Sta11');
  },
  'a message whose source has stalled, in Sta6': async ({ connection }) => {
    expect(connection.state).toBe('Sta6');
  },
};

const ENDS: readonly (readonly [how: string, end: (association: Association, peer: ScriptedPeer) => void, object])[] = [
  ['abort', (association) => association.abort(), { name: 'AssociationAbortedError', by: 'local' }],
  ['A-ABORT', (_, peer) => peer.send(bytesOf({ type: 'A-ABORT', source: 2, reason: 1 })), { by: 'peer', reason: 1 }],
  ['reset', (_, peer) => peer.reset(), { name: 'ConnectionLostError' }],
  ['half-close', (_, peer) => peer.end(), { name: 'ConnectionLostError' }],
  ['destruction', ({ connection }) => connection.destroy(), { name: 'ConnectionLostError' }],
];

describe('a release that waits for', () => {
  test.each(
    Object.entries(WAITS).flatMap(([what, reach]) =>
      ENDS.map(([how, end, error]) => ({ what, how, reach, end, error })),
    ),
  )('$what ends with $how, once', async ({ what, reach, end, error }) => {
    const [association, peer] = await withSilentPeer();
    if (what.includes('stalled')) association.send(1, { command: Buffer.alloc(4), data: stalled() }).catch(() => {});
    const settled: unknown[] = [];
    const releasing = association.release();
    releasing.then(
      () => settled.push('released'),
      (reason) => settled.push(reason),
    );
    await reach(association, peer);
    end(association, peer);
    await expect(releasing).rejects.toMatchObject(error);
    // A second request fails with the same error.
    await expect(association.release()).rejects.toMatchObject(error);
    expect(settled.length).toBe(1);
    expect((await association.closed).how).toBe(how(error));
  });

  test.each(Object.entries(WAITS))('%s ends with the reason of its signal', async (what, reach) => {
    const [association, peer] = await withSilentPeer();
    if (what.includes('stalled')) association.send(1, { command: Buffer.alloc(4), data: stalled() }).catch(() => {});
    const controller = new AbortController();
    const reason = new Error('enough');
    const releasing = association.release({ signal: controller.signal });
    releasing.catch(() => {});
    await reach(association, peer);
    controller.abort(reason);
    await expect(releasing).rejects.toBe(reason);
    expect(await association.closed).toMatchObject({ how: 'aborted', by: 'local', error: { cause: reason } });
  });

  test('A-RELEASE-RP ends with the signal of a later caller, and the first caller gets the abort', async () => {
    const [association] = await withSilentPeer();
    const first = association.release();
    first.catch(() => {});
    const controller = new AbortController();
    const second = association.release({ signal: controller.signal });
    second.catch(() => {});
    await expect.poll(() => association.state).toBe('Sta7');
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect(first).rejects.toMatchObject({ name: 'AssociationAbortedError', cause: reason });
  });
});

test('a release with an aborted signal aborts the association, unless it has been released', async () => {
  const reason = new Error('enough');
  const [requestor, acceptor] = await associatedPair();
  await expect(requestor.release({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(await acceptor.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  const [other] = await associatedPair();
  await other.release();
  await other.release({ signal: AbortSignal.abort(reason) });
  expect(await other.closed).toMatchObject({ how: 'released' });
});

test('an acceptor refuses release by an error of `beforeRelease`, which is the cause of the abort', async () => {
  const [requestor, acceptor] = await associatedPair({ request: { timeouts: { release: 0 } } });
  const reason = new Error('not yet');
  acceptor.claim({ beforeRelease: () => Promise.reject(reason) });
  await expect(requestor.release()).rejects.toMatchObject({ name: 'AssociationAbortedError', by: 'peer' });
  expect(await acceptor.closed).toMatchObject({ how: 'aborted', by: 'local', error: { cause: reason } });
});

test.each([
  ['nothing', []],
  [
    'a message',
    [
      bytesOf({
        type: 'P-DATA-TF',
        values: [{ contextId: 1, kind: 'command', last: true, fragments: [Buffer.from('c')] }],
      }),
    ],
  ],
])('a peer that sends A-RELEASE-RQ right after A-ASSOCIATE-AC, with %s between, is answered', async (_, between) => {
  const answers: Promise<Buffer | undefined>[] = [];
  const server = await listenWith(async (peer) => {
    await peer.nextPdu();
    peer.send(Buffer.concat([ACCEPT, ...between, RELEASE_RQ]));
    const answer = peer.nextPdu();
    answers.push(answer);
    await answer;
    peer.end();
  });
  closers.push(() => server.close());
  for (const pulls of [false, true]) {
    const association = await requestAssociation({
      host: '127.0.0.1',
      port: server.port,
      callingAeTitle: 'SCU',
      calledAeTitle: 'SCP',
      contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    });
    const received: string[] = [];
    if (pulls)
      for await (const { fragments } of association.receive()) received.push(Buffer.concat(fragments).toString());
    expect(await association.closed).toEqual({ how: 'released', by: 'peer' });
    expect(received).toEqual(pulls && between.length > 0 ? ['c'] : []);
    expect((await answers.at(-1))?.[0]).toBe(6);
  }
});

test('an abort while the answer to a release is pending ends both sides', async () => {
  for (const aborts of [0, 1]) {
    const pair = await associatedPair({ request: { timeouts: { release: 0 } } });
    const [requestor, acceptor] = pair;
    acceptor.claim({ beforeRelease: () => new Promise(() => {}) });
    const releasing = requestor.release();
    releasing.catch(() => {});
    await expect.poll(() => acceptor.state).toBe('Sta8');
    pair[aborts]?.abort();
    await expect(releasing).rejects.toMatchObject({
      name: 'AssociationAbortedError',
      by: aborts === 0 ? 'local' : 'peer',
    });
    expect((await acceptor.closed).how).toBe('aborted');
  }
});

test('simultaneous aborts end both sides', async () => {
  const [requestor, acceptor] = await associatedPair();
  requestor.abort();
  acceptor.abort();
  expect((await requestor.closed).how).toBe('aborted');
  expect((await acceptor.closed).how).toBe('aborted');
  await Promise.all([requestor.connection.disconnected, acceptor.connection.disconnected]);
});

async function* stalled(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
  yield Buffer.alloc(1);
}

function how(error: object): 'lost' | 'aborted' {
  return 'name' in error && error.name === 'ConnectionLostError' ? 'lost' : 'aborted';
}
