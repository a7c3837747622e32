import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Authority, createAuthority, type Identity } from '@x/testing/certificates';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AssociationRequest, accept, reject } from '../association/accept.ts';
import type { Association } from '../association/association.ts';
import { type Listener, type ListenOptions, listen } from '../association/listen.ts';
import { type RequestOptions, requestAssociation } from '../association/request.ts';
import type { TlsClientOptions, TlsServerOptions } from './tls.ts';
import { TLS_PROFILES, type TlsProfileName, tlsProfile } from './tls-profile.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const CONTEXTS = [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: [IMPLICIT] }];

let authority: Authority;
let stranger: Authority;
let server: Identity;
let client: Identity;
beforeAll(async () => {
  [authority, stranger] = await Promise.all([createAuthority(), createAuthority('Stranger')]);
  server = await authority.issue({ name: 'archive' });
  client = await authority.issue({ name: 'MODALITY' });
});

let listener: Listener | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close();
  listener = undefined;
});

interface Heard {
  readonly requests: AssociationRequest[];
  readonly failed: Promise<unknown>;
}

async function start(tls?: TlsServerOptions, options: Partial<ListenOptions> = {}): Promise<Heard> {
  const requests: AssociationRequest[] = [];
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      ...(tls && { tls }),
      decide: (request) => {
        requests.push(request);
        return accept({ supports: () => ({ transferSyntaxes: 'any' }) });
      },
      serve: async (association) => {
        for await (const value of association.receive())
          if (value.last && value.kind === 'data') await association.send(1, { command: Buffer.alloc(2) });
      },
      ...options,
    },
  );
  const failed = new Promise((resolve) => listener?.once('failed', resolve));
  return { requests, failed };
}

function associate(tls?: TlsClientOptions, options: Partial<RequestOptions> = {}): Promise<Association> {
  return requestAssociation({
    host: '127.0.0.1',
    port: listener?.port ?? 0,
    callingAeTitle: 'MODALITY',
    calledAeTitle: 'ARCHIVE',
    contexts: CONTEXTS,
    ...(tls && { tls }),
    ...options,
  } as RequestOptions);
}

const trusted = () => ({ ca: authority.cert });

