// A bundler keeps only what a program uses: importing a function from a package does not bring the rest of it.

import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { withPureConstants } from '../../../.config/pure-constants.ts';

/** The length in bytes of a minified bundle of a program for Node.js, made from the builds of the packages. */
async function bundled(program: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    outfile: join('out', 'program.js'),
  });
  return outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
}

test.each([
  ['isUid', '@x/dimse', 5_000],
  ['Status', '@x/dimse', 5_000],
  ['describeStatus', '@x/dimse', 10_000],
  ['makeUid', '@x/dimse', 5_000],
  ['SopClass', '@x/dimse', 30_000],
  ['verification', '@x/dimse', 40_000],
  ['encodeCommandSet', '@x/dimse', 40_000],
])('%s of %s takes at most %i bytes', async (name, door, most) => {
  expect(await bundled(`import { ${name} } from '${door}'; console.log(${name});`)).toBeLessThanOrEqual(most);
});

interface Loaded {
  readonly files: readonly string[];
  readonly packages: readonly string[];
  readonly builtIn: readonly string[];
}

/** The files of the build that an import of a door loads, and the packages and the modules of Node.js that they import. */
async function loaded(name: string, file: string): Promise<Loaded> {
  const files = [file];
  const packages = new Set<string>();
  for (const each of files) {
    const code = await readFile(
      fileURLToPath(new URL(`../../../packages/${name}/dist/${each}`, import.meta.url)),
      'utf8',
    );
    for (const [, from = ''] of code.matchAll(/^(?:import|export)\b[^'";]*?['"]([^'"]+)['"];$/gm))
      if (!from.startsWith('./')) packages.add(from);
      else if (!files.includes(from.slice(2))) files.push(from.slice(2));
  }
  const others = [...packages].sort();
  return { files, packages: others.filter((each) => !isBuiltin(each)), builtIn: others.filter(isBuiltin) };
}

// A file or package that is imported costs about a millisecond, and most modules of Node.js one to five.
test('an import loads few files', async () => {
  expect(await loaded('pdu', 'index.js')).toEqual({ files: ['index.js'], packages: [], builtIn: [] });
  expect(await loaded('net', 'index.js')).toEqual({
    files: ['index.js', 'shared.js'],
    packages: ['@x/pdu', '@x/pdu/internal'],
    builtIn: [],
  });
  const dimse = await loaded('dimse', 'index.js');
  expect(dimse.files).toHaveLength(3);
  expect(dimse.builtIn).toEqual(['path']);
  expect((await loaded('dimse', 'data-set.js')).packages).toEqual(['@x/pdu/internal']);
});

test('the data dictionary comes with data sets only', async () => {
  expect(await bundled(`import { listen } from '@x/net'; console.log(listen);`)).toBeLessThan(150_000);
  expect(await bundled(`import { decodeDataSet } from '@x/dimse'; console.log(decodeDataSet);`)).toBeLessThan(300_000);
});

test.each([
  ['const a = f();', 'const a = /* @__PURE__ */ (() => (f()))();'],
  ['export const a: T = { b: f() } as T;', 'export const a: T = /* @__PURE__ */ (() => ({ b: f() } as T))();'],
  ['const a = [...b],\n  c = 1;', 'const a = /* @__PURE__ */ (() => ([...b]))(),\n  c = 1;'],
  ['const a = () => f();', 'const a = () => f();'],
  ['const a = { b() { return f(); } };', 'const a = { b() { return f(); } };'],
  ['f();', 'f();'],
  ['function g() {\n  const a = f();\n}', 'function g() {\n  const a = f();\n}'],
])('%j is marked as %j', (source, marked) => {
  expect(withPureConstants(source)).toBe(marked);
});
