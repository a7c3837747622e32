import { afterEach, expect, test } from 'vitest';
import { createScp, createSessionPool, type Scp, Status, serve, verification } from '../index.ts';

let scp: Scp | undefined;
afterEach(async () => {
  await scp?.close();
});

async function start() {
  let echoes = 0;
  let heard = () => {};
  scp = createScp({
    aeTitle: 'SCP',
    services: [
      serve(verification, {
        echo: () => {
          echoes++;
          heard();
          return Status.Success;
        },
      }),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return {
    request: { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP', services: [verification] },
    echoed: (count: number) =>
      new Promise<void>((resolve) => {
        heard = () => echoes >= count && resolve();
        heard();
      }),
  };
}

test('reuses a session for one user after the other', async () => {
  const { request } = await start();
  await using pool = createSessionPool({ maximumPerKey: 1 });
  const ids = new Set<string>();
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      await using lease = await pool.acquire(request);
      ids.add(lease.resource.association.id);
      await lease.resource.use(verification).echo();
    }),
  );
  expect(ids.size).toBe(1);
});

test('does not reuse a session with an outstanding request', async () => {
  const { request } = await start();
  await using pool = createSessionPool();
  const lease = await pool.acquire(request);
  const echo = lease.resource.use(verification).echo();
  echo.catch(() => {});
  expect(lease.resource.isReusable).toBe(false);
  await lease.release();
  expect(pool.idle).toBe(0);
});

test('keeps an idle session alive by C-ECHO', async () => {
  const { request, echoed } = await start();
  await using pool = createSessionPool({ echoInterval: 1 });
  const lease = await pool.acquire(request);
  await lease.release();
  await echoed(2);
  await using again = await pool.acquire(request);
  expect(again.resource.association.id).toBe(lease.resource.association.id);
});
