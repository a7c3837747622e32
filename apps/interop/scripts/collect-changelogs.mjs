// Writes CHANGELOG.md at the top from those of the packages: they are released together, so that each version has one section.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const PLACES = ['packages/pdu', 'packages/net', 'packages/dimse', 'apps/scu', 'apps/scp'];

const versions = new Map();
for (const place of PLACES) {
  const path = join(top, place, 'CHANGELOG.md');
  if (!existsSync(path)) continue;
  const [title = '', ...sections] = readFileSync(path, 'utf8').split(/^## /m);
  const name = title.replace(/^# /, '').trim();
  for (const section of sections) {
    const [version = '', ...lines] = section.split('\n');
    // A package that only depends on newer ones has nothing to tell.
    const text = lines.join('\n').trim().replace(/^### /gm, '#### ');
    versions.set(version, [...(versions.get(version) ?? []), { name, text }]);
  }
}

const parts = [...versions].map(([version, packages]) => {
  const bodies = grouped(packages);
  const sections = [...bodies].map(([text, same]) => `### ${same.map(({ name }) => name).join(', ')}\n\n${text}`);
  return `## ${version}\n\n${sections.join('\n\n')}`;
});
writeFileSync(join(top, 'CHANGELOG.md'), `# Changes\n\n${parts.join('\n\n')}\n`);

function grouped(packages) {
  const groups = new Map();
  for (const each of packages) groups.set(each.text, [...(groups.get(each.text) ?? []), each]);
  return groups;
}
