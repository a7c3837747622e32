// Row and plot: throughput by the number of associations, with the same instances.

import { type Contestant, contest } from '../contest.ts';
import { measure, withServer } from '../measure.ts';
import { program, run } from '../processes.ts';
import { floor, orthanc, ours, type Provider, storescp } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

const ASSOCIATIONS = [1, 4, 16, 64];

/** @param count instances, a multiple of 64 */
export async function byAssociationsRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const instances = await workspace.images(count, 512);
  const points = new Map<string, [number, number][]>();
  const rows: Row[] = [];
  const providers = [ours('--no-fsync'), floor, storescp('--fork'), orthanc(workspace, { SyncStorageArea: false })];
  for (const associations of ASSOCIATIONS) {
    const contestant = (provider: Provider): Contestant => ({
      name: provider.name,
      needs: provider.needs ?? [],
      turn: () =>
        withServer(workspace, provider, async (server) => {
          const command = [...program('scu'), 'crowd', String(server.port), 'BENCH', instances.folder];
          const cost = await measure(server, () => run([...command, String(associations)]));
          return { ...cost, amount: instances.bytes / 1e6, operations: count };
        }),
    });
    const title = `${associations} associations`;
    const row = await contest(
      { name: 'by-associations', title, unit: 'MB', rounds, targets: [], warmsUp: false },
      providers.map(contestant),
    );
    for (const { name, rate } of row.standings) points.set(name, [...(points.get(name) ?? []), [associations, rate]]);
    rows.push({ ...row, standings: row.standings.map((each) => ({ ...each, name: `${each.name}, ${associations}` })) });
  }
  workspace.remove(instances.folder);
  return {
    name: 'by-associations',
    title: `C-STORE, ${count} × 526 KB, by the library, to each provider, by the number of associations`,
    unit: 'MB',
    standings: rows.flatMap(({ standings }) => standings),
    verdicts: [],
    notes: [...new Set(rows.flatMap(({ notes }) => notes))],
    plots: [
      {
        name: 'throughput-by-associations',
        title: 'Throughput by associations',
        x: 'associations at once',
        y: 'MB/s',
        curves: [...points].map(([name, curve]) => ({ name, points: curve })),
      },
    ],
    failed: rows.some(({ failed }) => failed),
  };
}
