// Areas have their own rules and hooks, which SIGHUP changes; their queues are named by area.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { openSession, storage } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingPeer } from '../test/recording-peer.ts';
import { isSharedWorld, keptIn } from '../test/world.ts';
import { scpProgram } from './program.ts';

let folder: string;
let archive: RunningScp | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'area-deliveries-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

const SETTLED = { timeout: 30_000, interval: 50 };
const run = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

function write(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

const configured = (text: string) => [...keptIn(join(folder, 'data')), '--config', write('scp.yaml', text)];
const rulesTo = (port: number) =>
  `destinations:\n  PACS: { host: 127.0.0.1, port: ${port} }\nrules:\n  all: { to: [PACS] }\n`;
const hook = (name: string) => write(name, `#!/bin/sh\necho "$DIMSE_STUDY" >> ${join(folder, name)}.calls\n`, 0o755);
const callsOf = (name: string): string[] => {
  try {
    return readFileSync(join(folder, `${name}.calls`), 'utf8')
      .trim()
      .split('\n')
      .sort();
  } catch {
    return [];
  }
};

async function store(calledAeTitle: string, study: string): Promise<void> {
  await using session = await openSession({
    ...{ host: '127.0.0.1', port: archive?.port ?? 0, callingAeTitle: 'CT', calledAeTitle, services: [storage] },
    sends: [{ sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN }],
  });
  const instance = { sopClass: CT_IMAGE_STORAGE, sopInstance: `${study}.1.1` };
  const data = syntheticDataSet({ ...instance, study, series: `${study}.1` });
  await session.use(storage).store({ ...instance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
}

async function statuses(): Promise<Record<string, Record<string, unknown>>> {
  const all = (await (await fetch(`${archive?.url}/deliveries`)).json()) as Record<string, unknown>[];
  return Object.fromEntries(all.map(({ area = '', destination, ...others }) => [`${area}/${destination}`, others]));
}

test.skipIf(isSharedWorld)(
  'areas have their own rules and hooks, with their names on the page and in the metrics',
  async () => {
    await using main = await recordingPeer();
    await using cardio = await recordingPeer();
    archive = await startScp([
      ...configured(`aet: MAIN
http: 0
study-timeout: 1
forward: ${write('main.yaml', rulesTo(main.port))}
on-study: [${hook('of-main')}]
areas:
  CARDIO:
    quota: 1MB
    forward: ${write('cardio.yaml', rulesTo(cardio.port))}
    on-study: ["bill: ${hook('of-cardio')} {study}"]
    on-instance: [${join(folder, 'of-cardio')}]
  NEURO:
`),
      ...['--http', '0'],
    ]);
    await store('MAIN', '1.1');
    await store('CARDIO', '1.2');
    await store('NEURO', '1.3');
    await expect.poll(() => [main.requests, cardio.requests], SETTLED).toEqual([['1.1.1.1'], ['1.2.1.1']]);
    expect(cardio.callers).toEqual(['CARDIO']);
    await expect.poll(() => [callsOf('of-main'), callsOf('of-cardio')], SETTLED).toEqual([['1.1'], ['1.2', '1.2']]);
    const done = { waiting: 0, sent: 1 };
    await expect.poll(statuses, SETTLED).toMatchObject({
      ...{ '/PACS': done, '/on-study: of-main': done },
      ...{ 'CARDIO/PACS': done, 'CARDIO/on-study: bill': done, 'CARDIO/on-instance: of-cardio': done },
    });
    expect(Object.keys(await statuses())).toHaveLength(5);
    const areas = (await (await fetch(`${archive.url}/areas`)).json()) as Record<string, unknown>[];
    expect(areas).toMatchObject([
      { aeTitle: 'MAIN', studies: 1, instances: 1 },
      { aeTitle: 'CARDIO', studies: 1, instances: 1, quota: { maximum: 1_000_000 } },
      { aeTitle: 'NEURO', instances: 1 },
    ]);
    const metrics = await (await fetch(`${archive.url}/metrics`)).text();
    expect(metrics).toContain('dimse_deliveries_total{destination="PACS",result="sent"} 1\n');
    expect(metrics).toContain('dimse_deliveries_total{destination="PACS",area="CARDIO",result="sent"} 1\n');
    expect(metrics).toContain(
      'dimse_delivery_queue_length{destination="on-study: bill",area="CARDIO",state="waiting"} 0\n',
    );
  },
  60_000,
);

test.skipIf(isSharedWorld)(
  'instances that wait for a destination of an area are kept, and listed in the folder of the area',
  async () => {
    archive = await startScp(
      configured(`areas:\n  CARDIO:\n    forward: ${write('cardio.yaml', rulesTo(1))}\n    folder: cardiology\n`),
    );
    await store('CARDIO', '1.2');
    const data = join(folder, 'data/areas/cardiology');
    await expect
      .poll(async () => (await run('forward', 'list', ...keptIn(data))).stdout, SETTLED)
      .toMatch(/^PACS {2}waiting/);
    const deleted = await run('delete', ...keptIn(data), '--study', '1.2', '--yes');
    expect(deleted).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/1\.2 is needed for forwarding to PACS/),
    });
  },
  60_000,
);

