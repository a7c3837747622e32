// The memory that one association costs an SCP at most: the sum in the README, and the peers that come closest to it.

import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DEFAULT_MEMORY_LIMITS, requestAssociation } from '@x/net';
import { start } from '@x/testing/processes';
import { flood, LAST_COMMAND, LAST_DATA, pDataPdu } from '@x/testing/unreading-peer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import { type CommandSet, encodeCommandSet } from '../message/command-set.ts';
import { cEcho, cFind, cStore, nAction } from '../message/operations.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { DEFAULT_SESSION_LIMITS } from './session-options.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const MEBIBYTE = 1024 * 1024;
/** How many times its encoded length a data set takes: the fragments, the whole, and at most 20 for its values. */
const DATA_SET_FACTOR = 22;

const { request, pdu, receivedPdus, chunk, outgoingBatches } = DEFAULT_MEMORY_LIMITS;
const { maximumDataSetLength } = DEFAULT_SESSION_LIMITS;
// In a window of 1. The fragments of a command set and its whole; the PDU in parts and as a whole.
const PARTS = {
  request,
  incoming: 2 * pdu + receivedPdus + chunk + pdu,
  command: 2 * 64 * 1024,
  dataSet: DATA_SET_FACTOR * maximumDataSetLength,
  outgoing: outgoingBatches + maximumResponse(),
};
const SUM = Object.values(PARTS).reduce((sum, part) => sum + part);
/** The objects of an association, and the noise of the measurement. */
const MARGIN = 4 * MEBIBYTE;

/** The response of the handler below, encoded and as it is sent. */
function maximumResponse(): number {
  return 2 * 100_000;
}

// A handler of each kind; none of them ends. `gc` makes the numbers those of memory that is held.
const PROGRAM = `
  import { createInterface } from 'node:readline';
  import { createScp, serve, storage, storageCommitment, studyRoot, verification } from '@x/dimse';
  const held = [];
  const never = (request) => new Promise((resolve) => held.push(request, resolve));
  const scp = createScp({
    aeTitle: 'SCP',
    services: [
      serve(verification, { echo: () => 0 }),
      serve(storage, { store: never }),
      serve(storageCommitment, { action: never }),
      serve(studyRoot, { async *rawFind() { for (;;) yield { identifier: { PatientComments: 'x'.repeat(100000) } }; } }),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  console.log('port ' + port);
  createInterface({ input: process.stdin }).on('line', async (line) => {
    // Until it has nothing more to do: gc() is slow while memory grows.
    for (let idle = 0, attempt = 0; idle < 3 && attempt < 600; attempt++) {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { user, system } = process.cpuUsage(before);
      idle = user + system < 5000 ? idle + 1 : 0;
    }
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    console.log(line + ' ' + (heapUsed + external) + ' ' + rss);
  });
`;

let program: ReturnType<typeof start>;
let port: number;
const sockets = new Set<Socket>();

beforeAll(async () => {
  const flags = ['--expose-gc', '--max-old-space-size=1024', '--conditions=@x/source', '--import', 'tsx'];
  program = start(process.execPath, [...flags, '--input-type=module', '--eval', PROGRAM], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'pipe'],
  } as object);
  port = Number((await program.printed(/port (\d+)/))[1]);
}, 60_000);

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await program.stop('SIGKILL');
});

let measured = 0;
async function memory(): Promise<{ readonly held: number; readonly resident: number }> {
  const name = `m${++measured}`;
  program.child.stdin?.write(`${name}\n`);
  const [, held, resident] = await program.printed(new RegExp(`${name} (\\d+) (\\d+)`));
  return { held: Number(held), resident: Number(resident) };
}

async function unreading(): Promise<Socket> {
  const socket: Socket = await new Promise((resolve) => {
    const made = connect({ host: '127.0.0.1', port }, () => resolve(made));
  });
  sockets.add(socket);
  const contexts = [
    SopClass.Verification,
    SopClass.CTImageStorage,
    SopClass.StorageCommitmentPushModel,
    SopClass.StudyRootQueryRetrieveInformationModelFind,
  ].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT] }));
  await requestAssociation({ socket, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts });
  socket.removeAllListeners('data').pause();
  return socket.on('error', () => {});
}

const command = (contextId: number, elements: Partial<CommandSet>) =>
  pDataPdu(
    encodeCommandSet({ messageId: 1, priority: 0, hasDataSet: true, ...elements } as CommandSet),
    LAST_COMMAND,
    contextId,
  );

/** Empty private elements: the most objects for their bytes. */
function emptyElements(length: number): Buffer {
  const bytes = Buffer.alloc(Math.floor(length / 8) * 8);
  for (let at = 0, index = 0; at < bytes.length; at += 8, index++) {
    bytes.writeUInt16LE(0x0011 + 2 * Math.floor(index / 60_000), at);
    bytes.writeUInt16LE(0x1000 + (index % 60_000), at + 2);
    bytes.write('LO', at + 4, 'latin1');
  }
  return bytes;
}

function item(type: number, data: Uint8Array): Buffer {
  const header = Buffer.of(type, 0, 0, 0);
  header.writeUInt16BE(data.length, 2);
  return Buffer.concat([header, data]);
}

