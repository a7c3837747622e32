// DCMTK over TLS, in both roles, with refusals by either side.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLS_PROFILES } from '@x/net';
import { type Authority, createAuthority } from '@x/testing/certificates';
import { computedTomographySeries, type Slice } from '@x/testing/computed-tomography-phantom';
import { isInstalled, type Listening, run, runScu, startPeer, startScp } from '@x/testing/processes';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dataSetOf, filesIn } from './stored-files.ts';

const hasDcmtk = ['echoscu', 'storescu', 'storescp'].every(isInstalled);
const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const file = (name: string) => join(folder, name);
let slice: Slice;
let running: Listening | undefined;

beforeAll(async () => {
  const authority = await createAuthority();
  const stranger = await createAuthority('Stranger');
  await put('ours', authority);
  await put('theirs', authority);
  await put('strange', stranger);
  writeFileSync(file('ca.pem'), authority.cert);
  writeFileSync(file('strange-ca.pem'), stranger.cert);
  [slice] = [...computedTomographySeries({ slices: 1, size: 256 })] as [Slice];
  writeFileSync(file('slice.dcm'), slice.bytes);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

async function put(name: string, authority: Authority): Promise<void> {
  // DCMTK's profiles have cipher suites for RSA only.
  const { key, cert } = await authority.issue({ name, keyType: 'RSA-2048' });
  writeFileSync(file(`${name}.key`), key);
  writeFileSync(file(`${name}.crt`), cert);
}

const theirTls = (identity: string, ca: string) => [
  '+tls',
  file(`${identity}.key`),
  file(`${identity}.crt`),
  '+cf',
  file(ca),
];
const ourTls = (identity: string) => ['--tls-key', file(`${identity}.key`), '--tls-cert', file(`${identity}.crt`)];

let archives = 0;
async function archive(...options: readonly string[]): Promise<string> {
  const data = file(`archive-${++archives}`);
  running = await startScp(['--data', data, '--aet', 'ARCHIVE', '-v', ...ourTls('ours'), ...options]);
  return data;
}
const at = () => ['127.0.0.1', `${running?.port}`];

describe.runIf(hasDcmtk)('our SCP', () => {
  // DCMTK's names for the profiles it supports; the current profiles are newer than this version of DCMTK.
  describe.each([
    ['+py', 'bcp195-nd'],
    ['+px', 'bcp195-rfc8996'],
    ['+pz', 'bcp195-extended'],
    ['+py', 'bcp195-rfc8996-modified'],
  ])('with %s there and %s here', (theirs, ours) => {
    test('answers echoscu and stores the instances of storescu', async () => {
      expect(Object.keys(TLS_PROFILES)).toContain(ours);
      const data = await archive('--tls-profile', ours);
      const echo = await run('echoscu', ['-aec', 'ARCHIVE', theirs, ...theirTls('theirs', 'ca.pem'), ...at()]);
      expect(echo).toMatchObject({ exitCode: 0 });
      const store = ['-aec', 'ARCHIVE', theirs, ...theirTls('theirs', 'ca.pem'), ...at(), file('slice.dcm')];
      expect(await run('storescu', store)).toMatchObject({ exitCode: 0 });
      const [kept] = filesIn(join(data, 'instances'));
      expect((await dataSetOf(kept as string)).equals(await dataSetOf(file('slice.dcm')))).toBe(true);
    });
  });

  test('accepts only clients with a certificate it trusts', async () => {
    await archive('--tls-ca', file('ca.pem'));
    const echo = (...tls: readonly string[]) => run('echoscu', ['-aec', 'ARCHIVE', ...tls, ...at()]);
    expect(await echo(...theirTls('theirs', 'ca.pem'))).toMatchObject({ exitCode: 0 });
    expect((await echo(...theirTls('strange', 'ca.pem'))).exitCode).not.toBe(0);
    await expect.poll(() => running?.output()).toContain('not signed by an authority that is trusted');
    expect((await echo('+tla', '+cf', file('ca.pem'))).exitCode).not.toBe(0);
    await expect.poll(() => running?.output()).toContain('it gave no certificate, and one is required');
    // A client without TLS at all.
    expect((await echo()).exitCode).not.toBe(0);
    await expect.poll(() => running?.output()).toContain('does not speak TLS');
    expect(await echo(...theirTls('theirs', 'ca.pem'))).toMatchObject({ exitCode: 0 });
  });

  test('reports a client that does not trust its certificate', async () => {
    await archive();
    const { exitCode, stderr, stdout } = await run('echoscu', [
      '-aec',
      'ARCHIVE',
      ...theirTls('theirs', 'strange-ca.pem'),
      ...at(),
    ]);
    expect(exitCode).not.toBe(0);
    expect(stderr + stdout).toMatch(/certificate verify failed|TLS/);
  });

  test('loads a new certificate while it runs', async () => {
    await archive();
    const echo = (ca: string) => run('echoscu', ['-aec', 'ARCHIVE', ...theirTls('theirs', ca), ...at()]);
    expect(await echo('ca.pem')).toMatchObject({ exitCode: 0 });
    const authority = await createAuthority('Renewed');
    const { key, cert } = await authority.issue({ keyType: 'RSA-2048' });
    writeFileSync(file('renewed-ca.pem'), authority.cert);
    writeFileSync(file('ours.key'), key);
    writeFileSync(file('ours.crt'), cert);
    running?.child.kill('SIGHUP');
    await expect.poll(() => running?.output()).toContain('reloaded: certificates');
    expect(await echo('renewed-ca.pem')).toMatchObject({ exitCode: 0 });
    writeFileSync(file('ours.key'), 'nonsense');
    running?.child.kill('SIGHUP');
    await expect.poll(() => running?.output()).toContain('nothing was changed');
    expect(await echo('renewed-ca.pem')).toMatchObject({ exitCode: 0 });
  });
});

describe.runIf(hasDcmtk)('our SCU', () => {
  const start = async (profile: string, ...options: readonly string[]) => {
    running = await startPeer('storescp', (port) => [
      '+B',
      '-od',
      folder,
      '-aet',
      'STORE',
      profile,
      ...theirTls('theirs', 'ca.pem'),
      ...options,
      `${port}`,
    ]);
  };
  const scu = (verb: string, ...options: readonly string[]) =>
    runScu(verb, `STORE@127.0.0.1:${running?.port}`, ...(verb === 'store' ? [file('slice.dcm')] : []), ...options);
  const client = (identity: string) => ['--tls-key', file(`${identity}.key`), '--tls-cert', file(`${identity}.crt`)];

  test.each([
    ['+py', 'bcp195-nd'],
    ['+px', 'bcp195-rfc8996'],
    ['+pz', 'bcp195-extended'],
  ])('verifies and stores on storescp with %s as %s', async (theirs, ours) => {
    await start(theirs);
    const tls = ['--tls', '--tls-profile', ours, '--tls-ca', file('ca.pem'), ...client('theirs')];
    expect(await scu('echo', ...tls)).toMatchObject({ exitCode: 0 });
    expect(await scu('store', ...tls)).toMatchObject({ exitCode: 0 });
    const stored = filesIn(folder).find((path) => path.includes(slice.sopInstanceUid));
    expect((await dataSetOf(stored as string)).equals(await dataSetOf(file('slice.dcm')))).toBe(true);
    rmSync(stored as string);
  });

  test('explains a failed secure connection in one line', async () => {
    await start('+py');
    const trusted = ['--tls-ca', file('ca.pem')];
    for (const [options, words] of [
      [['--tls', '--tls-ca', file('strange-ca.pem'), ...client('theirs')], /not signed by an authority.*--tls-ca/],
      [['--tls', ...trusted, ...client('strange')], /certificate|closed the connection/],
      [['--tls', ...trusted], /certificate|closed the connection/],
      [[], /closed the connection|TLS/],
    ] as const) {
      const { exitCode, stderr } = await scu('echo', ...options);
      expect([exitCode, stderr.trim().split('\n').length]).toEqual([3, 1]);
      expect(stderr).toMatch(words);
    }
    expect(await scu('echo', '--tls', '--tls-insecure', ...client('theirs'))).toMatchObject({ exitCode: 0 });
    for (const options of [
      ['--tls-ca', file('ca.pem')],
      ['--tls', '--tls-cert', file('theirs.crt')],
      ['--tls', '--tls-ca', file('none')],
    ])
      expect(await scu('echo', ...options)).toMatchObject({ exitCode: 2 });
  });

  test('reports a peer that does not speak TLS', async () => {
    running = await startPeer('storescp', (port) => ['-od', folder, `${port}`]);
    const { exitCode, stderr } = await scu('echo', '--tls', '--tls-ca', file('ca.pem'));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/does not speak TLS|closed the connection before it was secure/);
  });
});
