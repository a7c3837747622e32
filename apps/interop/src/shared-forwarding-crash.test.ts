// Three processes of dimse-scp share a database and a store. One that forwards and calls hooks is killed: the others take over its
// work, and each acknowledged instance reaches its destination and its hook.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, type InstanceSource, Status, serve, storage, storeInstances } from '@x/dimse';
import { numberedInstances } from '@x/testing/numbered-instances';
import { ObjectServer } from '@x/testing/object-server';
import { type RunningScp, runScp, startScp } from '@x/testing/processes';
import { testPostgres } from '@x/testing/services';
import { afterAll, expect, test } from 'vitest';
import { testSchema } from '../../scp/test/test-database.ts';

const server = await testPostgres();
const folder = mkdtempSync(join(tmpdir(), 'shared-forwarding-crash-'));
const running: { stop(signal?: NodeJS.Signals): Promise<unknown> }[] = [];
const closed: (() => PromiseLike<unknown>)[] = [];
afterAll(async () => {
  for (const each of running) await each.stop('SIGKILL');
  for (const close of closed) await close();
  rmSync(folder, { recursive: true });
});

const COUNT = 90;
const STUDY = '1.2.3';
const KEYS = { AWS_ACCESS_KEY_ID: 'reader', AWS_SECRET_ACCESS_KEY: 'secret' };
/** Longer than the claims of a process that is gone last. */
const TAKEN_OVER = { timeout: 120_000, interval: 200 };

interface DeliveryStatus {
  readonly destination: string;
  readonly waiting: number;
  readonly behind: number;
  readonly sent: number;
}

const statusOf = async ({ url }: RunningScp): Promise<readonly DeliveryStatus[]> =>
  (await (await fetch(`${url}/deliveries`)).json()) as DeliveryStatus[];

async function sentBy(archive: RunningScp, destination: string): Promise<number> {
  return (await statusOf(archive)).find((each) => each.destination === destination)?.sent ?? 0;
}

/** A peer that records all requests, and is slow enough to be in the middle of one. */
async function destination() {
  const requests: string[] = [];
  const service = serve(
    storage,
    {
      async store({ sopInstance, data }) {
        for await (const _ of data.batches());
        requests.push(sopInstance);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return Status.Success;
      },
    },
    { otherSopClasses: () => true },
  );
  const scp = createScp({ aeTitle: 'PACS', services: [service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  return { requests, port };
}

async function store({ port }: RunningScp, instances: readonly InstanceSource[]): Promise<string[]> {
  const acknowledged: string[] = [];
  const address = { host: '127.0.0.1', port, callingAeTitle: 'STORER', calledAeTitle: 'ARCHIVE' };
  for await (const { result, sopInstance = '' } of storeInstances(instances, address))
    if (result === 'sent') acknowledged.push(sopInstance);
  return acknowledged;
}

test.skipIf(server === undefined)(
  'others take over the forwarding and the hooks of a process that is killed',
  async () => {
    const objects = await ObjectServer.start();
    closed.push(() => objects[Symbol.asyncDispose]());
    const index = testSchema(server ?? '');
    closed.push(() => index[Symbol.asyncDispose]());
    const pacs = await destination();
    const [rules, calls, hook] = ['forward.yaml', 'calls', 'hook.sh'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(
      rules,
      `destinations:\n  PACS: { host: 127.0.0.1, port: ${pacs.port}, window: 1 }\nrules:\n  all: { to: [PACS] }\n`,
    );
    appendFileSync(calls, '');
    writeFileSync(hook, `#!/bin/sh\necho "$DIMSE_EVENT $1" >> ${calls}\n`, { mode: 0o755 });
    const options = [
      ...['--index', index.url, '--store', objects.url, '--aet', 'ARCHIVE', '--forward', rules, '--http', '0'],
      ...['--on-instance', `${hook} {instance}`, '--on-study', `${hook} {study}`, '--study-timeout', '20'],
    ];
    const archives: RunningScp[] = [];
    for (let number = 0; number < 3; number++) {
      const archive = await startScp(options, { env: KEYS });
      running.push(archive);
      archives.push(archive);
    }
    const next = numberedInstances(STUDY, 20_000).next();
    const some = (count: number) => Array.from({ length: count }, () => next.next().value as InstanceSource);
    const acknowledged = (await Promise.all(archives.map((archive) => store(archive, some(COUNT / 3))))).flat();
    expect(acknowledged).toHaveLength(COUNT);

    // The process that forwards is in the middle of a transfer.
    await expect.poll(() => pacs.requests.length).toBeGreaterThan(5);
    const sent = await Promise.all(archives.map((archive) => sentBy(archive, 'PACS')));
    const [at = 0] = [...sent.keys()].sort((a, b) => (sent[b] ?? 0) - (sent[a] ?? 0));
    const [killed] = archives.splice(at, 1);
    await killed?.stop('SIGKILL');
    const killedAt = performance.now();
    const before = pacs.requests.length;
    await expect.poll(() => pacs.requests.length, TAKEN_OVER).toBeGreaterThan(before);
    const takeover = (performance.now() - killedAt) / 1000;

    await expect.poll(() => new Set(pacs.requests).size, TAKEN_OVER).toBe(COUNT);
    const waiting = async () =>
      (await Promise.all(archives.map(statusOf))).flat().filter((each) => each.waiting + each.behind > 0);
    await expect.poll(waiting, TAKEN_OVER).toEqual([]);
    const called = () => readFileSync(calls, 'utf8').trim().split('\n');
    await expect.poll(() => called().filter((line) => line.startsWith('study')).length, TAKEN_OVER).toBeGreaterThan(0);

    const lost = acknowledged.filter((uid) => !pacs.requests.includes(uid));
    const ofInstances = called().filter((line) => line.startsWith('instance'));
    const repeated = { requests: pacs.requests.length - COUNT, calls: ofInstances.length - COUNT };
    process.stderr.write(
      `a process killed after ${before} of ${COUNT} instances: taken over after ${takeover.toFixed(1)} s, ${lost.length} lost, ${repeated.requests} requests and ${repeated.calls} calls repeated\n`,
    );
    expect(lost).toEqual([]);
    expect([...new Set(ofInstances)].sort()).toEqual(acknowledged.map((uid) => `instance ${uid}`).sort());
    // One that was in progress, and one whose response had not been noted.
    expect(Math.max(repeated.requests, repeated.calls)).toBeLessThanOrEqual(2);
    expect(called().filter((line) => line.startsWith('study'))).toEqual([`study ${STUDY}`]);
    const listed = await runScp('forward', 'list', '--index', index.url, '--json');
    expect([listed.exitCode, listed.stdout]).toEqual([0, '']);
  },
  240_000,
);
