// The code in the READMEs compiles against the current packages.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'readmes-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the code blocks of every README compile', () => {
  const files = readmes().flatMap((path) => {
    const blocks = [...readFileSync(path, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)];
    const name = basename(join(path, '..')) || 'top';
    return blocks.map(([, code], index) => {
      const file = `${name}-${index + 1}.ts`;
      // Makes a block without imports a module too.
      writeFileSync(join(folder, file), `${code}\nexport {};\n`);
      return file;
    });
  });
  expect(files.length).toBeGreaterThan(0);
  const paths = Object.fromEntries(
    ['pdu', 'net', 'dimse'].flatMap((name) => {
      const sources = join(top, 'packages', name, 'src');
      return [
        [`@x/${name}`, [join(sources, 'index.ts')]],
        [`@x/${name}/*`, [join(sources, '*.ts')]],
      ];
    }),
  );
  const compilerOptions = { paths, types: ['node'], typeRoots: [join(top, 'node_modules/@types')] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(top, 'tsconfig.base.json'), compilerOptions, files }),
  );
  expect(compile()).toBe('');
}, 120_000);

function readmes(): string[] {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(top, parent)).map((name) => join(top, parent, name)),
  );
  return [top, ...folders].map((place) => join(place, 'README.md')).filter((path) => existsSync(path));
}

/** The messages of the compiler. */
function compile(): string {
  try {
    return execFileSync(join(top, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
