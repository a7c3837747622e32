import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { encodePdu, type Pdu } from '@x/pdu';
import { createAuthority } from '@x/testing/certificates';
import { chunksOf, everySplit } from '@x/testing/rechunk';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { decideBy } from '../association/acceptor-policy.ts';
import { listen } from '../association/listen.ts';
import { associatedPair } from '../association/pair.ts';
import { requestAssociation } from '../association/request.ts';
import { encodeConversation } from './captured-conversation.ts';
import type { CapturedFault, CapturedPdu } from './captured-pdu.ts';
import { type CaptureOptions, ConversationCapture, createCapture } from './conversation-capture.ts';
import { CredentialMask } from './credential-mask.ts';
import { CaptureError, encodeFileHeader, encodePacket, LinkType, readPackets } from './pcapng.ts';
import { readConversations } from './read-conversations.ts';
import { decodeSegment, encodeSegment, type Segment, TcpFlag } from './tcp-packets.ts';

const folder = mkdtempSync(join(tmpdir(), 'capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function* chunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  yield* chunksOf(bytes, size);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

/** The entries of a capture, one line each. */
function said(conversations: readonly (CapturedPdu | CapturedFault)[]): string[] {
  return conversations.map((each) => {
    const arrow = each.byRequestor ? '→' : '←';
    if ('fault' in each) return `${each.conversation} ${arrow} ${each.fault.name}`;
    const { pdu } = each;
    const length =
      pdu.type === 'P-DATA-TF'
        ? ` ${pdu.values.map(({ kind, fragments }) => `${kind} ${Buffer.concat(fragments).length}`).join(', ')}`
        : '';
    return `${each.conversation} ${arrow} ${pdu.type}${length}`;
  });
}

const DIALOGUE = [
  '1 → A-ASSOCIATE-RQ',
  '1 ← A-ASSOCIATE-AC',
  '1 → P-DATA-TF command 10',
  '1 → P-DATA-TF data 200000',
  '1 ← P-DATA-TF command 4',
  '1 → A-RELEASE-RQ',
  '1 ← A-RELEASE-RP',
];

async function converse(capture: ConversationCapture, at: 'requestor' | 'acceptor', secure = false): Promise<void> {
  const authority = secure ? await createAuthority() : undefined;
  await using listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      ...(authority && { tls: await authority.issue() }),
      ...(at === 'acceptor' && { onConnection: capture.watch }),
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      serve: async (association) => {
        for await (const { last, kind } of association.receive())
          if (last && kind === 'data') await association.send(1, { command: Buffer.alloc(4, 2) });
      },
    },
  );
  const association = await requestAssociation({
    host: '127.0.0.1',
    port: listener.port,
    ...(authority && { tls: { ca: authority.cert } }),
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    ...(at === 'requestor' && { onConnection: capture.watch }),
  });
  await association.send(1, { command: Buffer.alloc(10, 1), data: Buffer.alloc(200_000, 0x53) });
  await association.nextValue();
  await association.release();
  await association.connection.disconnected;
}

describe.each([
  ['requestor', false],
  ['acceptor', false],
  ['requestor', true],
  ['acceptor', true],
] as const)('a conversation captured by the %s (secure: %s)', (at, secure) => {
  test.each([false, true])('is read back in full (masked: %s)', async (mask) => {
    const path = join(folder, `${at}-${secure}-${mask}.pcapng`);
    const capture = await createCapture(path, { mask });
    await converse(capture, at, secure);
    await capture.close();
    expect(capture.dropped).toBe(0);
    const bytes = readFileSync(path);
    for (const size of [7, 1000, bytes.length]) {
      const conversation = await all(readConversations(chunks(bytes, size)));
      expect(said(conversation)).toEqual(DIALOGUE);
      for (const { from, to, time } of conversation) {
        expect([from.address, to.address]).toEqual(['127.0.0.1', '127.0.0.1']);
        expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
      }
    }
    expect(bytes.includes(Buffer.alloc(1000, 0x53))).toBe(!mask);
    expect(bytes.includes('association ')).toBe(true);
  });
});

const SECRETS = ['sesame', 'claims', 'assertion', 'ticket', 'the response'] as const;

