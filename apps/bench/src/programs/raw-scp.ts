// The limit for associations in Node.js: answers each A-ASSOCIATE-RQ with the same prepared bytes, and each A-RELEASE-RQ.

import { createServer } from 'node:net';
import { acceptAll } from './accept-all.ts';
import { ASSOCIATE_RQ, RELEASE_RP, RELEASE_RQ, wholePdus } from './pdu-stream.ts';

let accept: Buffer | undefined;
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on(
    'data',
    wholePdus((type, pdu) => {
      if (type === ASSOCIATE_RQ) {
        accept ??= acceptAll(pdu);
        socket.write(accept);
      } else if (type === RELEASE_RQ) socket.end(RELEASE_RP);
      else socket.destroy();
    }),
  );
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 511 }, () => {
  const address = server.address();
  process.stdout.write(`listening ${typeof address === 'object' && address?.port}\n`);
});
