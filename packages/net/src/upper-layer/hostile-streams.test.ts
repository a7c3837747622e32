// A server handles many randomly changed byte streams and is in the same condition as before.

import { Duplex, duplexPair } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { associateRequest, encodePdu } from '@x/pdu';
import { seededRandom } from '@x/testing/rechunk';
import { afterAll, expect, test } from 'vitest';
import { accept, acceptAssociation } from '../association/accept.ts';
import { associatedPair } from '../association/pair.ts';
import { UpperLayerConnection } from './connection.ts';

// Node exposes it only on request.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const CASES = 20_000;
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
process.on('unhandledRejection', note);
afterAll(() => {
  process.off('unhandledRejection', note);
});

/** The bytes of a requestor in a conversation with two messages, one of them in several fragments. */
async function requestorsBytes(): Promise<Buffer> {
  const sent: Uint8Array[] = [];
  const [requestor, acceptor] = await associatedPair({
    acceptor: { maximumLength: 1024 },
    request: {
      asynchronousOperations: { invoke: 2, perform: 1 },
      onConnection: (connection) =>
        connection.on('written', (buffers) => sent.push(...buffers.map((each) => each.slice()))),
    },
  });
  await requestor.send(1, { command: Buffer.alloc(60, 1), data: Buffer.alloc(3000, 2) });
  await requestor.send(1, { command: Buffer.alloc(60, 3) });
  const receiving = (async () => {
    for await (const _ of acceptor.receive());
  })();
  await requestor.release();
  await receiving;
  return Buffer.concat(sent);
}

type Random = () => number;
const below = (random: Random, limit: number) => Math.floor(random() * limit);

