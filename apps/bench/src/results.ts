// The results of a run as JSON, and the comparison of two runs.

import { readFileSync } from 'node:fs';
import type { Row } from './row.ts';
import { figure } from './table.ts';

export interface Results {
  /** ISO 8601. */
  readonly measured: string;
  readonly extent: 'quick' | 'plain' | 'full';
  readonly machine: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** Results that became worse by more than this factor are named. Ratios within one run vary by a few percent. */
const TOLERANCE = 1.1;
/** Counts may also vary by this much. */
const COUNT_TOLERANCE = 0.5;

/** @throws Error if the file does not hold results */
export function readResults(path: string): Results {
  const results = JSON.parse(readFileSync(path, 'utf8')) as Partial<Results>;
  if (!Array.isArray(results.rows)) throw new Error(`${path} does not hold the results of a run`);
  return results as Results;
}

/**
 * The rows that became slower, each with its old and new value. Only ratios within a run and counts are compared, because
 * they do not depend on the load of the machine; absolute times are not. Values of rows that only one run has are ignored.
 */
export function slower(old: Results, now: Results): readonly string[] {
  return now.rows.flatMap((row) => {
    const before = old.rows.find(({ name }) => name === row.name);
    if (!before) return [];
    const verdicts = row.verdicts.flatMap(({ target, value, isRate }) => {
      const former = before.verdicts.find((each) => each.target === target)?.value;
      if (former === undefined) return [];
      const [better, worse] = isRate ? [former, value] : [value, former];
      return better > worse * TOLERANCE ? [line(row.name, target, former, value)] : [];
    });
    const counts = Object.entries(row.counts ?? {}).flatMap(([name, value]) => {
      const former = before.counts?.[name];
      if (former === undefined || value <= former * TOLERANCE + COUNT_TOLERANCE) return [];
      return [line(row.name, name, former, value)];
    });
    return [...verdicts, ...counts];
  });
}

function line(row: string, name: string, former: number, value: number): string {
  return `${row}: ${name}: ${figure(former).trim()} before, ${figure(value).trim()} now`;
}
