// Destinations over TLS and with opening times, and one that is down for a day: the clock of the deliveries is the test's.

import { createAuthority } from '@x/testing/certificates';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeliveringArchive, deliveringArchive } from '../../test/delivering-archive.ts';
import { type RecordingPeer, recordingPeer } from '../../test/recording-peer.ts';
import type { Options } from '../options.ts';
import type { Destination } from './forward-rules.ts';
import { parseSchedule } from './schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let archive: DeliveringArchive;
beforeEach(() => {
  archive = deliveringArchive();
});
afterEach(() => archive.remove());

const destination = (name: string, port: number, more: Partial<Destination> = {}): Destination => ({
  ...{ name, place: '', host: '127.0.0.1', port, aet: 'PACS', tls: false, priority: 'medium', attempts: 3 },
  ...{ queue: 1000, associations: 1, window: 4, decompress: false, edits: [], removesPrivate: false, existing: false },
  ...more,
});

/** Rules that send everything to all destinations. */
const toAll = (...destinations: readonly Destination[]): Partial<Options> => ({
  forwardRules: { destinations, rules: [{ name: 'all', match: {}, to: destinations.map(({ name }) => name) }] },
});

const keep = (number: number) => archive.keep({ study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` });
const uids = (count: number) => Array.from({ length: count }, (_, index) => `1.2.1.${index + 1}`).sort();
const statusOf = (name: string) => archive.deliveries?.status.find((each) => each.destination === name);
const SETTLED = { timeout: 30_000, interval: 20 };

/** The system's clock, which can be put forward. Then it calls the callbacks that have become due. */
function movableClock() {
  let ahead = 0;
  const waiting = new Set<{ readonly at: number; readonly call: () => void }>();
  const now = () => Date.now() + ahead;
  return {
    now,
    wake(milliseconds: number, callback: () => void) {
      const timer = setTimeout(() => each.call(), milliseconds).unref();
      const cancel = () => {
        clearTimeout(timer);
        waiting.delete(each);
      };
      const each = {
        at: now() + milliseconds,
        call: () => {
          cancel();
          callback();
        },
      };
      waiting.add(each);
      return cancel;
    },
    forward(milliseconds: number) {
      ahead += milliseconds;
      for (const each of [...waiting]) if (each.at <= now()) each.call();
    },
  };
}

describe('a destination over TLS', () => {
  test('gets instances from a client with a certificate, and refuses one without', async () => {
    const authority = await createAuthority();
    const tls = { ...(await authority.issue()), ca: authority.cert };
    await using pacs = await recordingPeer({ tls });
    const rules = toAll(destination('PACS', pacs.port, { tls: true }));
    await archive.start({ ...rules, peerTls: { ca: authority.cert } });
    await keep(1);
    await expect.poll(() => statusOf('PACS')?.failures, SETTLED).toBeGreaterThan(0);
    expect(statusOf('PACS')).toMatchObject({
      waiting: 1,
      failed: 0,
      sent: 0,
      reason: expect.stringMatching(/certificate/),
    });
    await archive.stop();
    await archive.start({ ...rules, peerTls: { ca: authority.cert, ...(await authority.issue({ name: 'archive' })) } });
    await keep(2);
    await expect.poll(() => [...pacs.requests].sort(), SETTLED).toEqual(uids(2));
  });

  test('that another authority has signed gets nothing', async () => {
    const [trusted, other] = [await createAuthority(), await createAuthority('Other')];
    await using pacs = await recordingPeer({ tls: await other.issue() });
    await archive.start({
      ...toAll(destination('PACS', pacs.port, { tls: true })),
      peerTls: { ca: trusted.cert },
    });
    await keep(1);
    await expect.poll(() => statusOf('PACS')?.reason, SETTLED).toMatch(/not signed by an authority/);
    expect([pacs.requests, statusOf('PACS')?.waiting]).toEqual([[], 1]);
  });
});

test('instances wait until a destination opens', async () => {
  await using pacs = await recordingPeer();
  const clock = movableClock();
  const hourOf = (time: number) => new Date(time).toISOString().slice(11, 13);
  const [from, to] = [hourOf(clock.now() + 3 * HOUR), hourOf(clock.now() + 6 * HOUR)];
  const schedule = parseSchedule([`${from}:00-${to}:00`], 'UTC');
  await archive.start(toAll(destination('PACS', pacs.port, { schedule })), { retry: { clock, longestDelay: HOUR } });
  for (const number of [1, 2]) await keep(number);
  await expect.poll(() => statusOf('PACS')?.restsUntil, SETTLED).toBeGreaterThan(clock.now());
  clock.forward(HOUR);
  await expect.poll(() => statusOf('PACS')?.restsUntil, SETTLED).toBeGreaterThan(clock.now());
  expect([pacs.requests, statusOf('PACS')]).toMatchObject([[], { waiting: 2, failures: 0 }]);
  clock.forward(2 * HOUR);
  await expect.poll(() => [...pacs.requests].sort(), SETTLED).toEqual(uids(2));
});

test('a destination that is down for a day gets everything afterwards, and the others are undisturbed', async () => {
  const HOURS = 24;
  const EACH = 10;
  await using one = await recordingPeer();
  await using two = await recordingPeer();
  let down: RecordingPeer = await recordingPeer();
  const { port } = down;
  await down[Symbol.asyncDispose]();
  const clock = movableClock();
  const rules = toAll(destination('DOWN', port), destination('ONE', one.port), destination('TWO', two.port));
  const start = () => archive.start(rules, { retry: { clock, longestDelay: 600_000 } });
  await start();
  let count = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    for (let number = 0; number < EACH; number++) await keep(++count);
    await expect.poll(() => [statusOf('ONE')?.waiting, one.requests.length], SETTLED).toEqual([0, count]);
    await expect.poll(() => [statusOf('TWO')?.waiting, two.requests.length], SETTLED).toEqual([0, count]);
    await expect.poll(() => statusOf('DOWN'), SETTLED).toMatchObject({ waiting: count, failed: 0, sent: 0 });
    const failures = statusOf('DOWN')?.failures ?? 0;
    clock.forward(DAY / HOURS);
    // It is tried again, and nothing of it is given up.
    await expect.poll(() => statusOf('DOWN')?.failures, SETTLED).toBeGreaterThan(failures);
    if (hour === HOURS / 2) {
      await archive.stop();
      await start();
    }
  }
  down = await recordingPeer({ port });
  await using _down = down;
  clock.forward(600_000);
  await expect.poll(() => down.requests.length, SETTLED).toBe(count);
  await expect.poll(() => statusOf('DOWN'), SETTLED).toMatchObject({ waiting: 0, failed: 0 });
  process.stderr.write(
    `a day of outage: ${count} instances; ${one.requests.length}, ${two.requests.length} and ${down.requests.length} forwarded, ${new Set(down.requests).size} different ones to the one that was down\n`,
  );
  for (const { requests } of [one, two, down]) expect([...requests].sort()).toEqual(uids(count));
}, 120_000);
