// dimse-scp is killed while it receives and forwards. Each acknowledged instance reaches storescp of DCMTK, and all of them wait
// for a destination that is down until it comes up.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberedInstances } from '@x/testing/numbered-instances';
import { freePort, isInstalled, type RunningScp, runScp, start, startPeer, startScp } from '@x/testing/processes';
import { seededRandom } from '@x/testing/rechunk';
import { afterAll, expect, test } from 'vitest';
import { storeUntilKilled } from './store-until-killed.ts';
import { dataSetOf, filesIn } from './stored-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'forwarding-crash-'));
const subfolder = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const running: { stop(signal?: NodeJS.Signals): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const each of running) await each.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

const ROUNDS = 5;
const ASSOCIATIONS = 4;
const WINDOW = 4;
const LOAD = { parallel: ASSOCIATIONS, window: WINDOW };
const STUDY = '1.2.3';
const random = seededRandom(17);

const sent = numberedInstances(STUDY, 60_000);

interface Status {
  readonly destination: string;
  readonly waiting: number;
  readonly failed: number;
  readonly behind: number;
}

async function statusOf({ url }: RunningScp): Promise<Readonly<Record<string, Status>>> {
  const all = (await (await fetch(`${url}/deliveries`)).json()) as Status[];
  return Object.fromEntries(all.map((each) => [each.destination, each]));
}

/** The instances that a folder holds, each complete and in one file. */
async function heldIn(path: string): Promise<Set<string>> {
  const held = new Set<string>();
  for (const file of filesIn(path)) {
    const number = sent.numberOf(file);
    expect(number).toBeLessThan(sent.offered);
    expect((await dataSetOf(file)).equals(sent.dataOf(number))).toBe(true);
    expect(held.has(sent.uidOf(number))).toBe(false);
    held.add(sent.uidOf(number));
  }
  return held;
}

/** Without it, DCMTK holds back a part of each response until the request is acknowledged by TCP. */
const DCMTK = { env: { TCP_NODELAY: '1' } };
const storescp = (out: string, port: number) => ['-v', '+xa', '+B', '-od', out, `${port}`];
const requestsIn = (output: string) => output.match(/^I: Received Store Request/gm)?.length ?? 0;

test.runIf(isInstalled('storescp'))(
  'forwards each acknowledged instance after kills, and keeps the queue of a destination that is down',
  async () => {
    const [liveFolder, lateFolder, data] = [subfolder('live'), subfolder('late'), subfolder('data')];
    const live = await startPeer('storescp', (port) => storescp(liveFolder, port), DCMTK);
    running.push(live);
    const latePort = await freePort();
    const rules = join(folder, 'forward.yaml');
    writeFileSync(
      rules,
      `destinations:
  LIVE: { host: 127.0.0.1, port: ${live.port} }
  LATE: { host: 127.0.0.1, port: ${latePort} }
rules:
  all: { to: [LIVE, LATE] }
`,
    );
    const startArchive = async () => {
      const archive = await startScp([
        ...['--data', data, '--aet', 'ARCHIVE', '--window', `${WINDOW}`, '--forward', rules, '--http', '0'],
      ]);
      running.push(archive);
      return archive;
    };

    const acknowledged = new Set<string>();
    let forwardedUnderLoad = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const archive = await startArchive();
      const before = requestsIn(live.output());
      const enough = 40 + Math.floor(random() * 80);
      for (const uid of await storeUntilKilled(archive, sent.next(), { ...LOAD, enough })) acknowledged.add(uid);
      if (requestsIn(live.output()) > before) forwardedUnderLoad++;
    }
    let archive = await startArchive();
    // All that the archive holds waits for the destination that was down all the time.
    const waiting = filesIn(join(data, 'instances')).length;
    const settled = { timeout: 30_000, interval: 200 };
    const status = async (destination: string) => (await statusOf(archive))[destination];
    await expect.poll(() => status('LATE'), settled).toMatchObject({ waiting, failed: 0, behind: 0 });
    await expect.poll(() => status('LIVE'), settled).toMatchObject({ waiting: 0, failed: 0, behind: 0 });
    const stored = await heldIn(join(data, 'instances'));
    const forwarded = await heldIn(liveFolder);
    const lost = [...acknowledged].filter((uid) => !forwarded.has(uid));
    const repeated = requestsIn(live.output()) - forwarded.size;
    process.stderr.write(
      `${ROUNDS} kills, ${forwardedUnderLoad} of them while forwarding: ${acknowledged.size} acknowledged, ${forwarded.size} forwarded, ${lost.length} lost, ${repeated} requests repeated\n`,
    );
    expect(lost).toEqual([]);
    expect([...forwarded].sort()).toEqual([...stored].sort());
    expect(forwardedUnderLoad).toBeGreaterThan(0);

    const listed = await runScp('forward', 'list', '--data', data, '--destination', 'LATE', '--json');
    const queued = listed.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { sopInstance: string }).sopInstance);
    expect(queued.sort()).toEqual([...stored].sort());

    // It comes up; SIGHUP has destinations tried at once that wait for their next attempt. Then both are killed.
    const startLate = () => {
      const late = start('storescp', storescp(lateFolder, latePort), DCMTK);
      running.push(late);
      return late;
    };
    const first = startLate();
    archive.child.kill('SIGHUP');
    await expect.poll(() => requestsIn(first.output()), { timeout: 30_000, interval: 10 }).toBeGreaterThan(20);
    await first.stop('SIGKILL');
    await archive.stop('SIGKILL');
    const second = startLate();
    archive = await startArchive();
    await expect.poll(() => status('LATE'), settled).toMatchObject({ waiting: 0, failed: 0, behind: 0 });
    expect([...(await heldIn(lateFolder))].sort()).toEqual([...stored].sort());
    expect(await heldIn(liveFolder)).toEqual(forwarded);
    const requests = requestsIn(first.output()) + requestsIn(second.output());
    process.stderr.write(
      `${stored.size} waited for the destination that was down: all forwarded, ${requests - stored.size} requests repeated\n`,
    );
  },
  120_000,
);
