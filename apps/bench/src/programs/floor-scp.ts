// The floor: the least that an archive in Node.js does for an instance. It accepts everything, writes each instance to a
// temporary file, renames it, puts a row in an index in a transaction of its own, and answers. It does not check the
// peer, read attributes, find duplicates or limit anything, so it is a bound and not an example. floor-scp FOLDER [--fsync]
//
// With --fsync, it syncs the file before it renames it, and then the folder and the log of the index at the same time.

import { closeSync, fdatasync, fsync, mkdirSync, openSync, renameSync, writevSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import Database from 'libsql';
import { acceptAll } from './accept-all.ts';
import { ASSOCIATE_RQ, commandPdu, P_DATA, PDU_HEADER, RELEASE_RP, RELEASE_RQ, uid, uint16 } from './pdu-stream.ts';

const [folder = '.', option] = process.argv.slice(2);
const isSynced = option === '--fsync';
mkdirSync(folder, { recursive: true });
const index = new Database(join(folder, 'index.db'));
index.pragma('journal_mode = WAL');
index.pragma(`synchronous = ${isSynced ? 'NORMAL' : 'OFF'}`);
index.exec('create table instance (uid text primary key, path text, attributes text)');
const insert = index.prepare('insert or ignore into instance values (?, ?, ?)');
const ATTRIBUTES = JSON.stringify({ PatientID: 'P', PatientName: 'Doe^Jane', StudyDate: '20260102', Modality: 'CT' });
const syncs = [promisify(fdatasync), promisify(fsync)] as const;
const [log, names] = isSynced ? [openSync(join(folder, 'index.db-wal'), 'r+'), openSync(folder, 'r')] : [0, 0];
/** Bytes that are collected before they are written. */
const BLOCK = 512 * 1024;
let temporaryFiles = 0;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', receiver(socket));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`listening ${typeof address === 'object' && address?.port}\n`);
});

interface Incoming {
  readonly contextId: number;
  readonly messageId: number;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly path: string;
  readonly file: number;
}

/** Takes the chunks of a connection. Data is not copied: its parts are collected until they are written. */
function receiver(socket: Socket): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let pduLeft = 0;
  let valueLeft = 0;
  let contextId = 0;
  let control = 0;
  let command: Buffer[] = [];
  let incoming: Incoming | undefined;
  let parts: Buffer[] = [];
  let collected = 0;
  const flush = () => {
    if (incoming) for (let at = 0; at < parts.length; at += 1000) writevSync(incoming.file, parts.slice(at, at + 1000));
    parts = [];
    collected = 0;
  };
  const endOfValue = () => {
    if ((control & 0x02) === 0) return;
    if ((control & 0x01) === 0) {
      flush();
      if (incoming) keep(incoming, socket);
      incoming = undefined;
      return;
    }
    const read = fields(Buffer.concat(command));
    command = [];
    const messageId = read.get(0x0110)?.readUInt16LE() ?? 0;
    if (read.get(0x0100)?.readUInt16LE() === 0x0030)
      return void socket.write(response(contextId, 0x8030, messageId, [[0x0002, uid('1.2.840.10008.1.1')]]));
    incoming = begin(contextId, messageId, text(read.get(0x0002)), text(read.get(0x1000)));
    const meta = {
      sopClass: incoming.sopClass,
      sopInstance: incoming.sopInstance,
      transferSyntax: '1.2.840.10008.1.2.1',
    };
    parts = [Buffer.from(encodeFileMetaInformation(meta))];
  };
  return (chunk) => {
    let buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (valueLeft > 0) {
        const part = buffer.subarray(0, valueLeft);
        if (part.length === 0) break;
        buffer = buffer.subarray(part.length);
        valueLeft -= part.length;
        pduLeft -= part.length;
        if (control & 0x01) command.push(Buffer.from(part));
        else {
          parts.push(part);
          collected += part.length;
          if (collected >= BLOCK) flush();
        }
        if (valueLeft === 0) endOfValue();
        continue;
      }
      if (buffer.length < PDU_HEADER) break;
      if (pduLeft > 0) {
        valueLeft = buffer.readUInt32BE(0) - 2;
        contextId = buffer[4] as number;
        control = buffer[5] as number;
        pduLeft -= 6;
        buffer = buffer.subarray(6);
        if (valueLeft === 0) endOfValue();
        continue;
      }
      const length = buffer.readUInt32BE(2);
      if (buffer[0] === P_DATA) {
        pduLeft = length;
        buffer = buffer.subarray(PDU_HEADER);
        continue;
      }
      if (buffer.length < PDU_HEADER + length) break;
      if (buffer[0] === ASSOCIATE_RQ) socket.write(acceptAll(buffer.subarray(0, PDU_HEADER + length)));
      else if (buffer[0] === RELEASE_RQ) socket.end(RELEASE_RP);
      else socket.destroy();
      buffer = buffer.subarray(PDU_HEADER + length);
    }
    rest = buffer;
  };
}

function begin(contextId: number, messageId: number, sopClass: string, sopInstance: string): Incoming {
  const path = join(folder, `${temporaryFiles++}.part`);
  return { contextId, messageId, sopClass, sopInstance, path, file: openSync(path, 'wx') };
}

function keep(incoming: Incoming, socket: Socket): void {
  if (isSynced) {
    void keepSynced(incoming, socket);
    return;
  }
  closeSync(incoming.file);
  enter(incoming);
  answer(incoming, socket);
}

async function keepSynced(incoming: Incoming, socket: Socket): Promise<void> {
  const [syncData, sync] = syncs;
  await syncData(incoming.file);
  closeSync(incoming.file);
  enter(incoming);
  await Promise.all([sync(names), syncData(log)]);
  answer(incoming, socket);
}

function enter({ sopInstance, path }: Incoming): void {
  const kept = join(folder, `${sopInstance}.dcm`);
  renameSync(path, kept);
  insert.run(sopInstance, kept, ATTRIBUTES);
}

function answer({ contextId, messageId, sopClass, sopInstance }: Incoming, socket: Socket): void {
  socket.write(
    response(contextId, 0x8001, messageId, [
      [0x0002, uid(sopClass)],
      [0x1000, uid(sopInstance)],
    ]),
  );
}

/** A final response with Success. */
function response(
  contextId: number,
  commandField: number,
  messageId: number,
  uids: readonly (readonly [number, Buffer])[],
): Buffer {
  const rest: [number, Buffer][] = [
    [0x0100, uint16(commandField)],
    [0x0120, uint16(messageId)],
    [0x0800, uint16(0x0101)],
    [0x0900, uint16(0)],
  ];
  return commandPdu(
    contextId,
    [...uids, ...rest].sort(([a], [b]) => a - b),
  );
}

/** The elements of a command set, by element number. */
function fields(command: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 8 <= command.length; ) {
    const length = command.readUInt32LE(at + 4);
    found.set(command.readUInt16LE(at + 2), command.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return found;
}

function text(value: Buffer | undefined): string {
  return value?.toString('latin1').replace(/\0+$/, '') ?? '';
}
