// Tables for terminals and text files: columns are as wide as their widest value, also in characters of double width.

import { withoutControls } from '@x/cli/without-controls';
import { columnify } from './on-demand.ts';

export interface TableColumn {
  readonly heading: string;
  /** Whether its values are numbers, which are aligned at the right. */
  readonly isNumeric?: boolean;
}

/** The lines of a table; without headings if all of them are empty. */
export function tableLines(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): readonly string[] {
  // The library takes names of columns; headings may occur twice.
  const data = rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [`${index}`, withoutControls(cell)])));
  const config = columns.map(({ heading, isNumeric }) => ({
    headingTransform: () => heading,
    align: isNumeric ? ('right' as const) : ('left' as const),
  }));
  return columnify()(data, {
    columns: columns.map((_, index) => `${index}`),
    columnSplitter: '  ',
    showHeaders: columns.some(({ heading }) => heading !== ''),
    config: Object.fromEntries(config.entries()),
  })
    .split('\n')
    .map((line) => line.trimEnd());
}
