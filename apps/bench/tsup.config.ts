import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts', 'src/page.ts', 'src/soak.ts', 'src/programs/*.ts'],
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  clean: true,
  noExternal: ['@x/testing'],
  external: ['dcmjs-dimse'],
});
