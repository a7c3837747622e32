// Two processes of one archive: their metrics add up by the rules of the guide, and their pages link each other.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { storeInstances } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { isInstalled, type RunningScp, startScp } from '@x/testing/processes';
import { testPostgres, testStore } from '@x/testing/services';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const [database, store] = [await testPostgres(), await testStore()];

describe.runIf(database !== undefined && store !== undefined)('two processes of one archive', () => {
  const schema = `pages_${randomBytes(6).toString('hex')}`;
  const archives: RunningScp[] = [];

  async function start(): Promise<RunningScp> {
    const shared = ['--index', `${database}?schema=${schema}`, '--store', `${store?.replace('?', `/${schema}?`)}`];
    const archive = await startScp(['--aet', 'ARCHIVE', '--http', '0', ...shared]);
    archives.push(archive);
    return archive;
  }

  beforeAll(async () => {
    await start();
    await start();
  });
  afterAll(async () => {
    await Promise.all(archives.map((archive) => archive.stop()));
  });

  const [one, two] = [() => archives[0] as RunningScp, () => archives[1] as RunningScp];

  async function storeAt({ port }: RunningScp, first: number, count: number): Promise<void> {
    const instances = Array.from({ length: count }, (_, index) => {
      const sopInstance = `1.2.840.99999.7.${first + index}`;
      const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance };
      const data = () =>
        syntheticDataSet({ ...uids, study: '1.2.840.99999.7', series: '1.2.840.99999.7.0', pixelLength: 100 });
      return { ...uids, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data };
    });
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' };
    for await (const { result } of storeInstances(instances, peer)) expect(result).toBe('sent');
  }

  async function scrape({ url }: RunningScp): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => /^dimse_/.test(line));
    return Object.fromEntries(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.replace(/^.* /, ''))]));
  }

  interface Status {
    readonly processes: { readonly own: Place; readonly others: readonly Place[] };
  }
  interface Place {
    readonly name: string;
    readonly url: string;
  }
  const statusOf = async ({ url }: RunningScp) => (await (await fetch(`${url}/status`)).json()) as Status;

  test('counters are added, and the index is the same in both', async () => {
    await storeAt(one(), 1, 3);
    await storeAt(two(), 4, 2);
    const both = [await scrape(one()), await scrape(two())];
    const stored = 'dimse_operations_total{operation="C-STORE",as="performed",service="Storage",status="0000"}';
    const named = (start: string) =>
      both.map((samples) => Object.entries(samples).find(([name]) => name.startsWith(start))?.[1]);
    expect(both.map((samples) => samples[stored])).toEqual([3, 2]);
    expect(both.map((samples) => samples['dimse_index_entities{level="instances"}'])).toEqual([5, 5]);
    expect(both.map((samples) => samples['dimse_index_entities{level="studies"}'])).toEqual([1, 1]);
    expect(both.map((samples) => samples.dimse_event_queue_length)).toEqual([0, 0]);
    expect(both.map((samples) => samples['dimse_service_available{service="database"}'])).toEqual([1, 1]);
    expect(both.map((samples) => samples['dimse_service_available{service="store"}'])).toEqual([1, 1]);
    const [bytes = 0] = named('dimse_index_bytes');
    expect(bytes).toBeGreaterThan(10_000);
  });

  test('each is ready, says which services it has checked, and lives', async () => {
    for (const { url } of archives) {
      await expect.poll(async () => (await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
        status: 'ready',
        checks: { database: 'good', store: 'good' },
      });
      expect((await fetch(`${url}/livez`)).status).toBe(200);
    }
  });

  test('each names the other, with the address of its page', async () => {
    const name = ({ port }: RunningScp) => expect.stringMatching(new RegExp(`:${port}$`));
    for (const [archive, other] of [
      [one(), two()],
      [two(), one()],
    ] as const)
      await expect
        .poll(async () => (await statusOf(archive)).processes)
        .toEqual({
          own: { name: name(archive), url: archive.url },
          others: [{ name: name(other), url: other.url }],
        });
  });

  test.runIf(isInstalled('chromium'))('the page says which process it shows, and links the other', async () => {
    const executablePath = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(20_000);
      await page.goto(one().url);
      await page.locator('#processes strong', { hasText: `:${one().port}` }).waitFor();
      await page.getByRole('heading', { name: 'Associations of this process' }).waitFor();
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/several.png` });
      await page.locator('#processes a', { hasText: `:${two().port}` }).click();
      await page.locator('#processes strong', { hasText: `:${two().port}` }).waitFor();
      expect(page.url()).toBe(`${two().url}/`);
    } finally {
      await browser.close();
    }
  });

  test('a process that stops is not linked any more', async () => {
    await two().stop();
    await expect.poll(async () => (await statusOf(one())).processes.others).toEqual([]);
  });
});
