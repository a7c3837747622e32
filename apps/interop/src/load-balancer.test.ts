// Several archives behind HAProxy, with the configuration of the guide: a rolling restart fails no association, limits
// hold at the entry, and archives that are not ready still answer if there is no other.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, type Session, SopClass, Status, verification } from '@x/dimse';
import { freePort, isInstalled, type RunningScp, run, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BalancedArchive, type RunningHaproxy, SAMPLE, STOP_DELAY, startHaproxy } from './haproxy.ts';

let folder: string;
let haproxy: RunningHaproxy | undefined;
const running = new Map<BalancedArchive, RunningScp>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-balancer-'));
});
afterEach(async () => {
  await Promise.all([...running.values()].map((archive) => archive.stop('SIGKILL')));
  running.clear();
  await haproxy?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function placesFor(count: number): Promise<readonly BalancedArchive[]> {
  const ports = await Promise.all(Array.from({ length: count * 2 }, freePort));
  return Array.from({ length: count }, (_, index) => ({
    port: ports[2 * index] as number,
    httpPort: ports[2 * index + 1] as number,
  }));
}

async function startArchive(at: BalancedArchive, ...more: readonly string[]): Promise<void> {
  const args = ['--data', join(folder, `${at.port}`), '--port', `${at.port}`, '--http', `${at.httpPort}`];
  running.set(at, await startScp([...args, '--proxy', '127.0.0.1', '--stop-delay', `${STOP_DELAY}`, ...more]));
}

function associate(port: number): Promise<Session> {
  return openSession({
    ...{ host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'DIMSE' },
    services: [verification],
    contexts: [{ abstractSyntax: SopClass.Verification, transferSyntaxes: ['1.2.840.10008.1.2'] }],
  });
}

async function verify(port: number): Promise<void> {
  const session = await associate(port);
  const { status } = await session.use(verification).echo();
  expect(status).toBe(Status.Success);
  await session.release();
}

/** Verifies by one association after the other until told to stop. Gives their number; rejects if one fails. */
async function verifyAgainAndAgain(port: number, isOver: () => boolean): Promise<number> {
  for (let count = 1; ; count++) {
    await verify(port);
    if (isOver()) return count;
  }
}

describe.runIf(isInstalled('haproxy'))('HAProxy with the configuration of the guide', () => {
  test('the configuration is valid without warnings', async () => {
    expect(await run('haproxy', ['-c', '-q', '-f', SAMPLE])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('a rolling restart fails no association, and does not wait for one that is never released', async () => {
    const archives = await placesFor(3);
    await Promise.all(archives.map((archive) => startArchive(archive, '--drain', '2')));
    haproxy = await startHaproxy(folder, archives);
    const { port } = haproxy;

    // Each goes to the archive that has the fewest.
    const held = await Promise.all(archives.map(() => associate(port)));
    let isOver = false;
    const peers = [1, 2, 3, 4].map(() => verifyAgainAndAgain(port, () => isOver));
    for (const archive of archives) {
      const outcome = await running.get(archive)?.stop('SIGTERM');
      expect(outcome?.exitCode).toBe(0);
      // The one that is never released, when the time of --drain was over.
      expect(outcome?.stderr).toMatch(
        /healthz answers 503.*no more associations.*stopped: \d+ associations finished, 1 aborted/s,
      );
      await startArchive(archive, '--drain', '2');
      await haproxy.ready();
    }
    isOver = true;
    const counts = await Promise.all(peers);
    // Each went on behind all restarts.
    expect(Math.min(...counts)).toBeGreaterThan(1);
    await Promise.all(held.map(({ closed }) => closed));
  }, 90_000);

  test('refuses more connections from one address than the entry allows, until one has ended', async () => {
    const archives = await placesFor(2);
    await Promise.all(archives.map((archive) => startArchive(archive)));
    haproxy = await startHaproxy(folder, archives, { perSource: 3 });
    const { port } = haproxy;
    const held = [await associate(port), await associate(port), await associate(port)];
    await expect(associate(port)).rejects.toThrow();
    await held[0]?.release();
    // HAProxy learns of the end after the peer.
    for (let attempt = 0; ; attempt++) {
      const again = await associate(port).catch((error: unknown) => {
        if (attempt === 100) throw error;
      });
      if (!again) continue;
      await again.release();
      break;
    }
    await Promise.all(held.slice(1).map((session) => session.release()));
  }, 60_000);

  test('archives that are not ready still answer if there is no other', async () => {
    const archives = await placesFor(2);
    await Promise.all(archives.map((archive) => startArchive(archive, '--stop-delay', '60')));
    haproxy = await startHaproxy(folder, archives);
    for (const archive of archives) running.get(archive)?.child.kill('SIGTERM');
    await haproxy.ready(0);
    await verify(haproxy.port);
    for (const archive of archives)
      expect((await fetch(`http://127.0.0.1:${archive.httpPort}/healthz`)).status).toBe(503);
  }, 60_000);
});