/** A request with as many items as it may have, unknown ones, in 1 MiB. */
function largestRequest(): Buffer {
  const unknown = (count: number, length: number) =>
    Array.from({ length: count }, () => item(0x99, Buffer.alloc(length)));
  const contexts = Array.from({ length: 128 }, (_, index) =>
    item(
      0x20,
      Buffer.concat([
        Buffer.of(2 * index + 1, 0, 0, 0),
        item(0x30, Buffer.from(SopClass.Verification)),
        item(0x40, Buffer.from(EXPLICIT)),
        ...unknown(126, 40),
      ]),
    ),
  );
  const body = Buffer.concat([
    Buffer.of(0, 1, 0, 0),
    Buffer.from('SCP'.padEnd(16) + 'SCU'.padEnd(16)),
    Buffer.alloc(32),
    item(0x10, Buffer.from('1.2.840.10008.3.1.1.1')),
    ...contexts,
    item(0x50, Buffer.concat([item(0x51, Buffer.of(0, 1, 0, 0)), ...unknown(2047, 20)])),
    ...unknown(2048 - 130, 140),
  ]);
  const header = Buffer.of(1, 0, 0, 0, 0, 0);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}

/** One PDU of presentation data values without bytes. */
function emptyValues(count: number, contextId: number): Buffer {
  const bytes = Buffer.alloc(6 + 6 * count, Uint8Array.of(0, 0, 0, 2, contextId, 0));
  bytes.set([4, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(6 * count, 2);
  bytes.fill(Uint8Array.of(0, 0, 0, 2, contextId, 0), 6);
  return bytes;
}

function inFragments(bytes: Uint8Array, size: number, contextId: number, lastHeader: number): Buffer {
  const pdus: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    const end = Math.min(start + size, bytes.length);
    pdus.push(pDataPdu(bytes.subarray(start, end), end === bytes.length ? lastHeader : lastHeader & 1, contextId));
  }
  return Buffer.concat(pdus);
}

const store = {
  commandField: cStore.commandField,
  affectedSopClassUid: SopClass.CTImageStorage,
  affectedSopInstanceUid: '1.2',
};
const action = {
  commandField: nAction.commandField,
  requestedSopClassUid: SopClass.StorageCommitmentPushModel,
  requestedSopInstanceUid: '1.2',
  actionTypeId: 1,
  priority: undefined as never,
};
const find = {
  commandField: cFind.commandField,
  affectedSopClassUid: SopClass.StudyRootQueryRetrieveInformationModelFind,
};
const echo = { commandField: cEcho.commandField, affectedSopClassUid: SopClass.Verification, hasDataSet: false };
const identifier = encodeDataSet({ QueryRetrieveLevel: 'STUDY' }, EXPLICIT);

/** Long enough to measure the factor; decoding the longest data set takes too long for a test. */
const DATA_SET_LENGTH = 2 * MEBIBYTE;

/** The bytes of each peer, and the parts of the sum that they can take. */
const WORST: Readonly<Record<string, readonly [bytesOf: () => Buffer, most: number]>> = {
  'a PDU that is incomplete': [() => inFragments(Buffer.alloc(pdu - 6), pdu, 3, 0).subarray(0, -1), PARTS.incoming],
  'PDUs of one byte that nothing pulls': [
    () => Buffer.concat([command(3, store), inFragments(Buffer.alloc(200_000), 1, 3, LAST_DATA)]),
    PARTS.incoming,
  ],
  'PDUs of as many empty values as they hold, which nothing pulls': [
    () => Buffer.concat([command(3, store), emptyValues(4096, 3), emptyValues(4096, 3)]),
    PARTS.incoming,
  ],
  'a command set in fragments of one byte': [
    () => inFragments(Buffer.alloc(64 * 1024), 1, 1, 1).subarray(0, -20),
    PARTS.incoming + PARTS.command,
  ],
  'responses that are not read': [
    () => Buffer.concat([command(7, find), pDataPdu(identifier, LAST_DATA, 7)]),
    PARTS.outgoing,
  ],
  'requests whose responses are not read': [
    () =>
      Buffer.concat(
        Array.from({ length: 50_000 }, (_, index) => command(1, { ...echo, messageId: 1 + (index % 999) })),
      ),
    PARTS.incoming + PARTS.outgoing,
  ],
  // The last one, because it takes the most.
  'a data set of many elements, in fragments of 1,000 bytes': [
    () => Buffer.concat([command(5, action), inFragments(emptyElements(DATA_SET_LENGTH), 1000, 5, LAST_DATA)]),
    DATA_SET_FACTOR * DATA_SET_LENGTH,
  ],
};

test('an association keeps no more of its request than the limit', { timeout: 60_000 }, async () => {
  const before = await memory();
  const count = 4;
  for (let index = 0; index < count; index++) {
    const socket: Socket = await new Promise((resolve) => {
      const made = connect({ host: '127.0.0.1', port }, () => resolve(made));
    });
    sockets.add(socket);
    const answered = new Promise((resolve) => socket.once('data', resolve));
    socket.write(largestRequest());
    expect(((await answered) as Buffer)[0]).toBe(2);
  }
  const after = await memory();
  expect(after.held - before.held).toBeLessThan(count * request);
});

test('an association costs at most the sum of the limits, peer by peer and all at once', {
  timeout: 120_000,
}, async () => {
  await unreading();
  const idle = await memory();
  let before = idle;
  for (const [name, [bytesOf, most]] of Object.entries(WORST)) {
    const socket = await unreading();
    socket.write(bytesOf());
    await flood(socket, Buffer.alloc(0), 0, () => 0);
    const now = await memory();
    expect(now.held - before.held, name).toBeLessThan(most + MARGIN);
    before = now;
  }
  // All of them hold what they can now. Each would have cost the sum alone.
  expect(before.held - idle.held).toBeLessThan(SUM + MARGIN);
  expect(before.resident - idle.resident).toBeLessThan(2 * SUM);
});
