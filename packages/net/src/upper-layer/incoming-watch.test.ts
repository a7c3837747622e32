// Peers that stop, or send very slowly, in the middle of a PDU or of a message.

import { encodePdu, type PresentationDataValue } from '@x/pdu';
import { createAuthority, type Identity } from '@x/testing/certificates';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import type { Association } from '../association/association.ts';
import { listen } from '../association/listen.ts';
import { associatedPair } from '../association/pair.ts';
import { type LocalOptions, requestAssociation } from '../association/request.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { DEFAULT_TIMEOUTS } from '../timeouts.ts';

const CONTEXTS = [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }];
const { data: LIMIT } = DEFAULT_TIMEOUTS;

let ca: string | Buffer;
let identity: Identity;
beforeAll(async () => {
  const authority = await createAuthority();
  ca = authority.cert;
  identity = await authority.issue({ name: 'archive' });
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An association over sockets: the end that is watched, and its peer. The idle timeout is off. */
async function associate(role: 'requestor' | 'acceptor', isSecure: boolean, options: LocalOptions = {}) {
  const local = { timeouts: { idle: 0 }, ...options };
  const accepted: Association[] = [];
  const listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      ...(role === 'acceptor' ? local : { timeouts: { idle: 0 } }),
      ...(isSecure && { tls: identity }),
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      serve: async (association) => {
        accepted.push(association);
        await association.closed;
      },
    },
  );
  closers.push(() => listener.close());
  const requestor = await requestAssociation({
    host: '127.0.0.1',
    port: listener.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: CONTEXTS,
    ...(isSecure && { tls: { ca } }),
    ...(role === 'requestor' && local),
  });
  while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const acceptor = accepted[0] as Association;
  return role === 'requestor' ? { local: requestor, peer: acceptor } : { local: acceptor, peer: requestor };
}

function pdu(kind: PresentationDataValue['kind'], last: boolean, length = 100): Buffer {
  const value = { contextId: 1, kind, last, fragments: [Buffer.alloc(length)] };
  return Buffer.concat(encodePdu({ type: 'P-DATA-TF', values: [value] }));
}
const send = ({ connection }: Association, bytes: Uint8Array) => connection.sendRaw(bytes, { unsafe: true });

/** The places where a peer may stop: its bytes, and the words of the error. */
const STOPS: readonly (readonly [place: string, bytes: () => Uint8Array, awaited: string])[] = [
  ['in the header of a PDU', () => pdu('command', true).subarray(0, 3), 'the rest of a PDU header'],
  ['in the body of a PDU', () => pdu('command', true).subarray(0, 50), '62 missing bytes of P-DATA-TF'],
  ['between the PDUs of a command set', () => pdu('command', false), 'the rest of a command set'],
  [
    'between the PDUs of a data set',
    () => Buffer.concat([pdu('command', true), pdu('data', false)]),
    'the rest of a data set',
  ],
];

