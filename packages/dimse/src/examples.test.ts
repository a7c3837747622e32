// Runs the examples, and checks that they and the built-in service classes use public names only.

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ownServiceClass } from '../examples/own-service-class.ts';
import { privateSopClass } from '../examples/private-sop-class.ts';
import { privateTransferSyntax } from '../examples/private-transfer-syntax.ts';

test('a private service class has its own operations and statuses', async () => {
  expect(await ownServiceClass()).toEqual([
    1,
    expect.stringContaining('counted approximately'),
    expect.stringMatching(/X-COUNT: too many to count.*: be more precise/),
    [0xff10, '1'],
    [0xff00, '2'],
  ]);
});

test('instances of private SOP classes are stored, and services may have private SOP classes', async () => {
  expect(await privateSopClass()).toEqual([['2.25.104743.1', '2.25.1', 100], { DeviceSerialNumber: '42' }]);
});

test('a private transfer syntax is passed through and can have a data set codec', async () => {
  expect(await privateTransferSyntax()).toEqual([
    ['2.25.104759', 'as it is'],
    ['2.25.104759', '42'],
    [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' }],
  ]);
});

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const sources = (name: string) =>
  readdirSync(folder(name))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [`${basename(name)}/${file}`, readFileSync(`${folder(name)}/${file}`, 'utf8')] as const);

/** The names that a source imports, by module. */
function importsOf(source: string): (readonly [module: string, names: readonly string[]])[] {
  return [...source.matchAll(/^import (?:type )?(\{[^}]*\}|[^'{]*?) from '([^']+)';/gms)].map(
    ([, names = '', module = '']) =>
      [
        module,
        names
          .replace(/[{}]|\btype\b/g, '')
          .split(',')
          .map((name) => name.trim().split(' as ')[0] as string)
          .filter(Boolean),
      ] as const,
  );
}

const publicNames = new Set(
  ['index.ts', 'data-set.ts']
    .flatMap((door) => [...readFileSync(folder(door), 'utf8').matchAll(/export (?:type )?\{([^}]*)\}/g)])
    .flatMap(([, names = '']) =>
      names
        .replace(/\btype\b/g, '')
        .split(',')
        .map((name) => name.trim().split(' as ').at(-1) as string),
    ),
);

describe('only public names are used', () => {
  test.each(sources('../examples'))('by %s', (_, source) => {
    for (const [module] of importsOf(source)) expect(module).toMatch(/^(@x\/(dimse(\/[a-z-]+)?|net)|node:.*)$/);
  });

  test.each(sources('services'))('by %s', (_, source) => {
    for (const [module, names] of importsOf(source)) {
      // Files of the same folder may import from each other.
      if (module.startsWith('./') || !module.startsWith('.')) continue;
      expect([...publicNames]).toEqual(expect.arrayContaining(names as string[]));
    }
  });
});
