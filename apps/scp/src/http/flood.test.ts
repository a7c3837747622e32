// A flood of instances for a hook and a destination that are slow: storing goes on, and the page and the metrics show the queues.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Status, storeInstances } from '@x/dimse';
import { numberedInstances } from '@x/testing/numbered-instances';
import { startScp } from '@x/testing/processes';
import { expect, test } from 'vitest';
import { recordingPeer } from '../../test/recording-peer.ts';
import { keptIn } from '../../test/world.ts';

const COUNT = 200;
const SETTLED = { timeout: 60_000, interval: 50 };

test('the page and the metrics show a hook and a destination under a flood, and nothing is lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flood-'));
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  await using pacs = await recordingPeer({}, () => opened.then(() => Status.Success));
  const [calls, gate] = [join(folder, 'calls'), join(folder, 'gate')];
  const hook = join(folder, 'slow-hook');
  writeFileSync(
    hook,
    `#!/bin/sh\nwhile [ ! -e ${gate} ]; do sleep 0.1; done\necho "$DIMSE_INSTANCE" >> ${calls}\nhead -c 100000 /dev/zero\n`,
    { mode: 0o755 },
  );
  const rules = join(folder, 'rules.yaml');
  writeFileSync(
    rules,
    `destinations:\n  PACS: { host: 127.0.0.1, port: ${pacs.port} }\nrules:\n  all: { to: [PACS] }\n`,
  );
  const archive = await startScp([
    ...[...keptIn(join(folder, 'data')), '--forward', rules, '--on-instance', hook, '--http', '0'],
  ]);
  try {
    const peer = { host: '127.0.0.1', port: archive.port, callingAeTitle: 'CT', calledAeTitle: 'DIMSE' };
    const instances = [...first(numberedInstances('1.2.3', 2000).next(), COUNT)];
    let acknowledged = 0;
    for await (const { result } of storeInstances(instances, { ...peer, parallel: 4 }))
      if (result === 'sent') acknowledged++;
    expect(acknowledged).toBe(COUNT);
    const statuses = async () => {
      const all = (await (await fetch(`${archive.url}/deliveries`)).json()) as Record<string, unknown>[];
      return Object.fromEntries(all.map(({ destination, ...others }) => [String(destination), others]));
    };
    const flooded = { waiting: COUNT, failed: 0, sent: 0 };
    await expect.poll(statuses, SETTLED).toMatchObject({ PACS: flooded, 'on-instance: slow-hook': flooded });
    const metrics = await (await fetch(`${archive.url}/metrics`)).text();
    for (const destination of ['PACS', 'on-instance: slow-hook'])
      expect(metrics).toContain(`dimse_delivery_queue_length{destination="${destination}",state="waiting"} ${COUNT}\n`);
    writeFileSync(gate, '');
    open();
    const done = { waiting: 0, failed: 0, sent: COUNT };
    await expect.poll(statuses, SETTLED).toMatchObject({ PACS: done, 'on-instance: slow-hook': done });
    expect(new Set(pacs.requests).size).toBe(COUNT);
    expect(pacs.requests).toHaveLength(COUNT);
    expect(existsSync(calls) && readFileSync(calls, 'utf8').trim().split('\n')).toHaveLength(COUNT);
  } finally {
    await archive.stop('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}, 120_000);

function* first<T>(items: Iterable<T>, count: number): Generator<T> {
  let given = 0;
  for (const item of items) {
    if (given++ >= count) return;
    yield item;
  }
}
