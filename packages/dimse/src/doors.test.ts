// What the doors of the package give: the names of each, and nothing of a network from the one for data sets.

import { readFileSync } from 'node:fs';
import * as net from '@x/net';
import { printDoors } from '@x/testing/print-doors';
import { expect, test } from 'vitest';
import * as implementation from './part10/implementation.ts';

const home = new URL('../', import.meta.url);

test('each door gives the names of the reviewed list', async () => {
  await expect(printDoors(home)).toMatchFileSnapshot('../doors.txt');
});

test('@x/dimse/data-set imports nothing of a network', () => {
  const modules = [...modulesOf(new URL('src/data-set.ts', home))];
  expect(modules.filter((name) => name.endsWith('/part10/dicom-file.ts'))).toHaveLength(1);
  expect(modules.filter((name) => !name.startsWith('file:')).sort()).toEqual([
    'dcmjs',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:path',
    'node:stream/promises',
    'node:util',
    'node:zlib',
  ]);
});

test('files name the same implementation as associations', () => {
  const { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } = net;
  expect({ ...implementation }).toEqual({ IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME });
});

/** The modules that a module imports for more than their types, and those that these import: files by address, others by name. */
function modulesOf(module: URL, found = new Set<string>()): Set<string> {
  if (found.has(module.href)) return found;
  found.add(module.href);
  for (const [, name = ''] of readFileSync(module, 'utf8').matchAll(
    /^(?:import|export|\})(?! type ).*? from '([^']+)';/gm,
  ))
    if (name.startsWith('.')) modulesOf(new URL(name, module), found);
    else found.add(name);
  return found;
}
