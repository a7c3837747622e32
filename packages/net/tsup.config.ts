import { defineConfig } from 'tsup';
import { pureConstants } from '../../.config/pure-constants.ts';

export default defineConfig({
  entry: ['src/index.ts', 'src/capture.ts', 'src/internal.ts', 'src/testing.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  // The code of ECMAScript modules is readable, that of CommonJS is short, and the declarations have maps into src.
  sourcemap: false,
  clean: true,
  // A class must be the same object through every door, so code that doors share is built into chunks.
  splitting: true,
  treeshake: true,
  // To load a CommonJS package from an ECMAScript module takes longer than to load all of this one. Its types stay a dependency.
  noExternal: ['eventemitter3'],
  esbuildPlugins: [pureConstants],
  esbuildOptions(options, { format }) {
    if (format === 'cjs') Object.assign(options, { minifyWhitespace: true, minifySyntax: true, lineLimit: 120 });
  },
});
