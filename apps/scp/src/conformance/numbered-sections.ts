// Numbered sections, their table of contents, and tables, in Markdown.

/** A section. Its number follows from its place. */
export interface Section {
  readonly title: string;
  readonly text?: string | readonly string[];
  readonly sections?: readonly Section[];
}

/** The text of sections that the template has and the archive does not need, so that the numbers stay. */
export const NOT_SUPPORTED = 'Not supported.';

/** Sections from level 2 on, numbered. One with the title `Table of contents` gets the list of all. */
export function numbered(sections: readonly Section[]): string {
  const contents: string[] = [];
  const parts = parted(sections, '', 2, contents);
  return parts.join('\n\n').replace(CONTENTS, () => contents.join('\n'));
}

/** A section without a number, below a numbered one. */
export function unnumbered(level: number, title: string, ...text: readonly string[]): string {
  return [`${'#'.repeat(level)} ${title}`, ...text].join('\n\n');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const TABLE_OF_CONTENTS: Section = { title: 'Table of contents', text: '\0contents\0' };
const CONTENTS = '\0contents\0';

function parted(sections: readonly Section[], prefix: string, level: number, contents: string[]): string[] {
  return sections.flatMap(({ title, text = [], sections: below = [] }, index) => {
    const number = `${prefix}${index + 1}`;
    const name = level === 2 ? `${number}. ${title}` : `${number} ${title}`;
    contents.push(`${'  '.repeat(level - 2)}- ${name}`);
    const own = [`${'#'.repeat(level)} ${name}`, ...(typeof text === 'string' ? [text] : text)];
    return [...own, ...parted(below, `${number}.`, level + 1, contents)];
  });
}
