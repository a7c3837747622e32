import { chunksOf } from '@x/testing/rechunk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { associatedPair } from '../association/pair.ts';
import type { CapturedFault, CapturedPdu } from './captured-pdu.ts';
import { CaptureError } from './pcapng.ts';
import { readConversations } from './read-conversations.ts';

/** A command set that is a C-ECHO request, or its response. */
const command = (field: number) => {
  const bytes = Buffer.from('00000001020000000000', 'hex');
  bytes.writeUInt16LE(field, 8);
  return bytes;
};

/** The bytes of a conversation: of each side, and of both in the order sent. */
async function conversation(): Promise<{ requestor: Buffer; acceptor: Buffer; both: Buffer }> {
  const said: { byRequestor: boolean; bytes: Buffer }[] = [];
  const [requestor, acceptor] = await associatedPair({
    request: {
      onConnection: (connection) => {
        connection.on('bytes', (chunk) => said.push({ byRequestor: false, bytes: Buffer.from(chunk) }));
        connection.on('written', (buffers) => said.push({ byRequestor: true, bytes: Buffer.concat(buffers) }));
      },
    },
  });
  const serving = (async () => {
    for await (const { last, kind } of acceptor.receive())
      if (last && kind === 'data') await acceptor.send(1, { command: command(0x8030) });
  })();
  await requestor.send(1, { command: command(0x0030), data: Buffer.alloc(5000) });
  await requestor.nextValue();
  await requestor.release();
  await serving;
  const of = (wanted: boolean[]) =>
    Buffer.concat(said.filter(({ byRequestor }) => wanted.includes(byRequestor)).map(({ bytes }) => bytes));
  return { requestor: of([true]), acceptor: of([false]), both: of([true, false]) };
}

async function read(bytes: Uint8Array, size = 1000): Promise<string[]> {
  async function* file() {
    yield* chunksOf(bytes, size);
  }
  const found: (CapturedPdu | CapturedFault)[] = [];
  try {
    for await (const each of readConversations(file())) found.push(each);
  } catch (error) {
    expect(error).toBeInstanceOf(CaptureError);
    return [...found.map(line), (error as Error).message];
  }
  return found.map(line);
}

const line = (said: CapturedPdu | CapturedFault) =>
  `${said.byRequestor ? '→' : '←'} ${'fault' in said ? said.fault.name : said.pdu.type}`;

const { requestor, acceptor, both } = await conversation();
const SAID = ['→ A-ASSOCIATE-RQ', '→ P-DATA-TF', '→ A-RELEASE-RQ'];
const ANSWERED = ['← A-ASSOCIATE-AC', '← P-DATA-TF', '← A-RELEASE-RP'];

test.each([
  ['the requestor', requestor, SAID],
  ['the acceptor', acceptor, ANSWERED],
  ['both', both, SAID.flatMap((each, index) => [each, ANSWERED[index] ?? ''])],
])('reads the bytes of %s in chunks of any size', async (_, bytes, lines) => {
  for (const size of [1, 7, 1000, 100_000]) expect((await read(bytes, size)).filter(unlikeTheLast)).toEqual(lines);
});

const unlikeTheLast = (each: string, index: number, all: readonly string[]) => each !== all[index - 1];

test.each([
  ['nothing', Buffer.alloc(0), ['the file is empty']],
  ['one byte', Buffer.from([1]), ['the file is cut short']],
  ['text', Buffer.from('no capture at all'), [expect.stringContaining('not a capture')]],
  [
    'a file that only begins like a PDU',
    Buffer.from('010000000004ffffffff', 'hex'),
    [expect.stringContaining('not PDUs')],
  ],
  ['a PDU of 4 GB', Buffer.from('0400ffffffff', 'hex'), [expect.stringContaining('not PDUs')]],
])('rejects %s with a message of one line', async (_, bytes, said) => {
  expect(await read(bytes)).toEqual(said);
});

test('reads the complete PDUs of a truncated file and reports the offset of its end', async () => {
  const ends = requestor.length - 5;
  expect((await read(requestor.subarray(0, ends))).filter(unlikeTheLast)).toEqual([
    ...SAID.slice(0, 2),
    `the file is cut short: it ends at byte ${ends}, within a PDU`,
  ]);
});

test('reads any bytes as PDUs, a fault, or a CaptureError', async () => {
  const start = fc.constantFrom(1, 2, 3, 4, 5, 6, 7);
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 200 }), async (type, rest) => {
      await read(Buffer.concat([Buffer.from([type, 0]), rest]));
    }),
  );
});
