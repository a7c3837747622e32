// Logins for the pages: the requests that are admitted, a guesser, and users that change.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { readUsersWithPasscodes, type Users, userLine } from '../users.ts';
import { answerText, type HttpServer, openHttpServer } from './http-server.ts';
import { admission } from './login.ts';

let anna: Users;
beforeAll(async () => {
  anna = await usersOf(await userLine('anna', 'se:same'));
});

const servers: HttpServer[] = [];
const refusals: string[] = [];
afterEach(async () => {
  refusals.length = 0;
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function usersOf(...lines: string[]): Promise<Users> {
  const folder = mkdtempSync(join(tmpdir(), 'logins-'));
  try {
    writeFileSync(join(folder, 'users'), lines.join('\n'));
    return readUsersWithPasscodes(join(folder, 'users'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function open(users: () => Users | undefined, { isLocal = true, pause = 0 } = {}): Promise<string> {
  const here = (_request: unknown, response: Parameters<typeof answerText>[0]) => answerText(response, 200, 'here');
  const server = await openHttpServer({
    port: 0,
    host: '127.0.0.1',
    routes: { '/': here, '/studies': here, '/healthz': here, '/livez': here, '/metrics': here },
    admit: admission({ users, isLocal, pause, refused: (summary) => refusals.push(summary) }),
    failed: (error) => refusals.push(String(error)),
  });
  servers.push(server);
  return server.url;
}

function ask(url: string, path: string, authorization?: string, localAddress = '127.0.0.1') {
  return new Promise<{ status: number; challenge: string | undefined; text: string }>((resolve, reject) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    get(`${url}${path}`, { headers, localAddress }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, challenge: response.headers['www-authenticate'], text });
    }).once('error', reject);
  });
}

const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

test('at this machine a login is not asked for', async () => {
  const url = await open(() => undefined);
  for (const path of ['/', '/studies', '/healthz', '/livez', '/metrics'])
    expect((await ask(url, path)).status).toBe(200);
});

test('beyond this machine, patients are not shown without users, and the answer names the option', async () => {
  const url = await open(() => undefined, { isLocal: false });
  expect(await ask(url, '/studies')).toMatchObject({ status: 403, text: expect.stringContaining('--http-users') });
  expect((await ask(url, '/')).status).toBe(403);
  for (const path of ['/healthz', '/livez']) expect((await ask(url, path)).status).toBe(200);
  expect((await ask(url, '/metrics')).status).toBe(200);
});

test.each([
  ['no header', undefined],
  ['an empty header', ''],
  ['another scheme', 'Bearer YW5uYTpzZTpzYW1l'],
  ['no base64', 'Basic !!'],
  ['no colon', basic('anna')],
  ['an unknown name', basic('otto:se:same')],
  ['a wrong passcode', basic('anna:sesame')],
  ['no passcode', basic('anna:')],
  ['a name of every object', basic('__proto__:se:same')],
])('a request with %s is asked for a login', async (_, header) => {
  const url = await open(() => anna);
  expect(await ask(url, '/studies', header)).toMatchObject({
    status: 401,
    challenge: expect.stringMatching(/^Basic /),
  });
  expect((await ask(url, '/metrics', header)).status).toBe(401);
  expect((await ask(url, '/healthz', header)).status).toBe(200);
});

test('a user sees all pages, and a removed user none', async () => {
  let users = anna;
  const url = await open(() => users, { isLocal: false });
  for (const path of ['/', '/studies', '/metrics'])
    expect((await ask(url, path, basic('anna:se:same'))).status).toBe(200);
  users = await usersOf(await userLine('otto', 'x'));
  expect((await ask(url, '/', basic('anna:se:same'))).status).toBe(401);
  expect((await ask(url, '/', basic('otto:x'))).status).toBe(200);
});

test('a guesser waits, and neither a remembered user nor another address does', async () => {
  // The pause outlasts the test, so that no request that is answered has waited for it.
  const url = await open(() => anna, { pause: 1_000_000 });
  expect((await ask(url, '/', basic('anna:se:same'))).status).toBe(200);
  expect((await ask(url, '/', basic('anna:1'), '127.0.0.2')).status).toBe(401);
  const waiting = Array.from({ length: 30 }, (_, guess) =>
    ask(url, '/', basic(`anna:${guess}`), '127.0.0.2').then(
      ({ status }) => status,
      () => undefined,
    ),
  );
  // Twenty wait with the one that made the pause; all others are refused at once.
  const refused = new Promise<void>((resolve) => {
    let count = 0;
    for (const each of waiting) void each.then((status) => status === 429 && ++count === 11 && resolve());
  });
  await refused;
  expect((await ask(url, '/', basic('anna:se:same'), '127.0.0.2')).status).toBe(200);
  expect((await ask(url, '/', basic('anna:2'), '127.0.0.3')).status).toBe(401);
  expect(refusals).toEqual([expect.stringContaining('127.0.0.2'), expect.stringContaining('127.0.0.3')]);
});

test('a user without a passcode is refused with the line', async () => {
  await expect(usersOf('# people', 'anna')).rejects.toThrow(/users:2: the user 'anna' has no passcode/);
});
