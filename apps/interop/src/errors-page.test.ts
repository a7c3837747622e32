// The page on errors lists all error classes with their codes, and nothing else.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as dimse from '@x/dimse';
import * as net from '@x/net';
import { DEFAULT_TIMEOUTS } from '@x/net';
import { describe, expect, test } from 'vitest';

const top = fileURLToPath(new URL('../../..', import.meta.url));

/** The codes by class, as the sources define them. */
function definedCodes(): Map<string, Set<string>> {
  const defined = new Map<string, Set<string>>();
  for (const source of sources()) {
    for (const [, name = '', body = ''] of source.matchAll(
      /^(?:export )?class (\w+) extends CodedError \{\n(.*?)^\}/gms,
    ))
      defined.set(name, new Set([...body.matchAll(/'([A-Z]+(?:_[A-Z0-9]+)*)'/g)].map(([, code = '']) => code)));
    for (const [, waitingFor = ''] of source.matchAll(/new TimeoutError\('(\w+)'/g)) timeouts.add(waitingFor);
  }
  defined.set('TimeoutError', new Set([...timeouts].map((name) => new net.TimeoutError(name, 1, '').code)));
  defined.set('TlsError', new Set(faults().map((fault) => new net.TlsError('', fault, 'local').code)));
  defined.set('DimseError', new Set(['STATUS_xxxx']));
  return defined;
}

const timeouts = new Set([...Object.keys(DEFAULT_TIMEOUTS), ...Object.keys(dimse.DEFAULT_SESSION_TIMEOUTS)]);
// A handler that takes too long has no error of its own: the request is answered with a status.
timeouts.delete('handler');

function faults(): net.TlsFault[] {
  const source = readFileSync(join(top, 'packages/net/src/transport/tls-error.ts'), 'utf8');
  const [, table = ''] = /const BY_US[^{]*\{(.*?)\n\}/s.exec(source) ?? [];
  return [...table.matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map(([, fault]) => fault as net.TlsFault);
}

function* sources(): Iterable<string> {
  for (const parent of ['packages', 'apps'])
    for (const name of readdirSync(join(top, parent)))
      for (const path of listed(join(top, parent, name, 'src')))
        if (path.endsWith('.ts') && !path.endsWith('.test.ts')) yield readFileSync(path, 'utf8');
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  } catch {
    return [];
  }
}

/** The codes by class, as the page lists them. A row without a class belongs to the class above it. */
function listedCodes(): Map<string, Set<string>> {
  const page = readFileSync(join(top, 'packages/dimse/ERRORS.md'), 'utf8');
  const codes = new Map<string, Set<string>>();
  let name = '';
  for (const [, written, code = '', cause, remedy] of page.matchAll(
    /^\| (?:`(\w+)`)? *\| `([A-Zx_0-9]+)` *\| (.*?) *\| (.*?) *\|$/gm,
  )) {
    name = written ?? name;
    expect([cause, remedy]).not.toContain('');
    codes.set(name, (codes.get(name) ?? new Set()).add(code));
  }
  return codes;
}

const sorted = (codes: ReadonlyMap<string, ReadonlySet<string>>) =>
  [...codes].map(([name, each]) => `${name}: ${[...each].sort().join(' ')}`).sort();

describe('the page on errors', () => {
  test('lists every class with its codes, its cause and its remedy', () => {
    const defined = sorted(definedCodes());
    expect(defined.length).toBeGreaterThan(20);
    expect(sorted(listedCodes())).toEqual(defined);
  });

  test('has every error that a package exports', () => {
    const classes = [...Object.entries(net), ...Object.entries(dimse)].filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof Error,
    );
    expect(classes.length).toBeGreaterThan(10);
    const page = listedCodes();
    for (const [name] of classes) expect([...page.keys()]).toContain(name);
  });
});
