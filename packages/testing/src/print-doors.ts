// The public names of a package, as its `package.json` and the files behind it say: for review, and to notice changes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One entry of `exports` in a `package.json`. */
type Door = string | { readonly '@x/source'?: string };

/**
 * Lists the names that each door of a package exports, one a line, types marked as such. A door is an entry of `exports`
 * that has a source. Door files only re-export: `export { … } from`; anything else in them is an error.
 */
export function printDoors(packageFolder: URL): string {
  const folder = fileURLToPath(packageFolder);
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, Door>>;
  };
  return Object.entries(exports)
    .map(([path, door]): [string, string | undefined] => [
      path,
      typeof door === 'string' ? undefined : door['@x/source'],
    ])
    .flatMap(([path, source]) => {
      if (source === undefined) return [];
      const names = exportedNames(readFileSync(join(folder, source), 'utf8'));
      return [`${name}${path.slice(1)} (${names.length} names)\n${names.map((each) => `  ${each}\n`).join('')}`];
    })
    .join('\n');
}

/** The names that a door file exports, in alphabetical order; types begin with `type `. */
function exportedNames(source: string): string[] {
  const names: string[] = [];
  const rest = source
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replace(/export (type )?\{([^}]*)\} from '[^']*';/g, (_, isType: string | undefined, list: string) => {
      for (const each of list.split(',').map((text) => text.trim()))
        if (each !== '') names.push(isType ? `type ${each}` : each.replace(/^(type )?.* as /, '$1'));
      return '';
    });
  if (rest.trim() !== '') throw new Error(`a door file only re-exports names, but has: ${rest.trim()}`);
  const bare = (name: string) => name.replace(/^type /, '');
  return names.sort((a, b) => bare(a).localeCompare(bare(b), 'en'));
}
