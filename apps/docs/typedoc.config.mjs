// The API reference: every door of every package, from its docstrings, as pages in `api`.

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { doorsOf, PACKAGES } from '../interop/scripts/public-names.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

export default {
  name: 'API reference',
  out: 'api',
  plugin: ['./typedoc-names.mjs'],
  entryPoints: PACKAGES.flatMap(doorsOf).map(({ source }) => relative(here, source)),
  tsconfig: 'tsconfig.api.json',
  skipErrorChecking: true,
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  hideGenerator: true,
  githubPages: false,
  validation: { notExported: false, invalidLink: false, rewrittenLink: false },
};
