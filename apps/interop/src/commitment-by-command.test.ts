// Storage commitment with the command lines: Orthanc requests it from our SCP, our SCU requests it from Orthanc.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { freePort, isInstalled, type Listening, runScu, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askByOrthanc, type RunningOrthanc, startOrthanc } from './orthanc.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';

describe.runIf(isInstalled('Orthanc'))('with Orthanc', () => {
  const home = mkdtempSync(join(tmpdir(), 'interop-commit-'));
  const series = join(home, 'series');
  const later = join(home, 'later');
  let uids: string[];
  let orthanc: RunningOrthanc;
  let scp: Listening;
  let ourPort: number;

  beforeAll(async () => {
    mkdirSync(series);
    mkdirSync(later);
    const slices = [...computedTomographySeries({ slices: 4, size: 32 })];
    uids = slices.map(({ sopInstanceUid }) => sopInstanceUid);
    for (const [index, { sopInstanceUid, bytes }] of slices.entries())
      writeFileSync(join(index < 3 ? series : later, `${sopInstanceUid}.dcm`), bytes);
    ourPort = await freePort();
    const archivePort = await freePort();
    orthanc = await startOrthanc(home, {
      archive: { aeTitle: 'DIMSE', port: archivePort },
      me: { aeTitle: 'ME', port: ourPort },
    });
    const peer = `ORTHANC=127.0.0.1:${orthanc.port}`;
    scp = await startScp(['--data', join(home, 'archive'), '--peer', peer, '--port', String(archivePort)]);
  });
  afterAll(async () => {
    await orthanc?.stop();
    await scp?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const commit = (...paths: readonly string[]) =>
    runScu(
      'commit',
      `ORTHANC@127.0.0.1:${orthanc.port}`,
      ...paths,
      ...['--calling', 'ME', '--listen', String(ourPort), '--wait', '30', '--json'],
    );
  const resultsOf = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('our SCU reports committed and failed instances', async () => {
    const stored = await runScu('store', `ORTHANC@127.0.0.1:${orthanc.port}`, series);
    expect([stored.exitCode, stored.stderr]).toEqual([0, '']);
    const all = await commit(series);
    expect([all.exitCode, all.stderr]).toEqual([0, '']);
    expect(resultsOf(all.stdout).at(-1)).toEqual({ summary: { committed: 3, failed: 0, skipped: 0 } });
    const some = await commit(series, later);
    expect(some.exitCode).toBe(1);
    expect(some.stderr).toMatch(/^failed +\S+: no such object instance \(0112H\)\n$/);
    const results = resultsOf(some.stdout);
    expect(results.filter(({ result }) => result === 'committed')).toHaveLength(3);
    expect(results.filter(({ result }) => result === 'failed')).toEqual([
      expect.objectContaining({ sopInstance: uids[3], status: '0112', reason: 'no such object instance (0112H)' }),
    ]);
  });

  test.each([
    ['Success', 3],
    ['Failure', 4],
  ])('our SCP tells it: %s', async (status, count) => {
    const stored = await runScu('store', `DIMSE@127.0.0.1:${scp.port}`, series);
    expect([stored.exitCode, stored.stderr]).toEqual([0, '']);
    const report = await askByOrthanc(
      orthanc,
      'archive',
      uids.slice(0, count).map((uid) => [CT, uid]),
    );
    expect(report.Status).toBe(status);
    const { Success: success, Failures: failures = [] } = report;
    expect(success).toHaveLength(3);
    expect(failures).toHaveLength(count - 3);
  });
});

test('our SCU receives the report of our SCP on the association of the request', async () => {
  const home = mkdtempSync(join(tmpdir(), 'interop-commit-'));
  const scp = await startScp(['--data', join(home, 'archive')]);
  try {
    const series = join(home, 'series');
    mkdirSync(series);
    for (const { sopInstanceUid, bytes } of computedTomographySeries({ slices: 3, size: 32 }))
      writeFileSync(join(series, `${sopInstanceUid}.dcm`), bytes);
    const peer = `DIMSE@127.0.0.1:${scp.port}`;
    expect((await runScu('commit', peer, series)).exitCode).toBe(1);
    expect((await runScu('store', peer, series)).exitCode).toBe(0);
    const { exitCode, stdout } = await runScu('commit', peer, series);
    expect([exitCode, stdout.trim().split('\n').at(-1)]).toEqual([0, '3 committed, 0 failed, 0 skipped']);
  } finally {
    await scp.stop();
    rmSync(home, { recursive: true, force: true });
  }
});
