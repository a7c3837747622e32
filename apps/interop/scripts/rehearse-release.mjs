// Rehearses a release: starts a registry on this machine, publishes all packages there as the workflow does, installs them from
// there into an empty folder with npm, and verifies and stores. Prints what it does. Run after the build.
//
// Packages of others come through that registry from the one that npm is set up for. Nothing leaves this machine.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { install, runInstalled, WRITE_IMAGE, withArchive } from './installed-applications.mjs';

const top = fileURLToPath(new URL('../../..', import.meta.url));
/** The newest registry that runs on Node.js 20. It does not work with the newer node-fetch that npm would choose. */
const REGISTRY = { package: 'verdaccio@6.8.0', overrides: { 'node-fetch': '2.7.0' } };
const say = (line) => process.stdout.write(`${line}\n`);
const scratch = mkdtempSync(join(tmpdir(), 'rehearsal-'));
const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();

const registry = await startRegistry();
try {
  say(`a registry listens at ${registry.url}`);
  const settings = join(scratch, 'npmrc');
  // Every token is accepted, but the client wants to have one.
  writeFileSync(settings, `registry=${registry.url}\n${registry.url.replace('http:', '')}:_authToken=rehearsal\n`);
  const env = {
    ...process.env,
    NPM_CONFIG_USERCONFIG: settings,
    NPM_CONFIG_CACHE: join(scratch, 'cache'),
    NPM_CONFIG_LOGLEVEL: 'error',
  };
  for (const name of Object.keys(env)) if (/^npm_config_(registry|.*@.*)$/i.test(name)) delete env[name];
  const { release } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')).scripts;
  const [publish] = release.split(' && ');
  const [, ...words] = publish.split(' ');
  say(`$ ${publish}`);
  const printed = execFileSync(
    'npm',
    ['exec', '--yes', '--package=pnpm@10.34.8', '--', 'pnpm', ...words, '--no-git-checks', '--registry', registry.url],
    { cwd: top, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for (const line of printed.split('\n').filter((each) => each.startsWith('+ '))) say(line);

  const place = join(scratch, 'user');
  const versions = publishedPackages().map(({ name, version }) => `${name}@${version}`);
  say(`$ npm install ${versions.join(' ')}`);
  install(place, versions, {
    options: ['--registry', registry.url, '--userconfig', settings, '--cache', join(scratch, 'cache')],
  });
  const lock = JSON.parse(readFileSync(join(place, 'package-lock.json'), 'utf8'));
  const ours = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/@x/'));
  const foreign = ours.filter(([, { resolved }]) => !resolved.startsWith(registry.url));
  if (ours.length !== versions.length || foreign.length > 0)
    throw new Error('a package did not come from the registry of the rehearsal');
  say(
    `installed from there: ${ours.map(([path, { version }]) => `${path.slice('node_modules/'.length)} ${version}`).join(', ')}`,
  );

  execFileSync(process.execPath, ['--input-type=module', '--eval', WRITE_IMAGE], { cwd: place });
  await withArchive(place, ['--aet', 'ARCHIVE'], ([archive]) => {
    for (const args of [
      ['echo', archive],
      ['store', archive, 'image.dcm'],
      ['find', archive, '--key', 'PatientID=42'],
    ]) {
      say(`$ dimse-scu ${args.join(' ')}`);
      const output = runInstalled(place, 'dimse-scu', args).trim();
      if (output === '') throw new Error(`dimse-scu ${args[0]} printed nothing`);
      say(output);
    }
  });
  say('the release can be installed, and works');
} finally {
  registry.stop();
  rmSync(scratch, { recursive: true, force: true });
}

function publishedPackages() {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(top, parent)).map((name) => join(top, parent, name, 'package.json')))
    .flatMap((path) => {
      try {
        return [JSON.parse(readFileSync(path, 'utf8'))];
      } catch {
        return [];
      }
    })
    .filter((manifest) => !manifest.private);
}

async function startRegistry() {
  const folder = join(scratch, 'registry');
  mkdirSync(folder);
  install(folder, [REGISTRY.package], { settings: { overrides: REGISTRY.overrides } });
  const port = await freePort();
  const config = join(folder, 'config.yaml');
  const all = 'access: $all, publish: $all, unpublish: $all';
  writeFileSync(
    config,
    [
      `storage: ${join(folder, 'storage')}`,
      `uplinks: { upstream: { url: '${upstream}' } }`,
      `packages: { '@x/*': { ${all} }, '**': { access: $all, proxy: upstream } }`,
      'max_body_size: 100mb',
      'log: { type: stdout, format: pretty, level: error }',
      '',
    ].join('\n'),
  );
  const bin = join(folder, 'node_modules/.bin/verdaccio');
  const child = spawn(bin, ['--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}/`;
  const stop = () => child.kill();
  for (let attempt = 0; ; attempt++) {
    const answered = await fetch(`${url}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return { url, stop };
    if (child.exitCode !== null || attempt === 600) {
      stop();
      throw new Error('the registry did not start');
    }
    await delay(100);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
