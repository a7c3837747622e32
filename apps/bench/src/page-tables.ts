// Targets and results as tables of the page.

import { targetResults } from './quality-table.ts';
import type { Row, Standing } from './row.ts';
import { figure } from './table.ts';

/** Every target with its results: the lines of one table. */
export function targetsTable(rows: readonly Row[]): readonly string[] {
  const lines = targetResults(rows).flatMap(({ title, results, missing }) => [
    ...results.map(({ verdict: { target, value, bound, isRate, met } }) => [
      title,
      target.replace(/, ×$/, ''),
      plain(value),
      `${isRate ? '≥' : '≤'} ${plain(bound)}`,
      met ? 'met' : '**missed**',
    ]),
    ...(results.length === 0 || missing.length > 0 ? [[title, missing.join(', '), 'not measured', '', '']] : []),
  ]);
  // A title stands only in the first of its lines.
  const shown = lines.map(([title = '', ...rest], at) => [title === lines[at - 1]?.[0] ? '' : title, ...rest]);
  return markdownTable(['work', 'compared', 'result', 'target', ''], shown);
}

/** A section for each row. */
export function resultsSections(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => [`### ${row.title}`, '', ...standingsTable(row), ...countsTable(row), ...notes(row)]);
}

type Column = readonly [head: string, cell: (standing: Standing) => string | undefined];

function standingsTable({ standings, unit }: Row): readonly string[] {
  if (standings.length === 0) return [];
  const columns: readonly Column[] = [
    ['contestant', ({ name }) => name],
    [`${unit}/s`, ({ rate }) => plain(rate)],
    ['slowest to fastest', ({ slowest, fastest }) => `${plain(slowest)} to ${plain(fastest)}`],
    ['CPU sending (ms each)', ({ senderCpu }) => senderCpu?.toFixed(3)],
    ['CPU receiving (ms each)', ({ cpu }) => cpu?.toFixed(3)],
    ['peak sending, receiving (MB)', ({ peaks }) => peaks?.map((peak) => peak.toFixed(0)).join(', ')],
    [
      'major, minor collections in 1,000',
      ({ collections }) => collections && `${collections.major.toFixed(1)}, ${collections.minor.toFixed(0)}`,
    ],
  ];
  const used = columns.filter(([, cell]) => standings.some((standing) => cell(standing) !== undefined));
  return [
    ...markdownTable(
      used.map(([head]) => head),
      standings.map((standing) => used.map(([, cell]) => cell(standing) ?? '–')),
    ),
    '',
  ];
}

function countsTable({ counts = {} }: Row): readonly string[] {
  const lines = Object.entries(counts).map(([name, count]) => [name, plain(count)]);
  return lines.length > 0 ? [...markdownTable(['counted', ''], lines), ''] : [];
}

function notes(row: Row): readonly string[] {
  return row.notes.length > 0 ? [...row.notes.map((note) => `- ${note}`), ''] : [];
}

function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...lines].map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(SHORTEST_LINE, ...cells.map((line) => (line[column] ?? '').length)));
  const line = (texts: readonly string[]) =>
    `| ${widths.map((width, column) => (texts[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)];
}

/** Of hyphens below a head. */
const SHORTEST_LINE = 3;

function plain(value: number): string {
  return figure(value).trim();
}