describe.each([false, true])('credentials (data sets masked: %s)', (mask) => {
  async function captured(options: CaptureOptions): Promise<Buffer> {
    const path = join(folder, `identity-${mask}-${options.credentials}.pcapng`);
    const capture = await createCapture(path, { mask, ...options });
    for (const [identityType, name, passcode] of [
      [1, 'cardiology', ''],
      [2, 'radiology', 'sesame'],
      [3, 'a ticket', ''],
      [4, 'an assertion', ''],
      [5, 'header.claims.signature', ''],
    ] as const) {
      const userIdentity = {
        identityType,
        positiveResponseRequested: true,
        primaryField: Buffer.from(name),
        secondaryField: Buffer.from(passcode),
      };
      const verifyIdentity = () => ({ response: Buffer.from('the response') });
      const [requestor] = await associatedPair({
        request: { onConnection: capture.watch, userIdentity },
        decide: decideBy({ supports: () => ({ transferSyntaxes: 'any' }), verifyIdentity }),
      });
      await requestor.release();
    }
    await capture.close();
    const bytes = readFileSync(path);
    expect(said(await all(readConversations(chunks(bytes))))).toHaveLength(20);
    for (const name of ['cardiology', 'radiology']) expect(bytes.includes(name)).toBe(true);
    return bytes;
  }

  test('are zeros unless the capture is asked to have them', async () => {
    const bytes = await captured({});
    expect(SECRETS.filter((secret) => bytes.includes(secret))).toEqual([]);
  });

  test('are written if the capture is asked to have them', async () => {
    const bytes = await captured({ credentials: true });
    expect(SECRETS.filter((secret) => bytes.includes(secret))).toEqual(SECRETS);
  });
});

describe('the mask of credentials', () => {
  const request = Buffer.concat(
    encodePdu({
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAeTitle: 'SCP',
      callingAeTitle: 'SCU',
      applicationContext: '1.2.840.10008.3.1.1.1',
      presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
      userInformation: {
        maximumLength: 16384,
        implementationClassUid: '1.2.3',
        userIdentity: {
          identityType: 2,
          positiveResponseRequested: true,
          primaryField: Buffer.from('radiology'),
          secondaryField: Buffer.from('sesame'),
        },
      },
    } as Pdu),
  );

  test('changes the same bytes however the stream is cut', () => {
    for (const pieces of everySplit(request)) {
      const mask = new CredentialMask();
      const copies = pieces.map((piece) => Uint8Array.from(piece));
      for (const copy of copies) mask.mask(copy);
      const masked = Buffer.concat(copies);
      expect(masked.includes('sesame')).toBe(false);
      expect(masked.toString('latin1').replaceAll('\0', '')).toBe(
        request.toString('latin1').replace('sesame', '').replaceAll('\0', ''),
      );
    }
  });

  test('covers the passcode if the length of the item around it is wrong', () => {
    for (const length of [0, 1, 4, 0xffff]) {
      const wrong = Buffer.from(request);
      wrong.writeUInt16BE(length, wrong.indexOf(Buffer.from([0x50, 0x00])) + 2);
      new CredentialMask().mask(wrong);
      expect(wrong.includes('sesame')).toBe(false);
    }
  });

  test('covers the passcode if the length of an item before it is wrong', () => {
    const wrong = Buffer.from(request);
    wrong.writeUInt16BE(3, wrong.indexOf(Buffer.from([0x20, 0x00, 0x00, 0x2e])) + 2);
    new CredentialMask().mask(wrong);
    expect(wrong.includes('sesame')).toBe(false);
  });

  test('keeps the length and the other bytes of anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (parts) => {
        const mask = new CredentialMask();
        for (const part of parts) {
          // An A-RELEASE-RQ of this length and these bytes.
          const pdu = Buffer.concat([Buffer.from([5, 0, 0, 0, part.length >> 8, part.length & 255]), part]);
          const copy = Buffer.from(pdu);
          mask.mask(copy);
          expect(copy.equals(pdu)).toBe(true);
        }
      }),
    );
  });
});

