// Schemas of their own for tests in the PostgreSQL server of the run, and connections that can be cut.

import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { testPostgres } from '@x/testing/services';
import pg from 'pg';

/** The address of the server for tests; undefined if PostgreSQL is not installed, and the tests that need it are skipped. */
export const TEST_SERVER: string | undefined = await testPostgres();

/** A new schema, which disposing of it drops. Close what uses it before. */
export function testSchema(server: string = TEST_SERVER ?? ''): { readonly url: string } & AsyncDisposable {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  const url = new URL(server);
  url.searchParams.set('schema', schema);
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => inTestDatabase(`drop schema if exists ${schema} cascade`, server),
  };
}

/** Executes a statement on a connection of its own. */
export async function inTestDatabase(statement: string, server: string = TEST_SERVER ?? ''): Promise<void> {
  const url = new URL(server);
  url.search = '';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface Wire extends AsyncDisposable {
  /** The address of the server through this wire. */
  readonly url: string;
  /**
   * Cuts the connection that sends this text next: before the server has received it, or when it has answered, instead of
   * handing the answer over. `atCut` is called at that moment.
   */
  cutAt(text: string, when: 'before' | 'answered', atCut?: () => void): void;
  /** Cuts all connections, and refuses others until `mend` is called. */
  cut(): void;
  mend(): void;
}

/** A wire between a program and the server of an address. */
export async function wireTo(address: string): Promise<Wire> {
  const { hostname, port } = new URL(address);
  const sockets = new Set<Socket>();
  let isCut = false;
  let cutting: { readonly text: Buffer; readonly when: 'before' | 'answered'; readonly atCut: () => void } | undefined;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect({ host: hostname, port: Number(port) });
    const end = () => {
      near.destroy();
      far.destroy();
    };
    let atAnswer: (() => void) | undefined;
    const cutNow = (atCut: () => void) => {
      atCut();
      end();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    near.on('data', (data) => {
      const here = cutting && data.includes(cutting.text) ? cutting : undefined;
      if (here) cutting = undefined;
      if (here?.when === 'before') return cutNow(here.atCut);
      atAnswer ??= here?.atCut;
      far.write(data);
    });
    far.on('data', (data) => (atAnswer ? cutNow(atAnswer) : near.write(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(address);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cutAt(text, when, atCut = () => {}) {
      cutting = { text: Buffer.from(text), when, atCut };
    },
    cut() {
      isCut = true;
      cutAll();
    },
    mend() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      cutAll();
      await closed;
    },
  };
}
