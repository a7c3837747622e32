// The public names of a package, door by door, for a list that is reviewed.

import { readFileSync } from 'node:fs';

/** The sources of a package's doors, by their subpath: what the condition `@x/source` names in `exports`. */
export function doorSources(packageFolder: URL): Readonly<Record<string, URL>> {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as {
    exports: Readonly<Record<string, string | { readonly '@x/source'?: string }>>;
  };
  return Object.fromEntries(
    Object.entries(exports).flatMap(([subpath, target]) => {
      const source = typeof target === 'string' ? undefined : target['@x/source'];
      return source === undefined ? [] : [[subpath, new URL(source, packageFolder)]];
    }),
  );
}

/** The names that a door exports, in order; `type` stands before those that are types. Doors have no `export *`. */
export function publicNames(door: URL): string[] {
  const source = readFileSync(door, 'utf8');
  if (/^export (?!(?:type )?\{)/m.test(source))
    throw new Error(`${door.pathname} may only export names of other files`);
  return [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)]
    .flatMap(([, type = '', names = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => `${type}${name.replace(/^(type )?.* as /, '$1')}`),
    )
    .sort(byName);
}

/** The list of all doors of a package, to be compared with a reviewed file. */
export function doorList(packageFolder: URL): string {
  return Object.entries(doorSources(packageFolder))
    .map(([subpath, door]) => {
      const names = publicNames(door);
      return `${subpath} (${names.length})\n${names.map((name) => `  ${name}\n`).join('')}`;
    })
    .join('\n');
}

function byName(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => name.replace('type ', '')) as [string, string];
  return first < second ? -1 : Number(first > second);
}
