// Copies the licence, and the fields of the top package.json that say whose the packages are, to each package that is
// published. With --check it only reports differences, and fails if there are any.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const isCheck = process.argv.includes('--check');
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const project = JSON.parse(read(join(top, 'package.json')));
const differences = [];

function put(path, text) {
  if (read(path) === text) return;
  differences.push(path);
  if (!isCheck) writeFileSync(path, text);
}

/** The fields of a package in a folder. The place of the repository and the page of a package end with its folder. */
function fieldsFor(folder) {
  const { license, author, repository, homepage, bugs } = project;
  const fields = { license, author, repository: repository && { ...repository, directory: folder }, homepage, bugs };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

for (const parent of ['packages', 'apps'])
  for (const name of readdirSync(join(top, parent))) {
    const path = join(top, parent, name, 'package.json');
    if (!existsSync(path)) continue;
    const manifest = JSON.parse(read(path));
    if (manifest.private) continue;
    const {
      name: title,
      version,
      description,
      keywords,
      license,
      author,
      repository,
      homepage,
      bugs,
      ...others
    } = manifest;
    if (!keywords?.length) throw new Error(`${path} has no keywords`);
    const known = fieldsFor(`${parent}/${name}`);
    put(path, `${JSON.stringify({ name: title, version, description, keywords, ...known, ...others }, null, 2)}\n`);
    put(join(top, parent, name, 'LICENSE'), read(join(top, 'LICENSE')));
  }

for (const path of differences) process.stdout.write(`${path} ${isCheck ? 'differs' : 'is written'}\n`);
process.exit(isCheck && differences.length > 0 ? 1 : 0);
