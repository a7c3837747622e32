// The soak: all services of an archive at once, with peers that misbehave, for minutes. It fails if memory or open
// descriptors grow, if an operation fails, or if an acknowledged instance is lost. soak [--minutes N] [--users N]

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createScp, Status, serve, storage, studyRoot } from '@x/dimse';
import { startScp } from '@x/testing/processes';
import { ACTIVITIES, type Activity, instancesFound, type Load, session } from './soak/activities.ts';
import { flatness } from './soak/flatness.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { minutes: { type: 'string', default: '10' }, users: { type: 'string', default: '8' } },
});
const minutes = Number(values.minutes);
const users = Number(values.users);
if (!(minutes > 0 && minutes <= 600 && Number.isInteger(users) && users > 0 && users <= 100)) {
  process.stderr.write('usage: soak [--minutes up to 600] [--users up to 100]\n');
  process.exit(2);
}

/** How much the floors may rise: megabytes of resident memory and of the heap, and open descriptors. */
const ALLOWED = { resident: 24, heap: 12, descriptors: 4 };
/** How many studies the users still query and retrieve. Older ones stay in the archive. */
const RECENT = 200;

const folder = mkdtempSync(join(tmpdir(), 'soak-'));
const worklist = join(folder, 'worklist');
mkdirSync(worklist);
const step = { '00400100': { vr: 'SQ', Value: [{ '00080060': { vr: 'CS', Value: ['CT'] } }] } };
writeFileSync(join(worklist, '1.json'), JSON.stringify({ '00100020': { vr: 'LO', Value: ['P1'] }, ...step }));
const destination = createScp({
  aeTitle: 'DEST',
  services: [
    serve(storage, {
      async store({ data }) {
        for await (const _ of data.batches());
        return Status.Success;
      },
    }),
  ],
});
const { port: destinationPort } = await destination.listen({ port: 0, host: '127.0.0.1' });
const archive = await startScp([
  ...['--data', join(folder, 'data'), '--aet', 'SOAK', '--worklist', worklist, '--http', '0'],
  ...['--peer', `DEST=127.0.0.1:${destinationPort}`, '--idle-timeout', '30'],
]);

// A failure of the soak itself must not leave the archive behind.
process.once('exit', () => archive.child.kill('SIGKILL'));

const load: Load = { port: archive.port, studies: new Map() };
const acknowledged = new Map<string, number>();
const done: Record<string, number> = {};
const failures: string[] = [];
const choices = Object.entries(ACTIVITIES).flatMap(([name, [weight, activity]]) =>
  Array.from({ length: weight }, (): readonly [string, Activity] => [name, activity]),
);

async function user(until: number): Promise<void> {
  while (Date.now() < until && archive.child.exitCode === null && failures.length < 20) {
    const [name, activity] = choices[Math.floor(Math.random() * choices.length)] as readonly [string, Activity];
    try {
      await activity(load);
      done[name] = (done[name] ?? 0) + 1;
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }
    for (const [study, uids] of load.studies) {
      acknowledged.set(study, uids.length);
      if (load.studies.size <= RECENT) break;
      load.studies.delete(study);
    }
  }
}

interface Sample {
  readonly resident: number;
  readonly heap: number;
  readonly descriptors: number;
}

async function sample(): Promise<Sample> {
  const { pid } = archive.child;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const metrics = await (await fetch(`${archive.url}/metrics`)).text();
  return {
    resident: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000,
    heap: Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(metrics)?.[1]) / 1e6,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

const begun = Date.now();
const samples: Sample[] = [];
const atRest = await sample();
const working = Promise.all(Array.from({ length: users }, () => user(begun + minutes * 60_000)));
const isOver = working.then(() => true);
while (!(await Promise.race([isOver, delay(1000, false)]))) {
  if (archive.child.exitCode !== null) break;
  samples.push(await sample());
}
for (const [study, uids] of load.studies) acknowledged.set(study, uids.length);

let lost = 0;
if (archive.child.exitCode === null) {
  await using open = await session(load, [studyRoot]);
  for (const [study, count] of acknowledged)
    if (count > 0) lost += Math.max(0, count - (await instancesFound(open, study)));
}
// Connections that were cut are noticed, and associations at rest are released.
await delay(2000);
const afterwards = archive.child.exitCode === null ? await sample() : atRest;
const ended = await archive.stop();
await destination.close();
rmSync(folder, { recursive: true, force: true });

const total = Object.values(done).reduce((sum, count) => sum + count, 0);
const instances = [...acknowledged.values()].reduce((sum, count) => sum + count, 0);
const lines = [
  `${total} activities by ${users} users in ${((Date.now() - begun) / 60_000).toFixed(1)} minutes: ${JSON.stringify(done)}`,
  `${instances} instances acknowledged, ${lost} lost; ${failures.length} activities failed; exit ${ended.exitCode}`,
];
let isGood = failures.length === 0 && lost === 0 && ended.exitCode === 0;
for (const [quantity, allowance] of Object.entries(ALLOWED) as [keyof Sample, number][]) {
  const { before, after, isFlat } = flatness(
    samples.map((each) => each[quantity]),
    allowance,
  );
  isGood &&= isFlat;
  const [first, last] = [before, after].map((value) => value.toFixed(quantity === 'descriptors' ? 0 : 1));
  const rest = `at rest ${atRest[quantity].toFixed(0)} before, ${afterwards[quantity].toFixed(0)} after`;
  lines.push(
    `${isFlat ? 'flat  ' : 'GROWS '} ${quantity}: floor ${first}, then ${last} (may rise by ${allowance}; ${rest})`,
  );
}
process.stdout.write(`${[...failures.slice(0, 5), ...lines].join('\n')}\n`);
process.exit(isGood ? 0 : 1);