/** Damages the bytes in one of several ways. */
const MUTATIONS: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBits(bytes, random) {
    for (let count = 1 + below(random, 4); count > 0; count--) {
      const at = below(random, bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << below(random, 8));
    }
    return bytes;
  },
  function setLength(bytes, random) {
    const values = [0, 1, 5, 0xff, 0xffff, 0x7fffffff, 0xffffffff];
    bytes.writeUInt32BE(values[below(random, values.length)] as number, below(random, bytes.length - 4));
    return bytes;
  },
  function cutShort(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length));
  },
  function leaveOut(bytes, random) {
    const from = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + below(random, 200))]);
  },
  function repeat(bytes, random) {
    const from = below(random, bytes.length);
    const part = bytes.subarray(from, from + 1 + below(random, 500));
    return Buffer.concat([bytes.subarray(0, from), part, bytes.subarray(from)]);
  },
  function insert(bytes, random) {
    const at = below(random, bytes.length);
    const noise = Buffer.from(Array.from({ length: 1 + below(random, 30) }, () => below(random, 256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
];

/** Serves one stream to its end and tells how it ended. */
async function serve(bytes: Buffer, requestLength: number, random: Random): Promise<string> {
  const [near, far] = duplexPair();
  let state = 'none';
  const accepting = acceptAssociation(near, {
    maximumLength: 1024,
    timeouts: { artim: 1000, association: 1000, idle: 0 },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
    onConnection: (connection) => void connection.closed.then(({ how }) => (state = how)),
  });
  far.on('error', () => {});
  // The request first; the rest after the answer, or after a while.
  const answered = new Promise((resolve) => far.once('data', resolve));
  far.write(bytes.subarray(0, requestLength));
  for (let turn = 0; turn < 3; turn++) await Promise.race([answered, new Promise((resolve) => setImmediate(resolve))]);
  for (let at = requestLength; at < bytes.length; ) {
    const end = at + 1 + below(random, bytes.length);
    far.write(bytes.subarray(at, end));
    at = end;
  }
  const association = await Promise.race([
    accepting.catch(() => undefined),
    new Promise<undefined>((resolve) => setImmediate(() => setImmediate(() => resolve(undefined)))),
  ]);
  const receiving = (async () => {
    if (association) for await (const _ of association.receive());
  })().catch(() => {});
  // Leaves some time for an answer.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  far.end();
  await accepting.catch(() => undefined);
  await receiving;
  await association?.closed;
  near.destroy();
  far.destroy();
  return state;
}

test(`${CASES} randomly changed streams end without affecting each other`, { timeout: 120_000 }, async () => {
  const whole = await requestorsBytes();
  const requestLength = 6 + whole.readUInt32BE(2);
  expect(await serve(Buffer.from(whole), requestLength, () => 0.999)).toBe('released');
  const random = seededRandom(20_261_121);
  const ends: Record<string, number> = {};
  const settle = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collectGarbage();
  };
  let warm = 0;
  const open = () => (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles().length;
  const handles = open();
  for (let number = 0; number < CASES; number++) {
    const mutate = MUTATIONS[number % MUTATIONS.length] as (typeof MUTATIONS)[number];
    const how = await serve(mutate(Buffer.from(whole), random), requestLength, random);
    ends[how] = (ends[how] ?? 0) + 1;
    if (number === CASES / 4) {
      await settle();
      warm = process.memoryUsage().heapUsed;
    }
  }
  await settle();
  // They ended with protocol errors, as lost connections, and some without an error.
  expect(ends.none).toBeUndefined();
  expect(ends.aborted).toBeGreaterThan(CASES / 4);
  expect(ends.released).toBeGreaterThan(0);
  expect(unhandled).toEqual([]);
  expect(open()).toBeLessThanOrEqual(handles);
  // The last three quarters of the cases may leave a few bytes each.
  expect(process.memoryUsage().heapUsed - warm).toBeLessThan(((CASES * 3) / 4) * 100);
  // The server still works.
  expect(await serve(Buffer.from(whole), requestLength, () => 0.999)).toBe('released');
});

test('a transport that fails at any point ends the association normally', async () => {
  const whole = await requestorsBytes();
  for (let at = 0; at < whole.length; at += 37) {
    const transport = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const accepting = acceptAssociation(transport, {
      maximumLength: 1024,
      timeouts: { idle: 0 },
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
    });
    transport.push(whole.subarray(0, at));
    setImmediate(() => transport.destroy(new Error('the cable was pulled')));
    const association = await accepting.catch(() => undefined);
    if (!association) continue;
    await (async () => {
      for await (const _ of association.receive());
    })().catch(() => {});
    await association.closed;
  }
  expect(unhandled).toEqual([]);
});

test('a peer that sends many empty fragments is paused as early as one that sends many bytes', async () => {
  const [requestor, acceptor] = await associatedPair();
  const empty = { contextId: 1, kind: 'data', last: false, fragments: [] } as const;
  const bytes = Buffer.concat(encodePdu({ type: 'P-DATA-TF', values: Array.from({ length: 4096 }, () => empty) }));
  let received = 0;
  acceptor.connection.on('pdu', () => received++);
  const describe = () => [];
  for (let count = 0; count < 20; count++) requestor.connection.sendPData([bytes], describe).catch(() => {});
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(received).toBe(1);
  // It is paused until fragments are pulled, and nothing is lost.
  for (let taken = 0; taken < 20 * 4096; taken++) await acceptor.nextValue();
  expect(received).toBe(20);
  requestor.abort();
});

test('a peer that keeps sending after A-ABORT and does not read gets a bounded number of A-ABORTs', async () => {
  const [near, far] = duplexPair();
  const connection = new UpperLayerConnection(near, 'acceptor', { timeouts: { artim: 0 } });
  const request = Buffer.concat(encodePdu(associateRequest('CALLED', 'CALLING', [])));
  far.write(Buffer.concat(encodePdu({ type: 'A-RELEASE-RQ' })));
  for (let count = 0; count < 100; count++) far.write(Buffer.concat(Array.from({ length: 300 }, () => request)));
  while (far.writableLength > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(connection.state).toBe('Sta13');
  // Reading goes on in the next turn after some PDUs.
  await expect
    .poll(() => connection.traffic.bytesReceived, { timeout: 10_000 })
    .toBeGreaterThan(30_000 * request.length);
  // 30,000 of them would be 300,000 bytes.
  expect(connection.bytesQueued).toBeLessThan(70_000);
  connection.destroy();
  await connection.disconnected;
});
