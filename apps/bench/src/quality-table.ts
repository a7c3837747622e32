// The table of targets: for each of its rows, the results that show whether it is met.

import type { Row, Verdict } from './row.ts';
import { verdictText } from './table.ts';

/** The rows of the benchmark that belong to a target, with a part of the verdict's text if only some of them do. */
type Source = readonly [row: string, part?: string];

const TARGETS: readonly (readonly [title: string, ...sources: Source[]])[] = [
  ['decode and encode P-DATA streams', ['codec']],
  ['storescu → ours, 526 KB, one association', ['scp-ct']],
  ['ours → storescp, 526 KB', ['scu-ct']],
  ['storescu → ours, 8 KB, window 1', ['scp-small']],
  ['ours → ours, 8 KB, window 16', ['store-small'], ['store-delayed']],
  ['one object of 1 GiB and of 4 GiB', ['large'], ['large-4']],
  ['the same over TLS 1.3', ['store-tls']],
  ['C-ECHO, same client', ['echo', 'Orthanc'], ['echo', 'storescp'], ['echo-scu']],
  ['associations, one by one and 50 at once, same client', ['associations'], ['associations-crowd']],
  ['32 SCUs, 50 × 526 KB', ['store-crowd']],
  ['C-FIND over 10,000 instances; C-GET and C-MOVE of the CT set', ['search'], ['get'], ['move']],
  ['C-FIND, 10,000 matches from a handler', ['find']],
  ['start of dimse-scp with 1,000,000 instances', ['by-stored', 'until it listens']],
  ['--reindex', ['by-stored', '--reindex']],
  ['a text wildcard over an attribute without a column', ['by-stored', 'wildcard']],
  ['dimse-scu echo, whole process', ['start']],
  ['against dcmjs-dimse', ['store-discarded', 'dcmjs-dimse'], ['echo', 'dcmjs-dimse']],
  ['synced, on a disk file system', ['durable-small'], ['durable-small-crowd'], ['durable-ct'], ['durable-ct-crowd']],
];

/** A target of the table, with the results that show whether it is met. */
export interface TargetResults {
  readonly title: string;
  readonly results: readonly { readonly row: string; readonly verdict: Verdict }[];
  /** The rows that were not measured. */
  readonly missing: readonly string[];
}

/** Every target. @param isPart whether only some rows were asked for: targets that belong to none of them are left out */
export function targetResults(rows: readonly Row[], isPart = false): readonly TargetResults[] {
  return TARGETS.flatMap(([title, ...sources]) => {
    const isMeasured = ([name]: Source) => rows.some((row) => row.name === name);
    if (isPart && !sources.some(isMeasured)) return [];
    const results = sources.flatMap(([row, part]) => verdictsOf(rows, row, part).map((verdict) => ({ row, verdict })));
    const missing = sources.filter((source) => !isMeasured(source)).map(([name]) => name);
    return [{ title, results, missing: [...new Set(missing)] }];
  });
}

/** Every target with its verdicts, or the reason why there are none. */
export function qualityTable(rows: readonly Row[], isPart = false): string {
  const lines = targetResults(rows, isPart).flatMap(({ title, results, missing }) => [
    title,
    ...results.map(({ row, verdict }) => `  ${verdictText(verdict)} [${row}]`),
    ...(missing.length > 0 ? [`  not measured: ${missing.join(', ')}`] : []),
    ...(results.length === 0 && missing.length === 0 ? ['  not measured: see what was left out or failed'] : []),
  ]);
  return ['Targets', ...lines, ''].join('\n');
}

function verdictsOf(rows: readonly Row[], name: string, part: string | undefined): readonly Verdict[] {
  const verdicts = rows.find((row) => row.name === name)?.verdicts ?? [];
  return part === undefined ? verdicts : verdicts.filter(({ target }) => target.includes(part));
}
