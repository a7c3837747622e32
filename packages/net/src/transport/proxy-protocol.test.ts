import { connect, createServer, type Socket } from 'node:net';
import { createAuthority } from '@x/testing/certificates';
import { everySplit } from '@x/testing/rechunk';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AssociationRequest, accept } from '../association/accept.ts';
import { type Listener, type ListenOptions, listen } from '../association/listen.ts';
import { type RequestOptions, requestAssociation } from '../association/request.ts';
import { type ProxyHeader, ProxyProtocolError, parseProxyHeader } from './proxy-protocol.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const line = (text: string) => Buffer.from(text, 'latin1');

// Every form of header in versions 1 and 2 of the specification.
const VECTORS: readonly (readonly [name: string, header: Buffer, peer: ProxyHeader['peer']])[] = [
  ['v1, IPv4', line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 104\r\n'), { address: '192.0.2.1', port: 56324 }],
  ['v1, IPv6', line('PROXY TCP6 2001:db8::1 2001:db8::2 56324 104\r\n'), { address: '2001:db8::1', port: 56324 }],
  ['v1, unknown', line('PROXY UNKNOWN\r\n'), undefined],
  ['v1, unknown with addresses', line('PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n'), undefined],
  ['v2, IPv4', bytes(`${SIGNATURE} 21 11 000c c0000201 c6336402 dc04 0068`), { address: '192.0.2.1', port: 56324 }],
  [
    'v2, IPv6',
    bytes(`${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 dc04 0068`),
    { address: '2001:db8::1', port: 56324 },
  ],
  [
    'v2, IPv4 with extensions',
    bytes(`${SIGNATURE} 21 11 0013 c0000201 c6336402 dc04 0068 04 0004 00000000`),
    { address: '192.0.2.1', port: 56324 },
  ],
  ['v2, local', bytes(`${SIGNATURE} 20 00 0000`), undefined],
  ['v2, local with addresses', bytes(`${SIGNATURE} 20 11 000c c0000201 c6336402 dc04 0068`), undefined],
  ['v2, Unix socket', bytes(`${SIGNATURE} 21 31 0004 00000000`), undefined],
];

describe.each(VECTORS)('%s', (_, header, peer) => {
  const rest = Buffer.from('0100000000cd', 'hex');

  test('is read whatever bytes follow', () => {
    for (const all of [header, Buffer.concat([header, rest])])
      expect(parseProxyHeader(all)).toEqual({ length: header.length, ...(peer && { peer }) });
  });

  test('is incomplete before its last byte', () => {
    for (let length = 0; length < header.length; length++)
      expect(parseProxyHeader(header.subarray(0, length))).toBeUndefined();
  });
});

test.each([
  ['a PDU', bytes('0100000000cd0001')],
  ['HTTP', line('GET / HTTP/1.1\r\n')],
  ['half a signature', bytes('0d0a0d0a00aa')],
  ['a line without end', line(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['a line with another end', line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 104\n')],
  ['an unknown family', line('PROXY TCP5 192.0.2.1 198.51.100.2 56324 104\r\n')],
  ['no address', line('PROXY TCP4\r\n')],
  ['an invalid port', line('PROXY TCP4 192.0.2.1 198.51.100.2 65536 104\r\n')],
  ['an invalid address', line('PROXY TCP4 <script> 198.51.100.2 1 104\r\n')],
  ['a number that is not an address', line('PROXY TCP4 999.999.999.999 198.51.100.2 1 104\r\n')],
  ['an address of the other family', line('PROXY TCP6 192.0.2.1 198.51.100.2 1 104\r\n')],
  ['an unknown version', bytes(`${SIGNATURE} 31 11 000c`)],
  ['an unknown command', bytes(`${SIGNATURE} 22 11 000c`)],
  ['an excessive length', bytes(`${SIGNATURE} 21 11 ffff`)],
  ['a length too short for its addresses', bytes(`${SIGNATURE} 21 11 0008 c0000201 c6336402`)],
])('%s is no header, and told as soon as it shows', (_, wrong) => {
  expect(() => parseProxyHeader(wrong)).toThrow(ProxyProtocolError);
});

test('reads any bytes as a header, the start of one, or a ProxyProtocolError', () => {
  const beginnings = [Buffer.alloc(0), bytes(SIGNATURE), bytes(`${SIGNATURE}21`), line('PROXY ')];
  fc.assert(
    fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }), (beginning, tail) => {
      const all = Buffer.concat([beginning, tail]);
      try {
        const header = parseProxyHeader(all);
        if (header) expect(header.length).toBeLessThanOrEqual(all.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ProxyProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('a listener behind a proxy', () => {
  let listener: Listener | undefined;
  const servers: { close(): void }[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await listener?.close();
    listener = undefined;
  });

  async function start(options: Partial<ListenOptions> = {}) {
    const requests: AssociationRequest[] = [];
    const failures: unknown[] = [];
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        proxyProtocol: { from: ['127.0.0.0/8', '::1'] },
        decide: (request) => {
          requests.push(request);
          return accept({ supports: () => ({ transferSyntaxes: 'any' }) });
        },
        serve: async (association) => {
          for await (const _ of association.receive());
        },
        ...options,
      },
    );
    listener.on('failed', (error) => failures.push(error));
    return { requests, failures };
  }

  /** A load balancer in front of the listener that says the header first. */
  async function proxy(header: Iterable<Uint8Array>): Promise<number> {
    const server = createServer((inner) => {
      const outer = connect(listener?.port ?? 0, '127.0.0.1', async () => {
        for (const part of header) {
          outer.write(part);
          await new Promise((resolve) => setImmediate(resolve));
        }
        inner.pipe(outer).pipe(inner);
      });
      for (const socket of [inner, outer]) socket.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    servers.push(server);
    return (server.address() as { port: number }).port;
  }

  const associate = (port: number, options: Partial<RequestOptions> = {}) =>
    requestAssociation({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'SCU',
      calledAeTitle: 'SCP',
      contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
      ...options,
    } as RequestOptions);

  test.each(VECTORS)('reads the peer from %s', async (_, header, peer) => {
    const { requests } = await start();
    const association = await associate(await proxy([header]));
    expect(requests[0]).toMatchObject(peer ?? { address: '127.0.0.1' });
    expect([...(listener?.associations.values() ?? [])][0]?.peer).toMatchObject(peer ?? { address: '127.0.0.1' });
    await association.release();
  });

  test('reads the header in pieces of any size', async () => {
    const { requests } = await start();
    const [, header] = VECTORS[4] as (typeof VECTORS)[number];
    for (const split of everySplit(header)) await (await associate(await proxy(split))).release();
    expect(requests).toHaveLength(header.length + 1);
    for (const { address } of requests) expect(address).toBe('192.0.2.1');
  });

  test('makes the connection secure after the header', async () => {
    const authority = await createAuthority();
    const { requests } = await start({ tls: await authority.issue() });
    const tls = { ca: authority.cert };
    const port = await proxy([line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 104\r\n')]);
    await (await associate(port, { tls })).release();
    expect(requests[0]).toMatchObject({ address: '192.0.2.1', tls: { protocol: 'TLSv1.3' } });
  });

  test('counts associations by the address of the peer behind the proxy', async () => {
    await start({ maximumAssociationsPerAddress: 1 });
    const one = await proxy([line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 104\r\n')]);
    const other = await proxy([line('PROXY TCP4 192.0.2.2 198.51.100.2 56324 104\r\n')]);
    const associations = [await associate(one), await associate(other)];
    await expect(associate(one)).rejects.toMatchObject({ result: 2, source: 3, reason: 2 });
    for (const association of associations) await association.release();
  });

  test('counts connections by the address of the peer behind the proxy', async () => {
    await start({ connectionsPerSecond: 0.001 });
    const one = await proxy([line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 104\r\n')]);
    const other = await proxy([line('PROXY TCP4 192.0.2.2 198.51.100.2 56324 104\r\n')]);
    const associations = [await associate(one), await associate(other)];
    await expect(associate(one)).rejects.toMatchObject({ name: 'ConnectionLostError' });
    expect(listener?.counters.limited).toBe(1);
    for (const association of associations) await association.release();
  });

  test('rejects a proxy that sends no header', async () => {
    const { failures } = await start();
    await expect(associate(listener?.port ?? 0)).rejects.toMatchObject({ name: 'ConnectionLostError' });
    expect(failures).toMatchObject([{ name: 'ProxyProtocolError' }]);
  });

  test('rejects a header without end', async () => {
    const { failures } = await start({ timeouts: { handshake: 50 } });
    const socket: Socket = connect(listener?.port ?? 0, '127.0.0.1');
    socket.write('PROXY ');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(failures).toMatchObject([{ name: 'TimeoutError', waitingFor: 'proxy' }]);
  });

  test('ignores headers from other addresses', async () => {
    const { failures } = await start({ proxyProtocol: { from: ['10.0.0.0/8'] } });
    const port = await proxy([line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 104\r\n')]);
    await expect(associate(port)).rejects.toThrow();
    expect(failures).toMatchObject([{ name: 'AssociationAbortedError' }]);
    await (await associate(listener?.port ?? 0)).release();
  });

  test('treats a connection without data as a health check', async () => {
    const { failures } = await start();
    for (const header of ['', `${SIGNATURE}20000000`]) {
      const socket = connect(listener?.port ?? 0, '127.0.0.1');
      socket.end(Buffer.from(header, 'hex'));
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    await vi.waitUntil(() => listener?.counters.probes === 2);
    expect(failures).toEqual([]);
  });
});
