import { defineConfig, type Options } from 'tsup';

const options: Options = {
  target: 'node20',
  sourcemap: true,
  // To find and load the files of packages takes longer than an echo, and a verb needs a part of them only.
  noExternal: [/^@x\//, 'commander'],
};

export default defineConfig([
  { ...options, entry: ['src/main.ts'], format: ['esm'], clean: ['!run.cjs*'] },
  {
    ...options,
    entry: ['src/run.ts'],
    // One file, which `loadProgram` runs: V8 can be given the code of an earlier run, which it cannot for a module of ECMAScript.
    format: ['cjs'],
    splitting: false,
    outExtension: () => ({ js: '.cjs' }),
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) { 'use strict';
const urlOfThis = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    esbuildOptions(settings) {
      settings.define = { ...settings.define, 'import.meta.url': 'urlOfThis' };
      // The text stays in memory; the source map has the one that is readable.
      Object.assign(settings, { charset: 'ascii', minifyWhitespace: true, minifySyntax: true, lineLimit: 120 });
    },
  },
]);