test('encodes a known conversation as a capture file, whatever the length of its PDUs', async () => {
  const endpoints = {
    requestor: { address: '10.0.0.1', port: 50_000 },
    acceptor: { address: '10.0.0.2', port: 104 },
    name: 'a-1',
  };
  const pdu = (length: number): Uint8Array => {
    const values = [{ contextId: 1, kind: 'data' as const, last: true, fragments: [Buffer.alloc(length)] }];
    return Buffer.concat(encodePdu({ type: 'P-DATA-TF', values }));
  };
  const lengths = [0, 1, 64_900, 65_000, 200_001];
  const file = encodeConversation(
    endpoints,
    lengths.map((length, index) => ({ time: 1000 + index, byRequestor: index % 2 === 0, bytes: pdu(length) })),
  );
  const found = await all(readConversations(chunks(Buffer.concat([...file]))));
  expect(found.map(({ time, from }) => [Math.round(time), from.port])).toEqual(
    lengths.map((_, index) => [1000 + index, index % 2 === 0 ? 50_000 : 104]),
  );
  expect(said(found).map((each) => each.replace(/^1 . /, ''))).toEqual(
    lengths.map((length) => `P-DATA-TF data ${length}`),
  );
});

test('distinguishes several conversations, also in memory', async () => {
  const path = join(folder, 'several.pcapng');
  const capture = await createCapture(path);
  for (let round = 0; round < 3; round++) {
    const [requestor] = await associatedPair({ request: { onConnection: capture.watch } });
    requestor.abort();
    await requestor.closed;
  }
  await capture.close();
  const conversations = said(await all(readConversations(chunks(readFileSync(path)))));
  expect(conversations).toEqual(
    [1, 2, 3].flatMap((number) => [`${number} → A-ASSOCIATE-RQ`, `${number} ← A-ASSOCIATE-AC`, `${number} → A-ABORT`]),
  );
});

test('drops packets if the file cannot be written fast enough', async () => {
  let proceed = () => {};
  const slow = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      proceed = done;
    },
  });
  const capture = new ConversationCapture(slow, { highWaterMark: 10_000 });
  await converse(capture, 'requestor');
  expect(capture.dropped).toBeGreaterThan(0);
  const closing = capture.close();
  const drain = setInterval(() => proceed());
  await closing;
  clearInterval(drain);
});

test('reports a file that cannot be written, without disturbing the conversation', async () => {
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left')) });
  const told: string[] = [];
  const capture = new ConversationCapture(broken, { onError: ({ message }) => void told.push(message) });
  await converse(capture, 'acceptor');
  expect(capture.error?.message).toBe('no space left');
  expect(told).toEqual(['no space left']);
  await expect(capture.close()).rejects.toThrow('no space left');
  await expect(createCapture(join(folder, 'none', 'x'))).rejects.toMatchObject({ code: 'ENOENT' });
});

const REQUEST = Buffer.from('070000000004000000000000', 'hex').subarray(0, 10);
const segment = (overrides: Partial<Segment> = {}): Segment => ({
  from: { address: '10.0.0.1', port: 50_000 },
  to: { address: '10.0.0.2', port: 104 },
  sequence: 1000,
  acknowledgement: 0,
  flags: TcpFlag.Ack,
  payload: REQUEST,
  ...overrides,
});

describe('packets', () => {
  test.each([
    ['10.0.0.1', '10.0.0.2'],
    ['2001:db8::1', 'fe80::2'],
    ['::1', '::1'],
  ])('are decoded as they were encoded: %s to %s', (one, other) => {
    const original = segment({ from: { address: one, port: 1 }, to: { address: other, port: 65_535 } });
    const packet = encodeSegment(original);
    const decoded = decodeSegment(LinkType.Raw, packet);
    expect({ ...decoded, payload: Buffer.from(decoded?.payload ?? []) }).toEqual(original);
    const ethernet = Buffer.concat([Buffer.alloc(12), Buffer.from(one.includes(':') ? '86dd' : '0800', 'hex'), packet]);
    expect(decodeSegment(LinkType.Ethernet, ethernet)?.to.port).toBe(65_535);
    const tagged = Buffer.concat([ethernet.subarray(0, 12), Buffer.from('81000001', 'hex'), ethernet.subarray(12)]);
    expect(decodeSegment(LinkType.Ethernet, tagged)?.to.port).toBe(65_535);
    expect(decodeSegment(LinkType.Null, Buffer.concat([Buffer.alloc(4), packet]))?.to.port).toBe(65_535);
    expect(decodeSegment(LinkType.LinuxCooked, Buffer.concat([Buffer.alloc(16), packet]))?.to.port).toBe(65_535);
  });

  test('are ignored if they are truncated at any byte', () => {
    const packet = encodeSegment(segment());
    for (let length = 0; length < 40; length++)
      expect(decodeSegment(LinkType.Raw, packet.subarray(0, length))).toBeUndefined();
  });
});

