// The limit for receiving in Node, without DICOM: reads a length and the bytes, answers with one byte. Writes files or
// discards the bytes.
// raw-receiver [FOLDER|-] [KEY CERTIFICATE]

import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

const [target, key, cert] = process.argv.slice(2);
const folder = target === '-' ? undefined : target;
const BLOCK = 512 * 1024;
let files = 0;

const take = (socket: Socket) => void receive(socket).catch(() => socket.destroy());
const server =
  key && cert
    ? createTlsServer({ noDelay: true, key: readFileSync(key), cert: readFileSync(cert) }, take)
    : createServer({ noDelay: true }, take);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`listening ${typeof address === 'object' && address?.port}\n`);
});

async function receive(socket: Socket): Promise<void> {
  let left = 0;
  let file: FileHandle | undefined;
  let waiting: Buffer[] = [];
  let waitingLength = 0;
  let writing: Promise<unknown> | undefined;
  for await (const received of socket) {
    let chunk = received as Buffer;
    while (chunk.length > 0) {
      if (left === 0) {
        left = Number(chunk.readBigUInt64LE(0));
        chunk = chunk.subarray(8);
        if (folder) file = await open(join(folder, String(files++)), 'wx');
        continue;
      }
      const part = chunk.subarray(0, left);
      chunk = chunk.subarray(part.length);
      left -= part.length;
      if (file) {
        waiting.push(part);
        waitingLength += part.length;
        if (waitingLength >= BLOCK || left === 0) {
          await writing;
          writing = file.writev(waiting);
          waiting = [];
          waitingLength = 0;
        }
      }
      if (left === 0) {
        await writing;
        await file?.close();
        socket.write('k');
      }
    }
  }
}
