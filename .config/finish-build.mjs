// The second step of a package's build, run in its folder. It joins the ECMAScript chunks into few files, and writes
// declarations with maps that lead into `src`, one for each module.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { rollup } from 'rollup';
import ts from 'typescript';

const folder = process.cwd();
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const doors = Object.values(manifest.exports).flatMap((door) => door['@x/source'] ?? []);
const usesNode = '@types/node' in (manifest.peerDependencies ?? {});
const isDoor = (file) => doors.includes(`./src/${basename(file).replace('.d.ts', '.ts')}`) && dirname(file).endsWith('dist');

/**
 * Files for code that several doors use, with the doors that load all of it. A file that is imported costs about a millisecond, so
 * that a door has few. Data sets have a file of their own, because they import nothing of a network.
 */
const SHARED_FILES = { 'shared-data-set': ['data-set'], shared: ['index', 'internal'] };

await joinChunks();
emitDeclarations();

async function joinChunks() {
  const dist = join(folder, 'dist');
  const isModule = (file) => file.endsWith('.js');
  const before = readdirSync(dist).filter(isModule);
  const entries = before.filter((file) => !file.startsWith('chunk-'));
  const bundle = await rollup({
    input: Object.fromEntries(entries.map((file) => [basename(file, '.js'), join(dist, file)])),
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    preserveEntrySignatures: 'strict',
    // tsup has left out what is not used.
    treeshake: false,
  });
  const { output } = await bundle.generate({
    format: 'es',
    chunkFileNames: '[name].js',
    minifyInternalExports: false,
    manualChunks: (id, { getModuleInfo }) => sharedFileOf(id, (file) => getModuleInfo(file)?.importedIds ?? []),
  });
  await bundle.close();
  for (const file of before) rmSync(join(dist, file));
  for (const { fileName, code } of output) writeFileSync(join(dist, fileName), withOneByteEach(withoutComments(code)));
}

/** Leaves out comments, because `src` has them. Those that mark values as pure are kept for bundlers. */
function withoutComments(code) {
  const file = ts.createSourceFile('module.js', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const found = new Map();
  const visit = (node) => {
    for (const { pos, end } of ts.getLeadingCommentRanges(code, node.getFullStart()) ?? [])
      if (!code.slice(pos, end).includes('__PURE__')) found.set(pos, end);
    ts.forEachChild(node, visit);
  };
  visit(file);
  let text = code;
  for (const [pos, end] of [...found].sort(([one], [other]) => other - one)) {
    const start = code.lastIndexOf('\n', pos - 1) + 1;
    const isWholeLine = code.slice(start, pos).trim() === '' && code[end] === '\n';
    text = isWholeLine ? text.slice(0, start) + text.slice(end + 1) : text.slice(0, pos) + text.slice(end);
  }
  return text;
}

/**
 * Writes characters above U+00FF in another form: because of one of them, V8 takes two bytes for every character of the file,
 * and longer to compile it. Only comments have them, because esbuild escapes those of the code.
 */
function withOneByteEach(code) {
  return code.replace(/[^\0-\xff]/g, (character) => character.normalize('NFKC'));
}

/** The shared file of a chunk; undefined if it belongs to doors that load no shared file. */
function sharedFileOf(chunk, importsOf) {
  return Object.keys(SHARED_FILES).find((name) => {
    const reached = new Set();
    const reach = (file) => {
      if (!isAbsolute(file) || reached.has(file)) return;
      reached.add(file);
      importsOf(file).forEach(reach);
    };
    for (const door of SHARED_FILES[name]) reach(join(folder, 'dist', `${door}.js`));
    return reached.has(chunk);
  });
}

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
  const declarations = new Map();
  const { diagnostics } = program.emit(undefined, (file, text) => declarations.set(file, text));
  for (const file of reachedFromDoors(declarations)) {
    writeDeclaration(file, declarations.get(file));
    writeMap(`${file}.map`, declarations.get(`${file}.map`));
  }
  const faults = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (faults.length === 0) return;
  process.stderr.write(ts.formatDiagnostics(faults, { ...ts.sys, getNewLine: () => '\n', getCanonicalFileName: String, getCurrentDirectory: () => folder }));
  process.exit(1);
}

/** The declarations that those of the doors refer to. Those of other modules are of no use to the users of the package. */
function reachedFromDoors(declarations) {
  const reached = new Set([...declarations.keys()].filter((file) => file.endsWith('.d.ts') && isDoor(file)));
  for (const file of reached)
    for (const [, module] of declarations.get(file).matchAll(/["'](\.{1,2}\/[^"']*)\.ts["']/g)) reached.add(join(dirname(file), `${module}.d.ts`));
  return reached;
}

/** Writes a declaration for `import`, and a short one for `require`, whose columns a map would not fit. */
function writeDeclaration(file, text) {
  const lines = usesNode && isDoor(file) ? `/// <reference types="node" />\n${text}` : text;
  const compact = lines.replace(/^ {4,}(?! *\*)|^\/\/# sourceMappingURL=.*\n?/gm, '');
  const withExtension = (text, extension) => text.replace(/(["'])(\.{1,2}\/[^"']*)\.ts\1/g, `$1$2.${extension}$1`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, withExtension(hasSource(file) ? lines : compact, 'js'));
  writeFileSync(file.replace(/\.d\.ts$/, '.d.cts'), hasTypesAlone(text) ? typesOf(file) : withExtension(compact.replace(/^ {4,}/gm, ''), 'cjs'));
}

/** Writes the map of the declaration for `import`, unless the package leaves their source out. */
function writeMap(file, text) {
  const declaration = file.replace(/\.map$/, '');
  if (!hasSource(declaration)) return;
  const map = JSON.parse(text);
  // A line before the others, as above.
  if (usesNode && isDoor(declaration)) map.mappings = `;${map.mappings}`;
  writeFileSync(file, JSON.stringify(map));
}

function hasSource(declaration) {
  const source = relative(folder, declaration).replace(/^dist\//, 'src/').replace(/\.d\.ts$/, '.ts');
  return !manifest.files.includes(`!${source}`);
}

/** Whether a declaration has types alone that depend on nothing, so that they are the same for `import` and `require`. */
function hasTypesAlone(text) {
  return !/^(import|export) (declare|default|\{|.* from )|^import /m.test(text);
}

function typesOf(file) {
  return `export type * from './${basename(file, '.d.ts')}.js' with { 'resolution-mode': 'import' };\n`;
}