describe.each([
  ['acceptor', 'TCP'],
  ['acceptor', 'TLS'],
  ['requestor', 'TCP'],
  ['requestor', 'TLS'],
] as const)('an %s over %s', (role, transport) => {
  test.each(STOPS)('aborts a peer that stops %s', async (_, bytes, awaited) => {
    using clock = new VirtualClock();
    const { local, peer } = await associate(role, transport === 'TLS');
    await send(peer, bytes());
    await clock.advance(LIMIT - 1);
    expect(local.isEstablished).toBe(true);
    await clock.advance(1);
    expect(await local.closed).toMatchObject({
      how: 'aborted',
      by: 'local',
      error: { cause: { code: 'TIMEOUT_DATA', waitingFor: 'data', milliseconds: LIMIT } },
    });
    expect((await local.closed).error?.message).toContain(`did not send any of ${awaited} within 60000 ms`);
    expect(await peer.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  });

  test('waits for as long as it takes between messages', async () => {
    using clock = new VirtualClock();
    const { local, peer } = await associate(role, transport === 'TLS');
    await peer.send(1, { command: Buffer.alloc(20), data: Buffer.alloc(3000) });
    await clock.advance(10 * LIMIT);
    expect(local.isEstablished).toBe(true);
    // A timer of the message does not outlive it.
    expect(clock.running).toBe(0);
  });
});

test('the wait starts again with each byte', async () => {
  using clock = new VirtualClock();
  const { local, peer } = await associate('acceptor', false);
  for (const byte of pdu('data', true, 4)) {
    await send(peer, Uint8Array.of(byte));
    await clock.advance(LIMIT - 1000);
  }
  expect(local.isEstablished).toBe(true);
  expect((await local.nextValue())?.last).toBe(true);
});

test('a reader that is behind does not let its peer be aborted', async () => {
  using clock = new VirtualClock();
  const { local, peer } = await associate('acceptor', false, { highWaterMark: 1000 });
  await send(peer, pdu('data', false, 2000));
  await clock.advance(10 * LIMIT);
  expect(local.isEstablished).toBe(true);
  // The wait begins when the transport is read again.
  expect((await local.nextValue())?.last).toBe(false);
  await clock.advance(LIMIT - 1);
  expect(local.isEstablished).toBe(true);
  await clock.advance(1);
  expect(await local.closed).toMatchObject({ how: 'aborted', error: { cause: { waitingFor: 'data' } } });
});

test('the data set that a command announces is waited for if its reader says so', async () => {
  using clock = new VirtualClock();
  const { local, peer } = await associate('acceptor', false);
  await send(peer, pdu('command', true));
  await local.nextValue();
  await clock.advance(2 * LIMIT);
  expect(local.isEstablished).toBe(true);
  local.expectData();
  await clock.advance(LIMIT);
  expect((await local.closed).error?.message).toContain('the data set that a command announced');
});

test('data that have arrived already end the wait for them', async () => {
  using clock = new VirtualClock();
  const { local, peer } = await associate('acceptor', false);
  await send(peer, Buffer.concat([pdu('command', true), pdu('data', true)]));
  await clock.advance(0);
  await local.nextValue();
  local.expectData();
  await clock.advance(2 * LIMIT);
  expect(local.isEstablished).toBe(true);
});

test.each([0, Number.POSITIVE_INFINITY])('a timeout of %d waits without limit', async (data) => {
  using clock = new VirtualClock();
  const { local, peer } = await associate('acceptor', false, { timeouts: { data, idle: 0 } });
  await send(peer, Uint8Array.of(4));
  await clock.advance(100 * LIMIT);
  expect(local.isEstablished).toBe(true);
});

test('the idle timeout ends an association whose peer has stopped, although its user is busy', async () => {
  using clock = new VirtualClock();
  const { local, peer } = await associate('acceptor', false, { timeouts: { data: 0, idle: 1000 } });
  local.claim({ isBusy: () => true });
  await clock.advance(5000);
  expect(local.isEstablished).toBe(true);
  await send(peer, pdu('data', false));
  await clock.advance(2000);
  expect(await local.closed).toMatchObject({ how: 'aborted', error: { cause: { code: 'TIMEOUT_IDLE' } } });
});

test('many messages run one timer', async () => {
  using clock = new VirtualClock();
  const [requestor, acceptor] = await associatedPair({ acceptor: { timeouts: { idle: 0 } } });
  const before = clock.running;
  let most = 0;
  acceptor.connection.on('bytes', () => {
    most = Math.max(most, clock.running);
  });
  for (let count = 0; count < 20; count++) {
    await requestor.send(1, { command: Buffer.alloc(20), data: Buffer.alloc(100_000) });
    await acceptor.nextValue();
  }
  expect(most - before).toBeLessThanOrEqual(2);
  requestor.abort();
  await acceptor.closed;
});

describe('a minimum rate', () => {
  test('refuses a peer that sends a byte each 59 seconds, which is allowed without it', async () => {
    using clock = new VirtualClock();
    for (const [minimumRate, bytes] of [
      [0, 20],
      [1000, 1],
    ] as const) {
      const { local, peer } = await associate('acceptor', false, { minimumRate });
      let sent = 0;
      for (const byte of pdu('data', true, 4)) {
        if (!local.isEstablished) break;
        await send(peer, Uint8Array.of(byte));
        sent++;
        await clock.advance(59_000);
      }
      expect([local.isEstablished, sent]).toEqual([minimumRate === 0, Math.min(bytes, 16)]);
    }
  });

  test('is told with the bytes that came', async () => {
    using clock = new VirtualClock();
    const { local, peer } = await associate('acceptor', false, { minimumRate: 100 });
    await send(peer, pdu('data', false));
    for (let second = 0; second < 10; second++) {
      await clock.advance(1000);
      if (local.isEstablished) await send(peer, pdu('data', false, 38));
    }
    await clock.advance(0);
    expect((await local.closed).error).toMatchObject({ cause: { code: 'TIMEOUT_MINIMUM_RATE', milliseconds: 10_000 } });
    expect((await local.closed).error?.message).toMatch(/sent 4\d\d bytes while the rest of a data set were due/);
  });

  test('lets a peer go on that is fast enough, or that has to wait for us', async () => {
    using clock = new VirtualClock();
    const { local, peer } = await associate('acceptor', false, { minimumRate: 100, highWaterMark: 1000 });
    for (let second = 0; second < 60; second++) {
      await send(peer, pdu('data', false, 200));
      await clock.advance(1000);
      await local.nextValue();
    }
    await send(peer, pdu('data', false, 2000));
    await clock.advance(1_000_000);
    expect(local.isEstablished).toBe(true);
    await local.nextValue();
    await send(peer, pdu('data', true, 200));
    await clock.advance(1_000_000);
    expect(local.isEstablished).toBe(true);
  });

  test.each([-1, Number.NaN])('of %d is rejected', async (minimumRate) => {
    await expect(associatedPair({ request: { minimumRate } })).rejects.toThrow(RangeError);
  });
});
