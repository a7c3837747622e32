// All rows, with the extent of a run.

import type { Row } from './row.ts';
import { searchRow } from './rows/archive.ts';
import { associationsRow } from './rows/associations.ts';
import { byAssociationsRow } from './rows/by-associations.ts';
import { bySizeRow } from './rows/by-size.ts';
import { byStoredRow } from './rows/by-stored.ts';
import { codecRow } from './rows/codec.ts';
import { commandStartRow } from './rows/command-start.ts';
import { countsRow } from './rows/counts.ts';
import { crowdRow } from './rows/crowd.ts';
import { durableRow } from './rows/durable.ts';
import { echoRow, echoScuRow } from './rows/echo.ts';
import { findRow } from './rows/find.ts';
import { longestStretchRow } from './rows/longest-stretch.ts';
import { retrieveRow } from './rows/retrieve.ts';
import { scaleRow } from './rows/scale.ts';
import { computedTomographyScpRow, smallScpRow } from './rows/scp.ts';
import { computedTomographyScuRow, smallScuRow } from './rows/scu.ts';
import { secureRow } from './rows/secure.ts';
import { largeRow, manyDiscardedRow, manyToFilesRow, slowLinkRow, smallRow } from './rows/store.ts';
import type { Workspace } from './workspace.ts';

/** `quick` shows that everything works; `plain` takes at most 15 minutes; `full` takes an hour or more. */
export type Extent = 'quick' | 'plain' | 'full';

export interface RowToMeasure {
  readonly name: string;
  /** Whether it is measured only if `--only` names it, or by `--full`. */
  readonly isExtra: boolean;
  measure(workspace: Workspace): Promise<Row>;
}

/** @param other the `main.js` of another build of dimse-scp */
export function rowsOf(extent: Extent, other?: string): readonly RowToMeasure[] {
  /** Chooses by the extent: quick, plain, full. */
  const of = (quick: number, plain: number, full: number) => ({ quick, plain, full })[extent];
  const isQuick = extent === 'quick';
  const rounds = of(1, 3, 5);
  const few = of(1, 2, 3);
  const images = of(100, 1_000, 1_600);
  const small = of(300, 3_000, 20_000);
  const durable =
    (size: number, associations: number) =>
    (workspace: Workspace, name: string): Promise<Row> => {
      const count = size < 100 ? of(200, 1_504, 3_000) : of(40, 400, 800);
      return durableRow(workspace, few, { name, count, size, associations });
    };
  const retrieving =
    (verb: 'get' | 'move', size: number) =>
    (workspace: Workspace, name: string): Promise<Row> => {
      const count = size < 100 ? of(100, 500, 500) : of(50, 300, 300);
      return retrieveRow(workspace, rounds, { name, verb, count, size, times: of(1, 5, 10) });
    };
  const rows: Record<string, (workspace: Workspace, name: string) => Promise<Row>> = {
    'scp-ct': (workspace) => computedTomographyScpRow(workspace, rounds, images),
    'scp-small': (workspace) => smallScpRow(workspace, rounds, small),
    'scu-ct': (workspace) => computedTomographyScuRow(workspace, rounds, images),
    'scu-small': (workspace) => smallScuRow(workspace, rounds, small),
    counts: (workspace) => countsRow(workspace, of(100, 500, 1_000)),
    start: (workspace) => commandStartRow(workspace, rounds, of(3, 10, 20)),
    associations: (workspace) => associationsRow(workspace, rounds, of(100, 2_000, 3_000), 1),
    'associations-crowd': (workspace) => associationsRow(workspace, rounds, of(100, 2_000, 3_000), 50),
    echo: (workspace) => echoRow(workspace, rounds, of(500, 5_000, 5_000)),
    'echo-scu': (workspace) => echoScuRow(workspace, rounds, of(500, 5_000, 5_000)),
    codec: () => codecRow(rounds),
    'store-small': (workspace) => smallRow(workspace, few, of(300, 3_000, 3_000)),
    'store-delayed': (workspace) => slowLinkRow(workspace, few, of(64, 256, 640)),
    'store-discarded': (workspace) => manyDiscardedRow(workspace, few, images),
    'store-tls': (workspace) => secureRow(workspace, few, images),
    'store-crowd': (workspace) => crowdRow(workspace, few, 32, of(5, 20, 50)),
    large: (workspace) => largeRow(workspace, few, of(1 / 16, 1 / 4, 1)),
    get: retrieving('get', 512),
    move: retrieving('move', 512),
    'get-small': retrieving('get', 60),
    'move-small': retrieving('move', 60),
    // dcmqrscp needs minutes to store 10,000 instances.
    search: (workspace) => searchRow(workspace, rounds, of(20, 100, 500)),
    find: () => findRow(rounds, of(2_000, 10_000, 10_000)),
    'durable-small': durable(60, 1),
    'durable-small-crowd': durable(60, 8),
    'durable-ct': durable(512, 1),
    'durable-ct-crowd': durable(512, 8),
    'by-size': (workspace) => bySizeRow(workspace, of(1, 1, 3), extent === 'full'),
    'by-associations': (workspace) => byAssociationsRow(workspace, of(1, 1, 3), of(64, 320, 1_600)),
    'by-stored': (workspace) => byStoredRow(workspace, isQuick, extent === 'full'),
    'large-4': (workspace) => largeRow(workspace, 1, 4),
    'store-files': (workspace) => manyToFilesRow(workspace, rounds, images),
    scale: (workspace, name) => scaleRow(workspace, few, { name, count: of(24, 240, 960), size: 512 }),
    'scale-small': (workspace, name) => scaleRow(workspace, few, { name, count: of(120, 1_200, 12_000), size: 60 }),
    'longest-stretch': (workspace) => longestStretchRow(workspace, few, other),
  };
  const extra = extent === 'full' ? [] : ['large-4', 'store-files', 'scale', 'scale-small', 'longest-stretch'];
  return Object.entries(rows).map(([name, measure]) => ({
    name,
    isExtra: extra.includes(name),
    measure: async (workspace) => ({ ...(await measure(workspace, name)), name }),
  }));
}
