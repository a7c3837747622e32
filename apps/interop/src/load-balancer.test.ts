// Two archives behind HAProxy are restarted one after the other while peers go on: not one association fails.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, SopClass, Status, verification } from '@x/dimse';
import { freePort, isInstalled, type RunningScp, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BalancedArchive, CHECK_INTERVAL, type RunningHaproxy, startHaproxy } from './haproxy.ts';

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

/** Longer than two checks take on a busy machine. */
const STOP_DELAY = (CHECK_INTERVAL * 2 + 1600) / 1000;

async function startArchive(at: BalancedArchive): Promise<void> {
  const args = ['--data', join(folder, `${at.port}`), '--port', `${at.port}`, '--http', `${at.httpPort}`];
  running.set(at, await startScp([...args, '--proxy', '127.0.0.1', '--stop-delay', `${STOP_DELAY}`]));
}

/** Verifies by one association after the other until told to stop. Gives their number; rejects if one fails. */
async function verifyAgainAndAgain(port: number, isOver: () => boolean): Promise<number> {
  for (let count = 1; ; count++) {
    const session = await openSession({
      ...{ host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'DIMSE' },
      services: [verification],
      contexts: [{ abstractSyntax: SopClass.Verification, transferSyntaxes: ['1.2.840.10008.1.2'] }],
    });
    const { status } = await session.use(verification).echo();
    expect(status).toBe(Status.Success);
    await session.release();
    if (isOver()) return count;
  }
}

test.runIf(isInstalled('haproxy'))(
  'a rolling restart fails no association',
  async () => {
    const archives = await Promise.all(
      [1, 2].map(async () => ({ port: await freePort(), httpPort: await freePort() }) satisfies BalancedArchive),
    );
    for (const archive of archives) await startArchive(archive);
    haproxy = await startHaproxy(folder, archives);
    const { port } = haproxy;

    let isOver = false;
    const peers = [1, 2, 3, 4].map(() => verifyAgainAndAgain(port, () => isOver));
    for (const archive of archives) {
      const outcome = await running.get(archive)?.stop('SIGTERM');
      expect(outcome?.exitCode).toBe(0);
      expect(outcome?.stderr).toMatch(
        /healthz answers 503.*no more associations.*stopped: \d+ associations finished, 0 aborted/s,
      );
      await startArchive(archive);
      await haproxy.allReady();
    }
    isOver = true;
    const counts = await Promise.all(peers);
    // Each went on behind both restarts.
    expect(Math.min(...counts)).toBeGreaterThan(1);
  },
  60_000,
);
