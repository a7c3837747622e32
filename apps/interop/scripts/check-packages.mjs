// The packages as npm would ship them: publint and attw on the tarballs, then an installation by npm that imports and
// requires them, compiles against their types, and runs the applications.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const bin = (name) => join(top, 'node_modules/.bin', name);
const run = (file, args, cwd = top) =>
  execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const say = (line) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'packages-'));
const tarballOf = (name) =>
  join(
    folder,
    readdirSync(folder).find((file) => file.startsWith(`x-${name}-`)),
  );
const SHIPPED = [
  ['packages', 'pdu'],
  ['packages', 'net'],
  ['packages', 'dimse'],
  ['apps', 'scu'],
  ['apps', 'scp'],
];

try {
  for (const [place, name] of SHIPPED) {
    const source = join(top, place, name);
    run('npm', ['exec', '--yes', '--package=pnpm@10.34.8', '--', 'pnpm', 'pack', '--pack-destination', folder], source);
    const tarball = tarballOf(name);
    run(bin('publint'), ['run', tarball, '--strict']);
    // An application is run, not imported.
    if (place === 'packages') run(bin('attw'), [tarball, '--ignore-rules', 'internal-resolution-error']);
    say(`@x/${name}: the tarball is in shape`);
  }
  // What they depend on comes as it does for everybody; what is ours, from the tarballs.
  const types = `@types/node@${JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')).devDependencies['@types/node']}`;
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const tarballs = SHIPPED.map(([, name]) => tarballOf(name));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs, types], folder);
  await tryApplications(join(folder, 'node_modules/.bin'));
  say('the applications run as npm installs them');

  const names = [
    'encodePdu:pdu',
    'requestAssociation:net',
    'createScp:dimse',
    'openDicomFile:dimse/data-set',
    'EventDelivery:dimse/workflow',
    'PrintProvider:dimse/print',
    'replayConversations:dimse/replay',
    'eventQueueContract:dimse/store-contracts',
  ].map((pair) => pair.split(':'));
  const check = names
    .map(([name]) => `if (typeof ${name} !== 'function') throw new Error('${name} is missing');`)
    .join('\n');
  // An error from one door is an instance of the class of another.
  const identity = `
    const thrown = (work) => { try { work(); } catch (error) { return error; } };
    const isShared = data.DicomFile === root.DicomFile
      && thrown(() => data.fromDicomJson({ '00100010': { vr: 1 } })) instanceof root.DataSetError
      && thrown(() => workflow.createdStep({})) instanceof root.DimseError;
    if (!isShared) throw new Error('the doors of @x/dimse have classes of their own');`;
  writeFileSync(
    join(folder, 'esm.mjs'),
    `${names.map(([name, from]) => `import { ${name} } from '@x/${from}';`).join('\n')}
    import * as root from '@x/dimse'; import * as data from '@x/dimse/data-set'; import * as workflow from '@x/dimse/workflow';
    ${check}${identity}`,
  );
  writeFileSync(
    join(folder, 'cjs.cjs'),
    `const data = require('@x/dimse/data-set');
    if (Object.keys(require.cache).some((file) => /[/\\\\]@x[/\\\\](?:net|pdu)[/\\\\]/.test(file)))
      throw new Error('@x/dimse/data-set loads the network');
    ${names.map(([name, from]) => `const { ${name} } = require('@x/${from}');`).join('\n')}
    const root = require('@x/dimse'); const workflow = require('@x/dimse/workflow');
    ${check}${identity}`,
  );
  for (const file of ['esm.mjs', 'cjs.cjs']) run(process.execPath, [file], folder);
  say('they can be imported and required');

  const usage = `import { verification, openSession, type Session } from '@x/dimse';
    export async function echo(session: Session): Promise<number> { return (await session.use(verification).echo()).status; }
    export const open: typeof openSession = openSession;
    import { UnifiedProcedureStepUser } from '@x/dimse/workflow';
    export const items = (session: Session) => new UnifiedProcedureStepUser(session);`;
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

/** An archive with its page, and an echo to it. */
async function tryApplications(commands) {
  const options = ['--port', '0', '--host', '127.0.0.1', '--http', '0', '--data', join(folder, 'data')];
  const scp = spawn(join(commands, 'dimse-scp'), options, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const places = [];
    for await (const line of createInterface({ input: scp.stdout }))
      if (places.push(line.replace('listening ', '')) === 2) break;
    const [archive, page] = places;
    run(join(commands, 'dimse-scu'), ['echo', archive], folder);
    const { status } = await fetch(page);
    if (status !== 200) throw new Error(`${page} answered ${status}`);
  } finally {
    scp.kill();
    if (scp.exitCode === null) await once(scp, 'exit');
  }
}
