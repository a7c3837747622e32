import { defineConfig } from 'tsup';
import { pureConstants } from '../../.config/pure-constants.ts';

export default defineConfig({
  // One entry for each door in package.json.
  entry: [
    'index',
    'data-set',
    'workflow',
    'print',
    'replay',
    'store-contracts',
    'dcmjs',
    'transcode',
    'opentelemetry',
  ].map((door) => `src/${door}.ts`),
  format: ['esm', 'cjs'],
  target: 'node20',
  // The code of ECMAScript modules is readable, that of CommonJS is short, and the declarations have maps into src.
  sourcemap: false,
  clean: true,
  // Doors share their code: a class is the same object through each of them, so that `instanceof` holds.
  splitting: true,
  treeshake: true,
  // CommonJS has no import.meta.url.
  shims: true,
  esbuildPlugins: [pureConstants],
  esbuildOptions(options, { format }) {
    if (format === 'cjs') Object.assign(options, { minifyWhitespace: true, minifySyntax: true, lineLimit: 120 });
  },
});
