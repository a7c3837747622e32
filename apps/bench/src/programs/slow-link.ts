// A slow link: forwards connections to a port and delays the bytes of each direction by some milliseconds.

import { connect, createServer, type Socket } from 'node:net';

const [target, delay] = process.argv.slice(2).map(Number) as [number, number];
const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
  forward(near, far);
  forward(far, near);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`listening ${typeof address === 'object' && address?.port}\n`);
});

function forward(from: Socket, to: Socket): void {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delay));
  from.on('close', () => setTimeout(() => to.end(), delay));
  from.on('error', () => to.destroy());
}
