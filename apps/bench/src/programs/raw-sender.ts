// The limit for sending in Node, without DICOM: sends each file in pieces of 1 MiB, then waits for the answer.
// raw-sender PORT FOLDER [AUTHORITY]

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { warmUp } from './warm-up.ts';

const [port, folder, ca] = process.argv.slice(2) as [string, string, string?];
const PIECE = 1024 * 1024;
const buffers = [Buffer.allocUnsafe(PIECE + 8), Buffer.allocUnsafe(PIECE + 8)];

const names = (await readdir(folder)).sort();
const address = { port: Number(port), host: '127.0.0.1' };
const socket = ca ? connectTls({ ...address, ca: readFileSync(ca) }) : connect({ ...address, noDelay: true });
await once(socket, ca ? 'secureConnect' : 'connect');
socket.setNoDelay(true);
let answered = () => {};
socket.on('data', () => answered());
await warmUp(sendAll);
const begun = performance.now();
await sendAll();
const milliseconds = performance.now() - begun;
socket.end();
process.stdout.write(`${JSON.stringify({ milliseconds })}\n`);

async function sendAll(): Promise<void> {
  let next: Promise<FileHandle> | undefined = open(join(folder, names[0] as string));
  for (let index = 0; index < names.length; index++) {
    const file = (await next) as FileHandle;
    const name = names[index + 1];
    next = name === undefined ? undefined : open(join(folder, name));
    const answer = new Promise<void>((settle) => {
      answered = settle;
    });
    await send(file, (await file.stat()).size);
    await answer;
    await file.close();
  }
}

/** Reads the next piece while the one before is being written. */
async function send(file: FileHandle, length: number): Promise<void> {
  let written: Promise<unknown> | undefined;
  for (let at = 0, turn = 0; at < length; turn++) {
    const start = at === 0 ? 8 : 0;
    const buffer = buffers[turn % 2] as Buffer;
    if (start > 0) buffer.writeBigUInt64LE(BigInt(length), 0);
    const { bytesRead } = await file.read(buffer, start, Math.min(PIECE, length - at), at);
    at += bytesRead;
    await written;
    written = new Promise((settle) => socket.write(buffer.subarray(0, start + bytesRead), settle));
  }
  await written;
}
