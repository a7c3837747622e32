import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  clean: true,
  // To find and load the files of packages takes longer than an echo, and a verb needs a part of them only.
  noExternal: [/^@x\//, 'commander'],
  // The modules of Node.js that `commander`, which is in CommonJS, requires.
  banner: { js: 'const require = process.getBuiltinModule;' },
});
