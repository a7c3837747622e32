// The other processes of the bench: an SCP that discards, and the raw pipeline without DICOM. tsx children.ts ROLE …

import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createScp, Status, serve, storage, verification } from '@x/dimse';

const [role, ...args] = process.argv.slice(2) as [string, ...string[]];
const roles: Readonly<Record<string, () => Promise<void> | void>> = { discard, receive, send };
await roles[role]?.();

/** An SCP whose storage reads and forgets. */
async function discard(): Promise<void> {
  const scp = createScp({
    aeTitle: 'NULL',
    services: [
      serve(verification, { echo: () => Status.Success }),
      serve(storage, {
        async store({ data }) {
          for await (const _ of data.batches());
          return Status.Success;
        },
      }),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  process.stdout.write(`listening ${port}\n`);
}

/** Receives length-prefixed files, writes each to a folder ('-' forgets them), and answers each with a byte. */
function receive(): void {
  const [folder] = args as [string];
  let number = 0;
  const server = createServer({ noDelay: true }, async (socket) => {
    let left = 0;
    let file: Awaited<ReturnType<typeof open>> | undefined;
    let held: Buffer = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      let bytes: Buffer = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      held = Buffer.alloc(0);
      while (bytes.length > 0) {
        if (left === 0) {
          if (bytes.length < 8) {
            held = bytes;
            break;
          }
          left = Number(bytes.readBigUInt64BE(0));
          bytes = bytes.subarray(8);
          if (folder !== '-') file = await open(join(folder, `${++number}.raw`), 'w');
        }
        const part = bytes.subarray(0, left);
        await file?.write(part);
        left -= part.length;
        bytes = bytes.subarray(part.length);
        if (left === 0) {
          await file?.close();
          socket.write('.');
        }
      }
    }
  });
  server.listen(0, '127.0.0.1', () =>
    process.stdout.write(`listening ${(server.address() as { port: number }).port}\n`),
  );
}

/** Sends the files of a folder, each when the last one was answered, in pieces of 512 KiB. */
async function send(): Promise<void> {
  const [port, folder] = args as [string, string];
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  const answers = socket[Symbol.asyncIterator]();
  const block = Buffer.allocUnsafeSlow(512 * 1024);
  for (const name of readdirSync(folder)) {
    const file = openSync(join(folder, name), 'r');
    const { size } = fstatSync(file);
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64BE(BigInt(size));
    socket.write(prefix);
    for (let at = 0; at < size; ) {
      const read = readSync(file, block, 0, block.length, at);
      await new Promise((settle) => socket.write(block.subarray(0, read), settle));
      at += read;
    }
    closeSync(file);
    await answers.next();
  }
  socket.end();
}
