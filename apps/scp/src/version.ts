/**
 * The version of the package. This file stays directly in `src`, because the build puts all code directly into `dist`: the
 * relative path fits both.
 */
import { readFileSync } from 'node:fs';

export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
