// The trial of several archives on one database and one object store: SCUs store, find, move and ask for commitment, while a
// process is killed, another is restarted, the database crashes, and the object store is away. trial [--minutes N] [--users N]
// [--store swift|ceph]

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Archive, Cluster } from './cluster.ts';
import { studyOf } from './instances.ts';
import { DESTINATION, startReceivers } from './receivers.ts';
import { Records } from './records.ts';
import { type Load, TrialUser, titleOf } from './users.ts';
import { judge } from './verdict.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    minutes: { type: 'string', default: '0' },
    users: { type: 'string', default: '20' },
    store: { type: 'string', default: 'swift' },
  },
});
const [minutes, userCount, { store }] = [Number(values.minutes), Number(values.users), values];
if (!(minutes >= 0 && minutes <= 600 && userCount > 0 && userCount <= 60) || (store !== 'swift' && store !== 'ceph')) {
  process.stderr.write(
    'usage: trial [--minutes N] [--users N] [--store swift|ceph]: every fault once, and again for N minutes (at most 600)\n',
  );
  process.exit(2);
}

/** Seconds for which the object store is away. */
const STORE_AWAY = 10;
/** Seconds in which operations must succeed again after a fault, and commitments be reported at the end. */
const PATIENCE = 120;
/** Seconds of load before each fault. */
const CALM = 3;
/** Requests for commitment whose reports are being sent, by any of the processes, when one of them is killed. */
const PENDING = 12;

const folder = mkdtempSync(join(tmpdir(), 'trial-'));
// The server of PostgreSQL may run as another user, who must reach its part.
chmodSync(folder, 0o755);
const records = new Records();
const titles = Array.from({ length: userCount + PENDING }, (_, index) => titleOf(index));
await using receivers = await startReceivers(titles, records);
const peers = new Map([DESTINATION, ...titles].map((title) => [title, receivers.port]));
const cluster = await Cluster.start({ folder, store, peers, onFault: (text) => records.fault(text) });
const over = new AbortController();
const load: Load = { cluster, records, over: over.signal, next: 1 };
const users = titles.slice(0, userCount).map((_, index) => new TrialUser(load, index));
const started = performance.now();
const say = (text: string) =>
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);

/** Waits until it holds. @throws Error after `PATIENCE` */
async function waitUntil(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE} s: ${what}`);
    await delay(50);
  }
}

const hasUnreported = () =>
  [...records.commitments.values()].some(({ isAccepted, reports }) => isAccepted && reports.length === 0);
const takeovers: number[] = [];

/** Kills a process while all of them report commitments, whose receivers do not answer until it is dead. */
async function killWithCommitments(archive: Archive): Promise<void> {
  const study = studyOf(1);
  await waitUntil(() => records.acknowledged.get(study.uid)?.size === study.instances.length, 'a study is stored');
  const told = titles.slice(userCount);
  records.hold(told);
  const request = { isWaiting: false, takesReports: false };
  await Promise.all(told.map((_, index) => new TrialUser(load, userCount + index).commit(study, request)));
  await waitUntil(() => records.waiting >= PENDING, 'the reports that are held back arrive');
  const pending = [...records.commitments.values()].filter(({ isAccepted, reports }) => isAccepted && !reports[0]);
  const killed = Date.now();
  const restarted = cluster.kill(archive);
  await cluster.kills.at(-1)?.callers;
  records.release();
  await waitUntil(() => pending.every(({ reports }) => reports.length > 0), 'all commitments reported after a kill');
  const last = Math.max(killed, ...pending.map(({ reports }) => Number(reports[0])));
  takeovers.push((last - killed) / 1000);
  await restarted;
}

const FAULTS: readonly (readonly [name: string, happen: (archive: Archive) => Promise<void>])[] = [
  ['a process is killed and started again', killWithCommitments],
  ['another process is drained and started again', (archive) => cluster.drain(archive)],
  ['the database crashes and is started again', () => cluster.crashDatabase()],
  [`the object store is away for ${STORE_AWAY} s`, () => cluster.stopStore(STORE_AWAY)],
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.once('exit', (code) => {
  if (code === 0) return;
  for (const [index, { processes }] of cluster.archives.entries())
    writeFileSync(join(folder, `archive-${index}.log`), processes.map((each) => each.stderr()).join('---\n'));
  process.stdout.write(`the logs are in ${folder}\n`);
});
let exitCode = 1;
try {
  say(`three archives, ${userCount} SCUs`);
  const running = Promise.all(users.map((user) => user.run()));
  const resumed: number[] = [];
  for (let turn = 0; turn < FAULTS.length || performance.now() - started < minutes * 60_000; turn++) {
    const [name, happen] = FAULTS[turn % FAULTS.length] as (typeof FAULTS)[number];
    await delay(CALM * 1000);
    say(name);
    await happen(cluster.archives[turn % cluster.archives.length] as Archive);
    const ended = Date.now();
    await waitUntil(() => users.every(({ lastSuccess }) => lastSuccess >= ended), `every SCU succeeds after: ${name}`);
    resumed.push((Date.now() - ended) / 1000);
    say(`every SCU has succeeded since, ${resumed.at(-1)?.toFixed(1)} s after it was over`);
  }
  await delay(CALM * 1000);
  over.abort();
  await running;
  await waitUntil(() => !hasUnreported(), 'all commitments reported').catch(() => {});
  say('the load is over; every archive is asked for everything');
  const verdict = await judge(cluster, records);
  const { lost, doubled, damaged, commitments } = verdict;
  for (const [operation, endings] of Object.entries(records.endings)) {
    const counts = Object.entries(endings).map(([ending, count]) => `${count} ${ending}`);
    process.stdout.write(`${operation.padEnd(7)} ${counts.join(', ')}\n`);
  }
  const lines = {
    acknowledged: verdict.acknowledged,
    'found by every archive': verdict.found,
    ...{ lost: lost.length, doubled: doubled.length, damaged: damaged.length },
    'kept without an acknowledgement that arrived': verdict.unacknowledged,
    'commitments accepted': commitments.accepted,
    ...{ unreported: commitments.unreported, 'reported more than once': commitments.repeated },
    'takeover seconds': takeovers.map((seconds) => seconds.toFixed(1)).join(' '),
    'seconds until every SCU succeeded again': resumed.map((seconds) => seconds.toFixed(1)).join(' '),
    'other faults': records.faults.length,
  };
  for (const [name, value] of Object.entries(lines)) process.stdout.write(`${name}: ${value}\n`);
  for (const [transaction, { reports, isAccepted }] of records.commitments)
    if (reports.length > 1) {
      const times = reports.map((time) => ((time - performance.timeOrigin - started) / 1000).toFixed(3)).join(' and ');
      process.stdout.write(`${transaction} (${isAccepted ? 'accepted' : 'not accepted'}) was reported at ${times} s\n`);
    }
  for (const uid of new Set([...lost, ...doubled, ...damaged])) records.fault(`${uid}: lost, doubled or damaged`);
  if (records.faults.length + commitments.unreported + commitments.repeated === 0) exitCode = 0;
} catch (error) {
  process.stdout.write(`the trial has failed: ${error instanceof Error ? error.stack : error}\n`);
} finally {
  over.abort();
  await cluster[Symbol.asyncDispose]();
  if (exitCode === 0) rmSync(folder, { recursive: true });
}
process.exit(exitCode);
