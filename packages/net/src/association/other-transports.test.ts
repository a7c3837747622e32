import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectSecurely } from 'node:tls';
import { createAuthority } from '@x/testing/certificates';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionAddresses, TransportServer } from '../transport/transport-server.ts';
import { accept } from './accept.ts';
import { type Listener, type ListenOptions, listen } from './listen.ts';
import { requestAssociation } from './request.ts';

/** A transport to listen on, and a way to connect to it. */
interface Transport {
  readonly server: TransportServer;
  connect(): Promise<Duplex>;
}

function unixSocket(): Transport {
  const folder = mkdtempSync(join(tmpdir(), 'listen-'));
  const path = join(folder, 'socket');
  const server = createServer();
  return {
    server: {
      get address() {
        return server.listening ? {} : undefined;
      },
      listen: async (onConnection) => {
        server.on('connection', (socket) => onConnection(socket));
        await once(server.listen(path), 'listening');
      },
      close: async () => {
        await new Promise((resolve) => server.close(resolve));
        rmSync(folder, { recursive: true });
      },
    },
    connect: async () => {
      const socket = connect(path);
      await once(socket, 'connect');
      return socket;
    },
  };
}

function memory(addresses?: ConnectionAddresses): Transport {
  let accepts: ((stream: Duplex, addresses?: ConnectionAddresses) => void) | undefined;
  return {
    server: {
      get address() {
        return accepts && {};
      },
      listen: async (onConnection) => {
        accepts = onConnection;
      },
      close: async () => {
        accepts = undefined;
      },
    },
    connect: async () => {
      const [near, far] = duplexPair();
      if (!accepts) throw new Error('nothing listens');
      accepts(far, addresses);
      return near;
    },
  };
}

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

async function start({ server }: Transport, options: Partial<ListenOptions> = {}): Promise<Listener> {
  listener = await listen(server, {
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
    serve: async (association) => {
      for await (const _ of association.receive());
    },
    ...options,
  });
  return listener;
}

const associate = (socket: Duplex) =>
  requestAssociation({
    socket,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  });

describe.each([
  ['a Unix domain socket', unixSocket],
  ['streams in memory', memory],
])('listening on %s', (_, make) => {
  test('serves associations, and knows no port', async () => {
    const transport = make();
    const open = await start(transport);
    expect(open.isListening).toBe(true);
    expect(() => open.port).toThrow('the transport of the listener has no port');
    const association = await associate(await transport.connect());
    await vi.waitUntil(() => open.associations.size === 1);
    await association.release();
    expect(await association.closed).toMatchObject({ how: 'released' });
  });

  test('rejects associations beyond the limit', async () => {
    const transport = make();
    await start(transport, { maximumAssociations: 1 });
    await associate(await transport.connect());
    await expect(associate(await transport.connect())).rejects.toMatchObject({ reason: 2, isTransient: true });
  });

  test('drops the connection that has been silent for longest', async () => {
    const transport = make();
    const open = await start(transport, { maximumPendingConnections: 1 });
    await transport.connect();
    const association = await associate(await transport.connect());
    await vi.waitUntil(() => open.associations.size === 1);
    expect(open.counters).toMatchObject({ connections: 2, dropped: 1, associations: 1, failures: 0 });
    association.abort();
  });

  test('lets associations finish when it closes, and aborts the others', async () => {
    const transport = make();
    const open = await start(transport);
    const [finishing, staying] = [
      await associate(await transport.connect()),
      await associate(await transport.connect()),
    ];
    await vi.waitUntil(() => open.associations.size === 2);
    const patience = new AbortController();
    const closing = open.close({ drain: 60_000, signal: patience.signal });
    expect(open.isListening).toBe(false);
    await finishing.release();
    await vi.waitUntil(() => open.associations.size === 1);
    patience.abort();
    expect(await closing).toMatchObject({ finished: 1, aborted: 1 });
    expect(await staying.closed).toMatchObject({ how: 'aborted', by: 'peer' });
    expect(open.connections).toBe(0);
    await expect(transport.connect()).rejects.toThrow();
  });

  test('secures connections with TLS', async () => {
    const authority = await createAuthority();
    const transport = make();
    await start(transport, { tls: await authority.issue() });
    const secured = connectSecurely({ socket: await transport.connect(), ca: authority.cert, servername: 'localhost' });
    await once(secured, 'secureConnect');
    const association = await associate(secured);
    expect(association.contexts.size).toBe(1);
    await association.release();
  });
});

test('the addresses that a transport gives are those of its peers', async () => {
  const transport = memory({ address: '10.0.0.5', port: 4711 });
  const admitted: unknown[] = [];
  const open = await start(transport, {
    maximumAssociationsPerAddress: 1,
    admit: (connection) => admitted.push(connection) > 0,
  });
  await associate(await transport.connect());
  await vi.waitUntil(() => open.associations.size === 1);
  expect([...open.associations.values()][0]?.peer).toMatchObject({ address: '10.0.0.5', port: 4711 });
  expect(admitted).toEqual([{ address: '10.0.0.5', port: 4711 }]);
  await expect(associate(await transport.connect())).rejects.toMatchObject({ isTransient: true });
});
