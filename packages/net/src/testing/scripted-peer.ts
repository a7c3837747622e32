// A peer that sends and receives bytes as a script says, for situations that a correct peer never causes.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { Condition } from '../condition.ts';

/** One end of a TCP connection, driven by hand. Received bytes are kept until they are read as PDUs. */
export class ScriptedPeer {
  /** The socket of this end. */
  readonly socket: Socket;
  readonly #changed = new Condition();
  #received = Buffer.alloc(0);
  #isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed.notify();
    });
    for (const event of ['end', 'close', 'error'])
      socket.on(event, () => {
        this.#isEnded = true;
        this.#changed.notify();
      });
  }

  /** Writes each part; nothing is checked. */
  send(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** The next PDU with its header; undefined if the other end closes before the PDU is complete. */
  async nextPdu(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#received.length >= 6) {
        const length = 6 + this.#received.readUInt32BE(2);
        if (this.#received.length >= length) {
          const pdu = this.#received.subarray(0, length);
          this.#received = this.#received.subarray(length);
          return pdu;
        }
      }
      if (this.#isEnded) return undefined;
      await this.#changed.wait();
    }
  }

  /** Settles when the other end has closed. */
  async closed(): Promise<void> {
    while (!this.#isEnded) await this.#changed.wait();
  }

  /** Closes in an orderly way (FIN). */
  end(): void {
    this.socket.end();
  }

  /** Closes with a reset (RST). */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** Connects to a port of the loopback interface. @throws the system's error. */
export function callPort(port: number): Promise<ScriptedPeer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(new ScriptedPeer(socket)));
    socket.once('error', reject);
  });
}

/** Listens on a free `port` of the loopback interface and runs the script for each connection, until `close` is called. */
export async function listenWith(
  script: (peer: ScriptedPeer) => void | Promise<void>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const peers = new Set<ScriptedPeer>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const peer = new ScriptedPeer(socket);
    peers.add(peer);
    void script(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of peers) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
