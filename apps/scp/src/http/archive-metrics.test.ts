// The metrics of what the archive keeps: the guide says how to put those of several processes together, and values that
// cannot be read are left out.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScp } from '@x/testing/processes';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { addArchiveMetrics } from './archive-metrics.ts';
import type { MeasuredArchive } from './measured-archive.ts';

/** By metric, how the guide puts several processes together. */
function rules(): Readonly<Record<string, string>> {
  const guide = readFileSync(new URL('../../../docs/operate/monitoring.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| (`dimse_.*?) +\|.*\| (\S+) +\|$/gm)];
  return Object.fromEntries(
    rows.flatMap(([, names = '', rule = '']) => [...names.matchAll(/dimse_\w+/g)].map(([name]) => [name, rule])),
  );
}

test('the guide says of each metric how to put several processes together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-metrics-'));
  const archive = await startScp(['--data', folder, '--http', '0', '--quota', '1GB', '--on-study', 'true']);
  try {
    const text = await (await fetch(`${archive.url}/metrics`)).text();
    const helps = new Map([...text.matchAll(/^# HELP (dimse_\w+) (.*)$/gm)].map(([, name, help]) => [name, help]));
    const types = [...text.matchAll(/^# TYPE (dimse_\w+) (\w+)$/gm)];
    expect(types.length).toBeGreaterThan(15);
    const given = rules();
    for (const [, name = '', type] of types) {
      const isShared = helps.get(name)?.endsWith('; the same in all processes of an archive');
      if (type !== 'gauge') expect([name, given[name]]).toEqual([name, 'sum']);
      else if (isShared) expect([name, given[name]]).toEqual([name, 'max']);
      else expect([name, given[name]]).toEqual([name, expect.stringMatching(/^(?:sum|max|min|–)$/)]);
    }
  } finally {
    await archive.stop();
    rmSync(folder, { recursive: true });
  }
});

test('values that cannot be read while a service does not answer are left out of a scrape', async () => {
  const services = { database: true };
  let reads = 0;
  const read = <Value>(value: Value): Promise<Value> => {
    reads++;
    return services.database ? Promise.resolve(value) : Promise.reject(new Error('connection refused'));
  };
  const archive: MeasuredArchive = {
    associations: () => ({}),
    notices: () => ({}),
    queuedEvents: () => read(3),
    deliveries: () => [],
    indexed: () => read({ studies: 2 }),
    comparison: () => ({ compared: 0, studies: 0 }),
    isIndexComplete: () => true,
    storage: () => ({}),
    indexedInAreas: () => read({}),
    indexLength: () => read(4096),
    services: () => services,
  };
  const registry = new Registry();
  addArchiveMetrics(registry, archive);
  const samples = async () => (await registry.metrics()).split('\n').filter((line) => /^dimse_/.test(line));
  const fixed = [
    'dimse_index_complete 1',
    'dimse_index_comparison_studies{state="compared"} 0',
    'dimse_index_comparison_studies{state="all"} 0',
  ];
  const all = [
    'dimse_event_queue_length 3',
    'dimse_index_entities{level="studies"} 2',
    ...fixed,
    'dimse_index_bytes 4096',
    'dimse_service_available{service="database"} 1',
  ];
  expect(await samples()).toEqual(all);
  services.database = false;
  reads = 0;
  expect(await samples()).toEqual([...fixed, 'dimse_service_available{service="database"} 0']);
  expect(reads).toBe(0);
  services.database = true;
  expect(await samples()).toEqual(all);
});
