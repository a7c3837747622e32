import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/data-set.ts', 'src/store-contracts.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: false,
  treeshake: true,
});
