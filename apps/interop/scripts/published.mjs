// Our packages as a new user has them: the code of their READMEs and examples on each Node.js and TypeScript, what is
// installed, and how long the import takes.

import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Bytes that `@x/dimse` with its dependencies may take when it is installed. */
const MOST_INSTALLED = 6_000_000;

/** The blocks of code in a README. */
function blocksOf(place, language) {
  const text = readFileSync(join(place, 'README.md'), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code);
}

/** Writes the blocks of the READMEs and the examples of the installed packages into a folder, for the checks below. */
export function publishedCode(folder, names) {
  const place = join(folder, 'published');
  mkdirSync(place);
  const files = { typed: [], parsed: [], run: [] };
  const put = (list, name, text) => {
    writeFileSync(join(place, name), text);
    list.push(name);
  };
  for (const name of names) {
    const home = join(folder, 'node_modules/@x', name);
    for (const [index, code] of blocksOf(home, 'ts').entries()) {
      put(files.typed, `${name}-${index + 1}.mts`, `${code}\nexport {};\n`);
      const { outputText } = ts.transpileModule(code, { compilerOptions: { target: 'ESNext', module: 'ESNext' } });
      put(files.parsed, `${name}-${index + 1}.mjs`, outputText);
    }
    for (const [index, code] of blocksOf(home, 'js').entries()) put(files.run, `${name}-js-${index + 1}.mjs`, code);
    const examples = join(home, 'examples');
    if (!existsSync(examples)) continue;
    for (const file of readdirSync(examples).filter((each) => each.endsWith('.js')))
      put(files.run, `${name}-${file.replace('.js', '.mjs')}`, readFileSync(join(examples, file), 'utf8'));
  }
  const [first] = files.parsed.filter((file) => file.startsWith('dimse-'));
  if (first === undefined || files.run.length < 3) throw new Error('the packages have no examples');
  files.run.push(first);
  return { place, ...files };
}

/**
 * Parses every block, and runs the examples, the blocks in JavaScript and the first block of @x/dimse, with this Node.js.
 * Blocks speak to `127.0.0.1:11112`, which is replaced by the port of the archive.
 */
export function runPublished(code, node, port) {
  for (const file of code.parsed) run(node, ['--check', join(code.place, file)], code.place);
  for (const file of code.run) {
    const path = join(code.place, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('port: 11112', `port: ${port}`));
    const printed = run(node, [path], code.place);
    if (printed.trim() === '') throw new Error(`${file} prints nothing`);
  }
}

/** Compiles every block in TypeScript with a compiler, strictly, with its defaults for everything else. */
export function compilePublished(code, compiler) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'NodeNext',
    types: [],
    skipLibCheck: false,
  };
  const settings = JSON.stringify({ compilerOptions, files: code.typed });
  writeFileSync(join(code.place, 'tsconfig.json'), settings);
  run(process.execPath, [compiler, '-p', code.place], code.place);
}

/** The bytes of the files in a folder. @throws if there are too many. */
export function installedBytes(folder) {
  const bytes = bytesIn(folder);
  if (bytes > MOST_INSTALLED) throw new Error(`@x/dimse takes ${bytes} bytes, more than ${MOST_INSTALLED}`);
  return bytes;
}

function bytesIn(path) {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

/** The medians of interleaved runs of `node -e 0` and of an import, in milliseconds, and of their resident memory in MB. */
export function importCost(folder, door, runs = 15) {
  const programs = ['0', `await import('${door}')`].map(
    (code) => `const before = 0; ${code}; process.stdout.write(String(process.memoryUsage.rss()))`,
  );
  const found = programs.map(() => ({ times: [], sizes: [] }));
  for (let round = 0; round < runs; round++)
    for (const [index, program] of programs.entries()) {
      const start = performance.now();
      const size = run(process.execPath, ['--input-type=module', '--eval', program], folder);
      found[index].times.push(performance.now() - start);
      found[index].sizes.push(Number(size) / 1e6);
    }
  const [nothing, imported] = found.map(({ times, sizes }) => ({ time: median(times), memory: median(sizes) }));
  return { nothing, imported };
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function run(file, args, cwd) {
  return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 });
}
