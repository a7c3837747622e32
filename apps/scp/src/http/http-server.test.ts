// HTTP requests that are wrong or malicious, and clients that do not read.

import { get, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { associatedPair } from '@x/net';
import { afterEach, expect, test } from 'vitest';
import { PAGES } from '../pages.ts';
import { answerText, type HttpServer, openHttpServer, type Route } from './http-server.ts';
import { LiveAssociations, MOST_ENDED } from './live-associations.ts';
import { liveRoutes } from './live-routes.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function open(routes: Record<string, Route>, host = '127.0.0.1'): Promise<URL> {
  const server = await openHttpServer({ port: 0, host, routes, failed: () => {} });
  servers.push(server);
  return new URL(server.url);
}

/** The status of an answer. */
function ask(url: URL, path: string, { method = 'GET', host = '' } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(new URL(path, url), { method, headers: host ? { Host: host } : {} }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.once('error', reject).end();
  });
}

const routes = { '/': (_request, response) => answerText(response, 200, 'here') } satisfies Record<string, Route>;

test('refuses requests with a foreign host name', async () => {
  const url = await open(routes);
  for (const host of ['localhost', `localhost:${url.port}`, '127.0.0.1:1', '[::1]', '[::1]:80'])
    expect([host, await ask(url, '/', { host })]).toEqual([host, 200]);
  for (const host of [
    'evil.example',
    `evil.example:${url.port}`,
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[',
  ])
    expect([host, await ask(url, '/', { host })]).toEqual([host, 403]);
});

test('answers checks of load balancers, which do not name a host', async () => {
  const url = await open(routes);
  const socket = connect(Number(url.port), url.hostname);
  socket.end('GET / HTTP/1.0\r\n\r\n');
  let response = '';
  for await (const text of socket.setEncoding('utf8')) response += text;
  expect(response).toMatch(/^HTTP\/1\.1 200 /);
});

test('clients that do not finish their requests give way to others', async () => {
  const server = await openHttpServer({ port: 0, host: '127.0.0.1', routes, requestTimeout: 100, failed: () => {} });
  servers.push(server);
  const url = new URL(server.url);
  // As many as the server has places.
  const crowd = Array.from({ length: 100 }, () => connect(Number(url.port), url.hostname));
  const gone = crowd.map((socket) => new Promise((resolve) => socket.on('error', () => {}).once('close', resolve)));
  for (const socket of crowd) {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    socket.resume();
  }
  await Promise.all(gone);
  expect(await ask(url, '/')).toBe(200);
});

test('accepts any host name if it listens on other addresses', async () => {
  const url = await open(routes, '0.0.0.0');
  expect(await ask(new URL(`http://127.0.0.1:${url.port}`), '/', { host: 'archive.example' })).toBe(200);
});

test.each([
  ['/nothing', 'GET', 404],
  ['/../live.html', 'GET', 404],
  ['/%2e%2e/etc/passwd', 'GET', 404],
  ['/__proto__', 'GET', 404],
  ['/?anything', 'GET', 200],
  ['/', 'HEAD', 200],
  ['/', 'POST', 405],
  ['/', 'DELETE', 405],
  ['/', 'OPTIONS', 405],
])('%s %s is answered %i', async (path, method, status) => {
  expect(await ask(await open(routes), path, { method })).toBe(status);
});

test('forbids framing, sniffing, caching and foreign scripts in every response', async () => {
  const url = await open(routes);
  for (const path of ['/', '/nothing']) {
    const { headers } = await fetch(new URL(path, url));
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(rule);
    expect(policy).not.toMatch(/unsafe|\*|data:/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('answers 500 without the reason if a route throws', async () => {
  const url = await open({
    '/': () => {
      throw new Error('secret');
    },
  });
  const response = await fetch(url);
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('secret')]);
});

const liveUrl = (live: LiveAssociations) =>
  open(liveRoutes({ live, aeTitle: 'A', films: '/nowhere', pages: PAGES, instances: {}, workflow: {} } as never));

test('writes nothing more to a page that does not read until it reads', async () => {
  const live = new LiveAssociations();
  const url = await liveUrl(live);
  // Enough data to fill the buffers of the system.
  const pairs = await Promise.all(
    Array.from({ length: 800 }, () => associatedPair({ request: { onConnection: (each) => live.connection(each) } })),
  );
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.pause();
  await expect.poll(() => live.watchers, { timeout: 10_000 }).toBe(1);
  // Once the buffers are full, the page is not a watcher any more: nothing is written or held for it.
  const isQuiet = async () => {
    for (let look = 0; look < 5; look++) {
      if (live.watchers > 0) return false;
      await setTimeout(100);
    }
    return true;
  };
  await expect.poll(isQuiet, { timeout: 60_000 }).toBe(true);
  socket.resume();
  await expect.poll(() => live.watchers, { timeout: 10_000 }).toBe(1);
  socket.destroy();
  await expect.poll(() => live.watchers, { timeout: 10_000 }).toBe(0);
  for (const [requestor] of pairs) requestor.abort();
}, 90_000);

test('limits the number of open pages', async () => {
  const live = new LiveAssociations();
  const url = await liveUrl(live);
  const statuses: number[] = [];
  const looking = Array.from({ length: 21 }, () =>
    get(new URL('/events', url), (response) => {
      statuses.push(response.statusCode ?? 0);
      response.on('error', () => {}).resume();
    }).on('error', () => {}),
  );
  await expect.poll(() => statuses.length, { timeout: 10_000 }).toBe(21);
  expect(statuses.filter((status) => status === 503)).toHaveLength(1);
  for (const each of looking) each.destroy();
  await expect.poll(() => live.watchers, { timeout: 5000 }).toBe(0);
});

test('keeps the last associations that have ended', async () => {
  const live = new LiveAssociations();
  for (let round = 0; round < 60; round++) {
    const [requestor] = await associatedPair({ request: { onConnection: (each) => live.connection(each) } });
    requestor.abort();
    await requestor.connection.disconnected;
  }
  await expect.poll(() => live.views().length).toBe(MOST_ENDED);
  expect(live.views().every(({ ended, isBad }) => ended !== undefined && isBad)).toBe(true);
});