test.skipIf(isSharedWorld).each([
  ['forward: /does/not/exist.yaml', /scp\.yaml:2:3: areas: CARDIO: .*exist\.yaml/],
  ['on-study: [/does/not/exist]', /scp\.yaml:2:3: areas: CARDIO: --on-study \/does\/not\/exist: .* is not a program/],
  ['on-study: ["x: echo", "x: true"]', /CARDIO: --on-study: two hooks have the name 'x'/],
  ['notify: [NOBODY]', /NOBODY/],
])('an area with %j is refused at the start', async (line, message) => {
  const outcome = await run(...configured(`areas:\n  CARDIO:\n    ${line}\n`));
  expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(message) });
});

describe.skipIf(isSharedWorld)('SIGHUP', () => {
  test('takes up rules and hooks of the archive and of areas, also the first ones', async () => {
    await using pacs = await recordingPeer();
    archive = await startScp(configured('study-timeout: 1\nareas:\n  CARDIO: {}\n'));
    await store('DIMSE', '1.1');
    await store('CARDIO', '1.2');
    const rules = write('rules.yaml', rulesTo(pacs.port));
    configured(
      `study-timeout: 1\nforward: ${rules}\nareas:\n  CARDIO:\n    forward: ${rules}\n    on-study: [${hook('quiet')}]\n`,
    );
    archive.child.kill('SIGHUP');
    await archive.printed(/SIGHUP: reloaded: forward, forwardRules, forward of CARDIO, .*onStudy of CARDIO/, 'stderr');
    expect(archive.stderr()).not.toMatch(/a restart is needed/);
    // Instances that arrived before are not forwarded.
    await expect
      .poll(async () => {
        await store('DIMSE', '1.3');
        await store('CARDIO', '1.4');
        return [...pacs.requests].sort();
      }, SETTLED)
      .toEqual(['1.3.1.1', '1.4.1.1']);
    await expect.poll(() => callsOf('quiet'), SETTLED).toEqual(['1.4']);
    configured('study-timeout: 1\nareas:\n  CARDIO: { quota: 1GB }\n');
    archive.child.kill('SIGHUP');
    await archive.printed(/a restart is needed to change areas/, 'stderr');
    await store('DIMSE', '1.5');
    await store('CARDIO', '1.6');
    configured(
      `study-timeout: 1\non-study: [${hook('late')}]\nareas:\n  CARDIO: { on-study: [${hook('late-cardio')}] }\n`,
    );
    archive.child.kill('SIGHUP');
    await archive.printed(/SIGHUP: reloaded: onStudy, onStudy of CARDIO/, 'stderr');
    await expect
      .poll(async () => {
        await store('DIMSE', '1.7');
        await store('CARDIO', '1.8');
        return [callsOf('late'), callsOf('late-cardio')];
      }, SETTLED)
      .toEqual([['1.7'], ['1.8']]);
    expect(pacs.requests).toHaveLength(2);
    expect(callsOf('quiet')).toEqual(['1.4']);
  }, 90_000);

  test('says once that nothing was reloaded, and changes nothing if an area is wrong', async () => {
    archive = await startScp(configured('window: 4\nareas:\n  CARDIO: {}\n'));
    configured('window: 4\n# a line more\nareas:\n  CARDIO: {}\n');
    archive.child.kill('SIGHUP');
    await archive.printed(/SIGHUP: nothing has changed/, 'stderr');
    configured('window: 5\nareas:\n  CARDIO: {}\n');
    archive.child.kill('SIGHUP');
    await archive.printed(/SIGHUP: a restart is needed to change window/, 'stderr');
    configured('window: 4\non-study: [cat]\nareas:\n  CARDIO: { on-study: [/does/not/exist] }\n');
    archive.child.kill('SIGHUP');
    await archive.printed(/SIGHUP: nothing was changed: .*CARDIO: --on-study \/does\/not\/exist/, 'stderr');
    expect(archive.stderr().match(/nothing has changed/g)).toHaveLength(1);
  }, 60_000);
});