describe.each(Object.keys(TLS_PROFILES) as TlsProfileName[])('profile %s', (profile) => {
  test('secures an association, and data both ways', async () => {
    const { requests } = await start({ ...server, profile });
    const association = await associate({ ...trusted(), profile });
    const { protocol, cipherSuite, certificate, isAuthorized } = association.connection.tls ?? {};
    expect(protocol).toBe(tlsProfile(profile).maxVersion);
    expect(cipherSuite).toMatch(/GCM|POLY1305/);
    expect(isAuthorized).toBe(true);
    expect(certificate?.subject).toBe('CN=archive');
    expect(requests[0]?.tls).toMatchObject({ protocol, cipherSuite, isAuthorized: false });
    await association.send(1, { command: Buffer.alloc(100), data: Buffer.alloc(3_000_000, 7) });
    expect((await association.nextValue())?.fragments[0]).toHaveLength(2);
    await association.release();
  });

  test('allows neither TLS below 1.2 nor weak cipher suites', async () => {
    const { failed } = await start({ ...server, profile });
    const old = connectTls({
      port: listener?.port ?? 0,
      host: '127.0.0.1',
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    sockets.push(old);
    const error = new Promise<Error & { code?: string }>((resolve) => old.once('error', resolve));
    expect((await error).code).toMatch(/PROTOCOL/);
    expect(await failed).toMatchObject({ name: 'TlsError', fault: 'protocol-version', by: 'local' });
    for (const suite of tlsProfile(profile).cipherSuites)
      expect(suite).toMatch(/^TLS_|^(?:ECDHE|DHE)-.*(?:GCM|CCM|CHACHA20)/);
  });
});

test('rejects an unknown profile', () => {
  expect(() => tlsProfile('tls-1.0' as TlsProfileName)).toThrow(/bcp195-rfc8996/);
});

test('fails without a common cipher suite', async () => {
  const only = (suite: string) => ({ ...tlsProfile(), maxVersion: 'TLSv1.2' as const, cipherSuites: [suite] });
  const { failed } = await start({ ...server, profile: only('ECDHE-ECDSA-AES256-GCM-SHA384') });
  await expect(associate({ ...trusted(), profile: only('ECDHE-ECDSA-AES128-GCM-SHA256') })).rejects.toMatchObject({
    name: 'TlsError',
    fault: 'no-common-cipher-suite',
    by: 'peer',
  });
  expect(await failed).toMatchObject({ fault: 'no-common-cipher-suite', by: 'local' });
});

test('reports incompatible versions on both sides', async () => {
  const { failed } = await start({ ...server, profile: { ...tlsProfile(), minVersion: 'TLSv1.3' } });
  const profile = { ...tlsProfile(), maxVersion: 'TLSv1.2' as const };
  await expect(associate({ ...trusted(), profile })).rejects.toMatchObject({ fault: 'protocol-version', by: 'peer' });
  expect(await failed).toMatchObject({ fault: 'protocol-version', by: 'local' });
});

describe('a server certificate', () => {
  test.each<[string, () => Promise<Identity>, string, RegExp]>([
    ['of an unknown authority', () => stranger.issue(), 'untrusted', /not signed by an authority that is trusted/],
    ['that has expired', () => authority.issue({ days: [-2, -1] }), 'expired', /has expired/],
    ['that is not valid yet', () => authority.issue({ days: [1, 2] }), 'not-yet-valid', /not valid yet/],
    ['for another host', () => authority.issue({ hosts: ['elsewhere.example'] }), 'wrong-host', /another host/],
  ])('%s is refused', async (_, issue, fault, words) => {
    await start(await issue());
    const error = await associate(trusted()).catch((error) => error);
    expect(error).toMatchObject({ name: 'TlsError', fault, by: 'local' });
    expect(error.message).toMatch(words);
    expect(error.message).toContain(`127.0.0.1:${listener?.port}`);
  });

  test('for another host is accepted by its chain alone, or by the name asked for', async () => {
    await start(await authority.issue({ hosts: ['archive.example'] }));
    await (await associate({ ...trusted(), verify: 'chain' })).release();
    await (await associate({ ...trusted(), servername: 'archive.example' })).release();
    await expect(associate({ ...trusted(), servername: 'other.example' })).rejects.toMatchObject({
      fault: 'wrong-host',
    });
  });

  test('of any authority is accepted if verification is off', async () => {
    await start(await stranger.issue({ days: [-2, -1] }));
    const association = await associate({ verify: 'nothing' });
    expect(association.connection.tls?.isAuthorized).toBe(false);
    await association.release();
  });

  test('may be signed by an authority in between', async () => {
    const between = await authority.subordinate('Between');
    await start(await between.issue());
    await (await associate(trusted())).release();
  });

  test('with a short key is refused by the profiles with a bound', async () => {
    const weak = await authority.issue({ keyType: 'RSA-1024' });
    const profile = { ...tlsProfile('bcp195-rfc8996-modified') };
    const lenient = { ...profile, cipherSuites: [...profile.cipherSuites, '@SECLEVEL=0'] };
    await start({ ...weak, profile: lenient });
    await expect(associate({ ...trusted(), profile: lenient })).rejects.toMatchObject({
      fault: 'weak-key',
      by: 'local',
    });
  });

  test('that was revoked is refused', async () => {
    const crl = await authority.revoke(server.cert);
    await start(server);
    await expect(associate({ ...trusted(), crl })).rejects.toMatchObject({ fault: 'revoked', by: 'local' });
    await listener?.close();
    await start(await authority.issue());
    await (await associate({ ...trusted(), crl })).release();
  });
});

describe('a client certificate', () => {
  test('is available to the decision, for instance to bind it to an AE title', async () => {
    const { requests } = await start(
      { ...server, ca: authority.cert },
      {
        decide: ({ callingAeTitle, tls }) =>
          tls?.certificate?.subject === `CN=${callingAeTitle}`
            ? accept({ supports: () => ({ transferSyntaxes: 'any' }) })
            : reject({ reason: 3 }),
      },
    );
    await (await associate({ ...trusted(), ...client })).release();
    const other = { callingAeTitle: 'OTHER' };
    await expect(associate({ ...trusted(), ...client }, other)).rejects.toMatchObject({
      name: 'AssociationRejectedError',
      reason: 3,
    });
    expect(requests).toEqual([]);
  });

  test('is available to `admit` before anything is read', async () => {
    const seen: unknown[] = [];
    await start(
      { ...server, ca: authority.cert },
      {
        admit: ({ tls, address }) => {
          seen.push([tls?.certificate?.subject, address]);
          return false;
        },
      },
    );
    await expect(associate({ ...trusted(), ...client })).rejects.toMatchObject({ name: 'ConnectionLostError' });
    expect(seen).toEqual([['CN=MODALITY', '127.0.0.1']]);
    expect(listener?.counters).toMatchObject({ notAdmitted: 1, failures: 0 });
  });

  test.each<[string, () => Promise<Partial<Identity>>, string]>([
    ['that is missing', async () => ({}), 'certificate-required'],
    ['of an unknown authority', () => stranger.issue(), 'untrusted'],
    ['that has expired', () => authority.issue({ days: [-2, -1] }), 'expired'],
  ])('%s is refused', async (_, issue, fault) => {
    const { requests, failed } = await start({ ...server, ca: authority.cert });
    await expect(associate({ ...trusted(), ...(await issue()) })).rejects.toMatchObject({
      name: expect.stringMatching(/TlsError|ConnectionLostError/),
    });
    expect(await failed).toMatchObject({ name: 'TlsError', fault, by: 'local' });
    expect(requests).toEqual([]);
  });

  test('that was revoked is refused', async () => {
    const { failed } = await start({ ...server, ca: authority.cert, crl: await authority.revoke(client.cert) });
    await expect(associate({ ...trusted(), ...client })).rejects.toThrow();
    expect(await failed).toMatchObject({ fault: 'revoked', by: 'local' });
  });

  test('is optional if it is only requested', async () => {
    const { requests } = await start({ ...server, ca: authority.cert, clientCertificate: 'requested' });
    await (await associate(trusted())).release();
    await (await associate({ ...trusted(), ...client })).release();
    expect(requests.map(({ tls }) => [tls?.certificate?.subject, tls?.isAuthorized])).toEqual([
      [undefined, false],
      ['CN=MODALITY', true],
    ]);
  });
});

test('chooses the certificate by the host name that the client requests', async () => {
  const identities = {
    'archive.example': await authority.issue({ name: 'archive', hosts: ['archive.example'] }),
    '*.clinic.example': await authority.issue({ name: 'clinic', hosts: ['*.clinic.example'] }),
  };
  await start({ ...server, names: identities });
  for (const [servername, subject] of [
    ['archive.example', 'CN=archive'],
    ['ct.clinic.example', 'CN=clinic'],
    ['localhost', 'CN=archive'],
  ] as const) {
    const association = await associate({ ...trusted(), servername });
    expect(association.connection.tls?.certificate?.subject).toBe(subject);
    await association.release();
  }
});

test('replaces certificates while associations continue', async () => {
  await start(server);
  const before = await associate(trusted());
  listener?.reload(await stranger.issue({ name: 'renewed' }));
  await expect(associate(trusted())).rejects.toMatchObject({ fault: 'untrusted' });
  const after = await associate({ ca: stranger.cert });
  expect(after.connection.tls?.certificate?.subject).toBe('CN=renewed');
  await before.send(1, { command: Buffer.alloc(2), data: Buffer.alloc(2) });
  expect((await before.nextValue())?.last).toBe(true);
  await before.release();
  await after.release();
  expect(() => listener?.reload({ key: 'none', cert: 'none' })).toThrow();
  await (await associate({ ca: stranger.cert })).release();
});

describe('a fault of a key, a certificate or a list names the option', () => {
  const faults: readonly [words: RegExp, option: string, tls: () => TlsClientOptions][] = [
    [/contains no certificate in PEM/, 'tls.ca', () => ({ ...client, ca: 'certs/ca.crt' })],
    [/contains no certificate in PEM/, 'tls.ca', () => ({ ...client, ca: [authority.cert, client.key] })],
    [/contains no revocation list in PEM/, 'tls.crl', () => ({ ...client, crl: authority.cert })],
    [/contains no certificate in PEM/, 'tls.cert', () => ({ ...client, cert: 'client.crt' })],
    [/contains no private key in PEM .* without a passphrase/, 'tls.key', () => ({ ...client, key: client.cert })],
    [/is not the private key of the certificate in 'tls.cert'/, 'tls.key', () => ({ ...client, key: server.key })],
  ];

  test.each(faults)('%s at the client: %s', async (words, option, tls) => {
    await start(server);
    const error = await associate({ ...trusted(), ...tls() }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'OptionError', code: 'OPTION_INVALID', option });
    expect(String(error)).toMatch(words);
  });

  test.each(faults)('%s at the server: %s', async (words, option, tls) => {
    const error = await start(tls() as TlsServerOptions).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'OptionError', code: 'OPTION_INVALID', option });
    expect(String(error)).toMatch(words);
  });

  test('in names of hosts and in reload, too', async () => {
    const { key } = client;
    const names = { 'archive.example': { ...server, key } };
    await expect(start({ ...server, names })).rejects.toMatchObject({ option: 'tls.names.archive.example.key' });
    await start(server);
    expect(() => listener?.reload({ ...server, key })).toThrow(/'tls.key' is not the private key/);
    await (await associate(trusted())).release();
  });

  test.each([
    ['tls.key', () => ({ cert: client.cert })],
    ['tls.cert', () => ({ key: client.key })],
  ])('%s is missing beside the other', async (option, tls) => {
    await start(server);
    await expect(associate({ ...trusted(), ...tls() })).rejects.toMatchObject({ code: 'OPTION_MISSING', option });
  });
});

