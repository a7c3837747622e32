// Writes THIRD-PARTY-NOTICES of each published package: the licences of code of others that its build contains, and the packages
// that are installed beside it. With --check it only reports differences, and fails if there are any. It reads the build.

import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const isCheck = process.argv.includes('--check');
const PUBLISHED = ['packages/pdu', 'packages/net', 'packages/dimse', 'apps/scu', 'apps/scp'];
/** Licences that allow to ship the code with a notice. Another one needs somebody to read it first. */
const KNOWN = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'Unlicense'];
/** Packages whose manifest does not name their licence in the form of SPDX, with the licence that their files have. */
const READ_BY_HAND = { 'dejavu-fonts-ttf': 'Bitstream-Vera AND Arev-Fonts' };

const readText = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
let isDifferent = false;

for (const place of PUBLISHED) {
  const path = join(top, place, 'THIRD-PARTY-NOTICES');
  const text = noticesOf(join(top, place));
  if (readText(path) === text) continue;
  isDifferent = true;
  if (!isCheck) writeFileSync(path, text);
  process.stdout.write(`${relative(top, path)} ${isCheck ? 'differs: run "pnpm run notices"' : 'is written'}\n`);
}
process.exit(isCheck && isDifferent ? 1 : 0);

function noticesOf(folder) {
  const { name } = manifestIn(folder);
  const bundled = bundledIn(folder);
  const installed = installedWith(folder);
  const lines = [`Notices for ${name}`, '='.repeat(12 + name.length), ''];
  if (bundled.length === 0) lines.push('The files of this package contain no code of others.', '');
  for (const each of bundled) {
    const { version, license } = manifestIn(each);
    checkLicence(manifestIn(each));
    lines.push(
      `The files of this package contain code of ${manifestIn(each).name} ${version} (${license}):`,
      '',
      licenceText(each),
      '',
    );
  }
  if (installed.length === 0)
    lines.push('Nothing is installed beside it but our own packages, which have notices of their own.');
  else {
    lines.push('Packages that are installed beside it have their own licences, whose texts are in their folders:', '');
    lines.push(...installed.map((each) => `- ${each.name} (${checkLicence(each)})`));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The folders of packages whose code the build contains: those that its source maps name, or, without maps, those that the
 * sources import and the build does not.
 */
function bundledIn(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) throw new Error(`${dist} does not exist: run "pnpm run build" first`);
  const maps = readdirSync(dist).filter((file) => /\.c?js\.map$/.test(file));
  if (maps.length > 0) return mappedIn(dist, maps);
  const kept = importedBy(dist, /\.c?js$/);
  const wanted = new Set(importedBy(join(folder, 'src'), /\.ts$/, /\.test\.ts$/));
  const found = [...wanted].filter((name) => !kept.includes(name)).map((name) => join(folder, 'node_modules', name));
  for (const each of found)
    if (Object.keys(manifestIn(each).dependencies ?? {}).length > 0)
      throw new Error(`${each} has dependencies, which may be in the build, too: list them`);
  return found;
}

function mappedIn(dist, maps) {
  const sources = maps.flatMap((map) => JSON.parse(readFileSync(join(dist, map), 'utf8')).sources);
  const folders = sources.flatMap((source) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(join(dist, source)) ?? []);
  // The build of a package of our own may contain code of others, too, and has no maps.
  const own = sources.flatMap((source) => /^(.*\/packages\/[^/]+)\/dist\//.exec(join(dist, source))?.[1] ?? []);
  return [...new Set([...folders, ...[...new Set(own)].flatMap(bundledIn)])].sort();
}

/** The packages of others that the files in a folder import for more than types. */
function importedBy(folder, isWanted, isUnwanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => isWanted.test(file) && !isUnwanted?.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const imports =
        /^(?:import|export)(?! type\b)[^;'"]*?from ?["']([^."'][^"']*)["']|\b(?:import|require)\(["']([^."'][^"']*)["']\)/gm;
      return [...text.matchAll(imports)].map(([, one, other]) => packageOf(one ?? other));
    })
    .filter((name) => name !== undefined && !name.startsWith('@x/') && !isBuiltIn(name));
}

function packageOf(specifier) {
  if (!/^(@[\w.-]+\/)?[\w.-]+(\/[\w./-]+)?$/.test(specifier)) return undefined;
  return /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

function isBuiltIn(name) {
  return createRequire(import.meta.url)('node:module').isBuiltin(name);
}

/** The packages that npm installs with a package: its dependencies and theirs, except our own. */
function installedWith(folder) {
  const found = new Map();
  const visit = (place) => {
    const { dependencies = {}, optionalDependencies = {} } = manifestIn(place);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const there = nearest(name, place);
      // The binaries of other systems are not installed here. They have the licence of their parent.
      if (!there) continue;
      const manifest = manifestIn(there);
      if (found.has(name)) continue;
      if (!name.startsWith('@x/') && !isForOneSystem(manifest)) found.set(name, manifest);
      visit(there);
    }
  };
  visit(folder);
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function isForOneSystem({ os, cpu }) {
  return os?.length === 1 || cpu?.length === 1;
}

/** The folder of a dependency, as Node.js looks for it. */
function nearest(name, place) {
  for (let folder = realpathSync(place); ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(found)) return realpathSync(found);
    if (dirname(folder) === folder) return undefined;
  }
}

/** @throws for a licence that is not in the list */
function checkLicence({ name, license }) {
  const known = READ_BY_HAND[name] ?? license;
  if (!READ_BY_HAND[name] && !KNOWN.includes(license))
    throw new Error(`${name} has the licence ${JSON.stringify(license)}: read it, and add it to this script`);
  return known;
}

function licenceText(folder) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${folder} has no text of its licence`);
  return readFileSync(join(folder, file), 'utf8').trim();
}
