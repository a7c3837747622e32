/**
 * The folder with the pages and their icons. It lies beside the sources and beside what is built. This file stays
 * directly in `src`, because the build puts all code directly into `dist`: the relative path fits both.
 */
export const PAGES = new URL('../pages/', import.meta.url);
