// A disk that fills while instances wait to be forwarded: the system refuses to let files grow. Nothing acknowledged is lost.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeInstances } from '@x/dimse';
import { numberedInstances } from '@x/testing/numbered-instances';
import { application, freePort, type Running, start } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingPeer } from '../test/recording-peer.ts';

let folder: string;
let archive: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts the archive with a limit of the length of files, in blocks of 512 bytes; then the system fails writes as a full disk does. */
async function startArchive(port: number, blocks: string): Promise<number> {
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, `destinations:\n  PACS: { host: 127.0.0.1, port: ${port} }\nrules:\n  all: { to: [PACS] }\n`);
  archive = start('sh', [
    ...['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, application('scp')],
    ...['--port', '0', '--host', '127.0.0.1', '--data', join(folder, 'data'), '--forward', rules],
  ]);
  const [, listening] = await archive.printed(/^listening \S+:(\d+)\n/m);
  return Number(listening);
}

const MOST = 2000;
const sent = numberedInstances('1.2.3', 4000);

function* some() {
  let given = 0;
  for (const instance of sent.next()) {
    if (given++ >= MOST) return;
    yield instance;
  }
}

test('instances that were acknowledged before the disk was full are forwarded when it has room', async () => {
  const down = await freePort();
  const port = await startArchive(down, '2000');
  const acknowledged: string[] = [];
  let refused = 0;
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'CT', calledAeTitle: 'DIMSE' };
  for await (const { result, sopInstance = '' } of storeInstances(some(), { ...peer, parallel: 2 })) {
    if (result === 'sent') acknowledged.push(sopInstance);
    else refused++;
    if (refused >= 20) break;
  }
  expect(refused).toBeGreaterThan(0);
  expect(acknowledged.length).toBeGreaterThan(0);
  await archive?.stop('SIGKILL');
  await using pacs = await recordingPeer({ port: down });
  await startArchive(down, 'unlimited');
  const missing = () => acknowledged.filter((uid) => !pacs.requests.includes(uid));
  await expect.poll(() => missing().length, { timeout: 60_000, interval: 100 }).toBe(0);
  process.stderr.write(
    `full disk: ${acknowledged.length} acknowledged, ${refused} refused, ${missing().length} lost, ${pacs.requests.length - new Set(pacs.requests).size} doubled\n`,
  );
  expect(new Set(pacs.requests).size).toBe(pacs.requests.length);
}, 120_000);