describe('a capture of another program', () => {
  const read = async (segments: readonly Segment[]) => {
    const packets = segments.map((each) => encodePacket({ time: 0, data: encodeSegment(each) }));
    return said(await all(readConversations(chunks(Buffer.concat([encodeFileHeader(), ...packets])))));
  };
  // Two A-ABORTs, one after the other.
  const twice = Buffer.concat([REQUEST, REQUEST]);
  const part = (from: number, to: number, start = 1000) =>
    segment({ sequence: (start + from) >>> 0, payload: twice.subarray(from, to) });

  test.each([
    ['in order', [part(0, 7), part(7, 20)]],
    [
      'out of order',
      [segment({ sequence: 999, flags: TcpFlag.Syn, payload: Buffer.alloc(0) }), part(7, 20), part(0, 7)],
    ],
    ['repeated', [part(0, 7), part(0, 7), part(3, 12), part(7, 20), part(0, 20)]],
    ['around the end of the sequence numbers', [part(0, 7, 0xfffffffa), part(7, 20, 0xfffffffa)]],
  ])('may have its segments %s', async (_, segments) => {
    expect(await read(segments)).toEqual(['1 ← A-ABORT', '1 ← A-ABORT']);
  });

  test('is read in steps, also if it is in memory', async () => {
    let turns = 0;
    let isRead = false;
    const others = (async () => {
      for (; !isRead; turns++) await setImmediate();
    })();
    const aborts = Array.from({ length: 5000 }, (_, index) => segment({ sequence: 10 * index, payload: REQUEST }));
    expect(await read(aborts)).toHaveLength(5000);
    isRead = true;
    await others;
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  test('of another protocol is skipped', async () => {
    expect(await read([segment({ payload: Buffer.from('GET / HTTP/1.1\r\n\r\n') }), part(0, 20, 1018)])).toEqual([]);
  });

  test('with a malformed PDU reports a fault', async () => {
    const malformed = Buffer.from('01000000000400010000', 'hex');
    expect(await read([segment({ payload: malformed }), part(0, 20, 1010)])).toEqual(['1 ← PduError']);
  });

  test('may be pcap in either byte order', async () => {
    const packet = encodeSegment(segment());
    for (const littleEndian of [true, false]) {
      const number = (value: number) => {
        const bytes = Buffer.alloc(4);
        if (littleEndian) bytes.writeUInt32LE(value);
        else bytes.writeUInt32BE(value);
        return bytes;
      };
      const header = [0xa1b2c3d4, 0x00040002, 0, 0, 65_535, LinkType.Raw].map(number);
      const record = [1_700_000_000, 500_000, packet.length, packet.length].map(number);
      const found = await all(readPackets(chunks(Buffer.concat([...header, ...record, packet]), 5)));
      expect(found).toEqual([
        {
          time: 1_700_000_000_500,
          linkType: LinkType.Raw,
          data: expect.toSatisfy((data) => Buffer.from(data).equals(packet)),
        },
      ]);
    }
  });

  test('is rejected if it has another format, or is truncated at any byte', async () => {
    await expect(all(readPackets(chunks(Buffer.from('no capture at all'))))).rejects.toThrow(CaptureError);
    expect(await all(readPackets(chunks(Buffer.alloc(0))))).toEqual([]);
    const file = Buffer.concat([
      encodeFileHeader(),
      encodePacket({ time: 1, data: encodeSegment(segment()) }, 'comment'),
    ]);
    const ends = new Set([28, 60, file.length]);
    for (let length = 1; length <= file.length; length++) {
      const reading = all(readPackets(chunks(file.subarray(0, length), 9)));
      if (ends.has(length)) await reading;
      else await expect(reading).rejects.toThrow(CaptureError);
    }
  });

  test('with random changes gives packets, faults, or a CaptureError', async () => {
    const path = join(folder, 'whole.pcapng');
    const capture = await createCapture(path);
    await converse(capture, 'requestor');
    await capture.close();
    const whole = readFileSync(path).subarray(0, 4000);
    for (let at = 0; at < whole.length; at += 3) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      await all(readConversations(chunks(changed))).catch((error) => expect(error).toBeInstanceOf(CaptureError));
    }
  });
});
