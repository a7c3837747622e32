// A peer that sends the bytes of a script, for behaviour that a correct peer never shows.

import { connect, createServer, type Server, type Socket } from 'node:net';

/** One end of a TCP connection that a test controls byte by byte. */
export class ScriptedPeer {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #changed: (() => void) | undefined;
  #isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed?.();
    });
    const ended = () => {
      this.#isEnded = true;
      this.#changed?.();
    };
    socket.on('end', ended);
    socket.on('close', ended);
    socket.on('error', ended);
  }

  send(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** Reads the next PDU, with its header; undefined if the other end closes before the PDU is complete. */
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
      await this.#change();
    }
  }

  /** Settles when the other end has closed. */
  async closed(): Promise<void> {
    while (!this.#isEnded) await this.#change();
  }

  /** Closes in an orderly way (FIN). */
  end(): void {
    this.socket.end();
  }

  /** Closes with a reset (RST). */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}

/** Connects to a port of this machine. */
export function callPort(port: number): Promise<ScriptedPeer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(new ScriptedPeer(socket)));
    socket.once('error', reject);
  });
}

/** Listens on a free port and plays a script on each connection. */
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
