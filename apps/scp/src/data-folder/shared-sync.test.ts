import { expect, test } from 'vitest';
import { SharedSync } from './shared-sync.ts';

/** A sync that ends when the test says so. */
function controlled() {
  const runs: { end(): void; fail(error: Error): void }[] = [];
  const shared = new SharedSync(() => new Promise<void>((end, fail) => runs.push({ end, fail })));
  return { shared, runs };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('starts at once for a lone request', async () => {
  const { shared, runs } = controlled();
  const request = shared.request();
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await request;
  expect(shared.isIdle).toBe(true);
});

test('shares one sync among all requests that arrive while another one runs', async () => {
  const { shared, runs } = controlled();
  const settled: number[] = [];
  const requests = Array.from({ length: 100 }, (_, number) => shared.request().then(() => settled.push(number)));
  await turn();
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await turn();
  // The other 99 were made after the first sync began, which may have passed their data.
  expect(settled).toEqual([0]);
  expect(runs).toHaveLength(2);
  const late = shared.request();
  runs[1]?.end();
  await Promise.all(requests);
  await turn();
  expect(runs).toHaveLength(3);
  runs[2]?.end();
  await late;
  expect(shared.isIdle).toBe(true);
});

test('fails the requests that share a failed sync, and only these', async () => {
  const { shared, runs } = controlled();
  const [first, second] = [shared.request(), shared.request()];
  runs[0]?.fail(new Error('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await turn();
  runs[1]?.end();
  await second;
  expect(shared.isIdle).toBe(true);
});
