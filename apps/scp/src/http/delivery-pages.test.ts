// /deliveries and the metrics of destinations, of the built program: one that takes all, one that is down, one with a full queue.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, Status, serve, storage, storeInstances } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { freePort, startScp } from '@x/testing/processes';
import { expect, test } from 'vitest';
import { keptIn } from '../../test/world.ts';

const INSTANCES = 5;
const QUEUE = 2;

function* instances() {
  for (let number = 1; number <= INSTANCES; number++) {
    const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: `1.2.7.${number}` };
    const data = () => syntheticDataSet({ ...uids, study: '1.2', series: '1.2.7', pixelLength: 100 });
    yield { ...uids, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data };
  }
}

test('the page and the metrics have the state of each destination', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-pages-'));
  await using peer = createScp({ aeTitle: 'UP', services: [serve(storage, { store: () => Status.Success })] });
  const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
  const down = await freePort();
  const rules = join(folder, 'forward.yaml');
  writeFileSync(
    rules,
    `destinations:
  UP: { host: 127.0.0.1, port: ${port} }
  DOWN: { host: 127.0.0.1, port: ${down} }
  FULL: { host: 127.0.0.1, port: ${down}, queue: ${QUEUE} }
rules:
  all: { to: [UP, DOWN, FULL] }
`,
  );
  const archive = await startScp([
    ...[...keptIn(join(folder, 'data')), '--aet', 'ARCHIVE', '--forward', rules, '--http', '0'],
  ]);
  try {
    const peerOptions = { host: '127.0.0.1', port: archive.port, callingAeTitle: 'CT01', calledAeTitle: 'ARCHIVE' };
    for await (const { result } of storeInstances(instances(), peerOptions)) expect(result).toBe('sent');
    const statuses = async () => {
      const response = await fetch(`${archive.url}/deliveries`);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      const all = (await response.json()) as Record<string, unknown>[];
      return Object.fromEntries(all.map(({ destination, ...others }) => [String(destination), others]));
    };
    const unreachable = { failed: 0, sent: 0, reason: expect.stringContaining('connection refused') };
    const rests = { lastFailure: expect.any(Number), restsUntil: expect.any(Number) };
    await expect.poll(statuses, { timeout: 20_000 }).toEqual({
      UP: {
        waiting: 0,
        failed: 0,
        behind: 0,
        isFull: false,
        sent: INSTANCES,
        failures: 0,
        lastSuccess: expect.any(Number),
      },
      DOWN: { ...unreachable, ...rests, waiting: INSTANCES, behind: 0, isFull: false, failures: expect.any(Number) },
      FULL: {
        ...{ ...unreachable, ...rests, failures: expect.any(Number) },
        ...{ waiting: QUEUE, behind: INSTANCES - QUEUE, isFull: true },
      },
    });
    const text = await (await fetch(`${archive.url}/metrics`)).text();
    const sampleOf = (sample: string) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.slice(sample.length + 1);
    const length = (destination: string, state: string) =>
      sampleOf(`dimse_delivery_queue_length{destination="${destination}",state="${state}"}`);
    const unread = (destination: string) => sampleOf(`dimse_delivery_unread_instances{destination="${destination}"}`);
    const total = (destination: string, result: string) =>
      sampleOf(`dimse_deliveries_total{destination="${destination}",result="${result}"}`);
    expect([length('UP', 'waiting'), length('DOWN', 'waiting'), length('FULL', 'waiting')]).toEqual(['0', '5', '2']);
    expect([length('UP', 'failed'), length('DOWN', 'failed'), length('FULL', 'failed')]).toEqual(['0', '0', '0']);
    expect([unread('UP'), unread('DOWN'), unread('FULL')]).toEqual(['0', '0', '3']);
    expect([total('UP', 'sent'), total('UP', 'failed'), total('DOWN', 'sent')]).toEqual(['5', '0', '0']);
    expect(Number(total('DOWN', 'failed'))).toBeGreaterThan(0);
  } finally {
    await archive.stop();
    rmSync(folder, { recursive: true });
  }
});
