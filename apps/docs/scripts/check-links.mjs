// Checks the built site: each internal link leads to a page, each anchor to an element of that page, and each image
// and script to a file.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('../.vitepress/dist', import.meta.url));
/** The reference that typedoc writes checks its own links. */
const isOurs = (path) => !path.startsWith('api/');
const pages = new Map(
  readdirSync(site, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.html') && isOurs(path))
    .map((path) => [path, readFileSync(join(site, path), 'utf8')]),
);
const anchors = new Map(
  [...pages].map(([path, html]) => [
    path,
    new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => unescaped(id))),
  ]),
);

const faults = [];
let count = 0;
for (const [page, html] of pages) {
  if (page === '404.html') continue;
  for (const [, target] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
    if (/^(?:https?:|mailto:|data:)/.test(target)) continue;
    count += 1;
    const [path, anchor] = decodeURI(unescaped(target)).split('#');
    const found =
      path === '' ? page : fileOf(posix.join('/', path.startsWith('/') ? '' : posix.dirname(page), path).slice(1));
    if (found === undefined) faults.push(`${page}: ${target} does not exist`);
    else if (anchor && anchors.has(found) && !anchors.get(found).has(anchor))
      faults.push(`${page}: ${target} has no such anchor`);
  }
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stdout.write(`${pages.size} pages, ${count} internal links, ${faults.length} of them dead\n`);
if (faults.length > 0 || pages.size < 20) process.exitCode = 1;

/** The file of the site to which a path leads. */
function fileOf(path) {
  const files = path === '' || path.endsWith('/') ? [`${path}index.html`] : [path, `${path}.html`];
  return files.find((file) => existsSync(join(site, file)) && !/\/$/.test(file));
}

function unescaped(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
}
