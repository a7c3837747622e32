// Runs the examples, and checks that they and the built-in service classes use public names only.

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const { log } = console;
const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  console.log = (line: string) => void lines.push(line);
});
afterEach(() => {
  console.log = log;
});

test('a private service class has its own operations and statuses', async () => {
  await import('../examples/own-service-class.js');
  expect(lines).toEqual([
    expect.stringMatching(/^found 1: .*counted approximately/),
    expect.stringMatching(/^failed: X-COUNT: too many to count.*: be more precise/),
    expect.stringMatching(/an entry that is out of date.*: 1$/),
    expect.stringMatching(/: 2$/),
  ]);
});

test('instances of private SOP classes are stored, and services may have private SOP classes', async () => {
  await import('../examples/private-sop-class.js');
  expect(lines).toEqual(['received 2.25.1 of 2.25.104743.1: 100 bytes', 'found device 42']);
});

test('a private transfer syntax is passed through and can have a data set codec', async () => {
  await import('../examples/private-transfer-syntax.js');
  expect(lines).toEqual([
    'received in 2.25.104759: as it is',
    'asked in 2.25.104759 for patient 42',
    'found {"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎"}',
  ]);
});

test('a data set is edited as it passes', async () => {
  await import('../examples/edit-data-set.js');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    SOPInstanceUID: '2.25.1',
    PatientName: { Alphabetic: 'ANONYMOUS' },
    PatientID: 'P1',
    PatientIdentityRemoved: 'YES',
    RequestAttributesSequence: [{ ScheduledProcedureStepID: '' }, { ScheduledProcedureStepID: '' }],
  });
});

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const sources = (name: string) =>
  readdirSync(folder(name))
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.test.ts'))
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
