// The packages as npm would ship them: publint and attw on the tarballs, then an installation that imports and requires
// them, and compiles against their types.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const bin = (name) => join(top, 'node_modules/.bin', name);
const run = (file, args, cwd = top) =>
  execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const say = (line) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'packages-'));

try {
  const modules = join(folder, 'node_modules');
  for (const name of ['pdu', 'net', 'dimse']) {
    const source = join(top, 'packages', name);
    run('npm', ['exec', '--yes', '--package=pnpm@10.34.8', '--', 'pnpm', 'pack', '--pack-destination', folder], source);
    const tarball = join(
      folder,
      readdirSync(folder).find((file) => file.startsWith(`x-${name}-`)),
    );
    run(bin('publint'), ['run', tarball, '--strict']);
    run(bin('attw'), [tarball, '--ignore-rules', 'internal-resolution-error']);
    const target = join(modules, '@x', name);
    mkdirSync(target, { recursive: true });
    run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
    say(`@x/${name}: the tarball is in shape`);
  }
  // What they depend on, from where it is installed.
  for (const [owner, name] of [
    ['net', 'eventemitter3'],
    ['dimse', 'dcmjs'],
  ])
    symlinkSync(join(top, 'packages', owner, 'node_modules', name), join(modules, name));
  mkdirSync(join(modules, '@types'));
  symlinkSync(join(top, 'node_modules/@types/node'), join(modules, '@types/node'));

  const names = ['encodePdu:pdu', 'requestAssociation:net', 'createScp:dimse'].map((pair) => pair.split(':'));
  const check = names
    .map(([name]) => `if (typeof ${name} !== 'function') throw new Error('${name} is missing');`)
    .join('\n');
  writeFileSync(
    join(folder, 'esm.mjs'),
    `${names.map(([name, from]) => `import { ${name} } from '@x/${from}';`).join('\n')}\n${check}\n`,
  );
  writeFileSync(
    join(folder, 'cjs.cjs'),
    `${names.map(([name, from]) => `const { ${name} } = require('@x/${from}');`).join('\n')}\n${check}\n`,
  );
  for (const file of ['esm.mjs', 'cjs.cjs']) run(process.execPath, [file], folder);
  say('they can be imported and required');

  const usage = `import { verification, openSession, type Session } from '@x/dimse';
    export async function echo(session: Session): Promise<number> { return (await session.use(verification).echo()).status; }
    export const open: typeof openSession = openSession;`;
  writeFileSync(join(folder, 'consumer.mts'), usage);
  writeFileSync(join(folder, 'consumer.cts'), usage);
  const options = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    skipLibCheck: false,
    lib: ['ES2023', 'ESNext.Disposable'],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['consumer.mts', 'consumer.cts'] }),
  );
  run(bin('tsc'), ['-p', join(folder, 'tsconfig.json')], dirname(folder));
  say('their types compile for modules of both kinds');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