test('replaces authorities and revocation lists', async () => {
  await start({ ...server, ca: authority.cert });
  const strange = await stranger.issue();
  await (await associate({ ...trusted(), ...client })).release();
  await expect(associate({ ...trusted(), ...strange })).rejects.toThrow();
  listener?.reload({ ...server, ca: [authority.cert, stranger.cert] });
  await (await associate({ ...trusted(), ...strange })).release();
  listener?.reload({ ...server, ca: authority.cert, crl: await authority.revoke(client.cert) });
  await expect(associate({ ...trusted(), ...client })).rejects.toThrow();
  await expect(associate({ ...trusted(), ...strange })).rejects.toThrow();
  await (await associate({ ...trusted(), ...(await authority.issue()) })).release();
});

describe('a peer with another protocol', () => {
  test('is recognized on both sides if it speaks plain DICOM on a TLS port', async () => {
    const { failed } = await start(server);
    const error = await associate().catch((error) => error);
    expect(error.message).toMatch(/does it expect TLS/);
    expect(await failed).toMatchObject({ name: 'TlsError', fault: 'not-tls', by: 'local' });
  });

  test('is recognized by its TLS alert', async () => {
    const server = createServer((socket) => socket.resume().end(Buffer.from('15030100020246', 'hex'))).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await expect(associate(undefined, { port })).rejects.toThrow(/TLS, not DICOM/);
    await new Promise((resolve) => server.close(resolve));
  });

  test('is recognized on both sides if it speaks TLS on a plain port', async () => {
    const { failed } = await start();
    await expect(associate(trusted())).rejects.toMatchObject({ name: 'TlsError', fault: 'not-tls', by: 'local' });
    expect(((await failed) as Error).message).toMatch(/TLS, not DICOM/);
  });

  test('is reported if it closes during the handshake', async () => {
    const silent = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    await expect(associate(trusted(), { port })).rejects.toMatchObject({ name: 'TlsError', fault: 'closed' });
    await new Promise((resolve) => silent.close(resolve));
  });

  test('times out if it never answers', async () => {
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    await expect(associate(trusted(), { port, timeouts: { handshake: 50 } })).rejects.toMatchObject({
      name: 'TimeoutError',
      waitingFor: 'handshake',
    });
    const reason = new Error('not wanted any more');
    const signal = AbortSignal.abort(reason);
    await expect(associate(trusted(), { port, signal })).rejects.toBe(reason);
    const controller = new AbortController();
    const given = associate(trusted(), { port, signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(given).rejects.toBe(reason);
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});

test('ends a stalled handshake without delaying other connections', async () => {
  const { failed } = await start(server, { timeouts: { handshake: 300 } });
  const stalled = Array.from({ length: 20 }, () => connect(listener?.port ?? 0, '127.0.0.1'));
  for (const [index, socket] of stalled.entries()) {
    sockets.push(socket);
    socket.on('error', () => {});
    // The beginning of a ClientHello, or nothing at all.
    if (index % 2) socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
  }
  await Promise.all(stalled.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await (await associate(trusted())).release();
  expect(await failed).toMatchObject({ name: 'TimeoutError', waitingFor: 'handshake' });
  await Promise.all(stalled.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));
  await vi.waitUntil(() => listener?.pendingConnections === 0);
});

test('treats a connection without data on a TLS port as a health check', async () => {
  await start(server);
  const failures: unknown[] = [];
  listener?.on('failed', (error) => failures.push(error));
  for (let round = 0; round < 3; round++) {
    const socket = connect(listener?.port ?? 0, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await (await associate(trusted())).release();
  expect(failures).toEqual([]);
  expect(listener?.counters).toMatchObject({ probes: 3, failures: 0 });
});
