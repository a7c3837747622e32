// The second step of a package's build, run in its folder: declarations with maps that lead into `src`, one for each module.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import ts from 'typescript';

const folder = process.cwd();
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const doors = Object.values(manifest.exports).flatMap((door) => door['@x/source'] ?? []);
const usesNode = '@types/node' in (manifest.peerDependencies ?? {});
const isDoor = (file) => doors.includes(`./src/${basename(file).replace('.d.ts', '.ts')}`) && dirname(file).endsWith('dist');

emitDeclarations();

function emitDeclarations() {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const program = ts.createProgram(
    doors.map((door) => resolve(folder, door)),
    {
      ...options,
      noEmit: false,
      declaration: true,
      declarationMap: true,
      emitDeclarationOnly: true,
      rootDir: join(folder, 'src'),
      outDir: join(folder, 'dist'),
    },
  );
  const { diagnostics } = program.emit(undefined, writeDeclaration);
  const faults = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (faults.length === 0) return;
  process.stderr.write(ts.formatDiagnostics(faults, { ...ts.sys, getNewLine: () => '\n', getCanonicalFileName: String, getCurrentDirectory: () => folder }));
  process.exit(1);
}

/** Writes a declaration for `import`, and one for `require` that has the same map. */
function writeDeclaration(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  if (file.endsWith('.map')) {
    const map = JSON.parse(text);
    // A line before the others, as below.
    if (usesNode && isDoor(file.replace(/\.map$/, ''))) map.mappings = `;${map.mappings}`;
    return writeFileSync(file, JSON.stringify(map));
  }
  const lines = usesNode && isDoor(file) ? `/// <reference types="node" />\n${text}` : text;
  const withExtension = (extension) => lines.replace(/(["'])(\.{1,2}\/[^"']*)\.ts\1/g, `$1$2.${extension}$1`);
  writeFileSync(file, withExtension('js'));
  writeFileSync(file.replace(/\.d\.ts$/, '.d.cts'), withExtension('cjs'));
}
