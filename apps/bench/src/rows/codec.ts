// Row: the PDU codec against memcpy of the same bytes.

import { median } from '../contest.ts';
import { program, run } from '../processes.ts';
import type { Row } from '../row.ts';
import { verdict } from '../verdicts.ts';

export async function codecRow(rounds: number): Promise<Row> {
  const { stdout } = await run([...program('codec'), String(rounds * 4)]);
  const { megabytes, results } = JSON.parse(stdout) as { megabytes: number; results: Record<string, number[]> };
  const rate = (milliseconds: number) => (megabytes / milliseconds) * 1000;
  const standings = Object.entries(results).map(([name, times]) => ({
    name,
    rate: rate(median(times)),
    slowest: rate(Math.max(...times)),
    fastest: rate(Math.min(...times)),
  }));
  const verdicts = [16, 256].flatMap((size) =>
    ['decode', 'encode'].map((work) => {
      const [ours, other] = [`${work}, ${size} KiB PDUs`, `memcpy, ${size} KiB PDUs`];
      return verdict(`${ours} to ${other}, ×`, median(results[other] ?? []) / median(results[ours] ?? []), 1, true);
    }),
  );
  const title = 'P-DATA streams of 64 MiB in chunks of 64 KiB, decoded and encoded';
  return { name: 'codec', title, unit: 'MB', standings, verdicts, notes: [] };
}
