// The examples run, and neither they nor the built-in service classes use anything that is not public.

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ownServiceClass } from '../examples/own-service-class.ts';
import { privateSopClass } from '../examples/private-sop-class.ts';
import { privateTransferSyntax } from '../examples/private-transfer-syntax.ts';

test("a service class of one's own has operations and statuses of its own", async () => {
  expect(await ownServiceClass()).toEqual([
    1,
    expect.stringContaining('counted approximately'),
    expect.stringMatching(/X-COUNT: too many to count.*: be more precise/),
    [0xff10, '1'],
    [0xff00, '2'],
  ]);
});

test('instances of private SOP classes are stored, and private SOP classes have services', async () => {
  expect(await privateSopClass()).toEqual([['2.25.104743.1', '2.25.1', 100], { DeviceSerialNumber: '42' }]);
});

test('a private transfer syntax passes through, and has a codec for data sets', async () => {
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

/** What a source imports: names by module. */
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

describe('nothing but public names is used', () => {
  test.each(sources('../examples'))('by %s', (_, source) => {
    for (const [module] of importsOf(source)) expect(module).toMatch(/^(@x\/(dimse(\/[a-z-]+)?|net)|node:.*)$/);
  });

  test.each(sources('services'))('by %s', (_, source) => {
    for (const [module, names] of importsOf(source)) {
      // Files of the folder may share what is theirs.
      if (module.startsWith('./') || !module.startsWith('.')) continue;
      expect([...publicNames]).toEqual(expect.arrayContaining(names as string[]));
    }
  });
});
