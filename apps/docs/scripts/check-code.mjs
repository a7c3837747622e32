// The code of the guides: each block of TypeScript is compiled against the built packages, each block of JavaScript is
// parsed, and each block marked `run` is run beside an archive that listens on 127.0.0.1.
//
//   node apps/docs/scripts/check-code.mjs [--compile-only]

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const docs = fileURLToPath(new URL('..', import.meta.url));
const top = join(docs, '../..');
/** Inside the package, so that Node.js and the compiler find what the guides import. */
const place = join(docs, '.code');
const compilerOptions = {
  strict: true,
  noEmit: true,
  target: 'ES2022',
  module: 'NodeNext',
  lib: ['ES2023', 'ESNext.Disposable'],
  types: ['node'],
  typeRoots: [join(top, 'node_modules/@types')],
  skipLibCheck: true,
};

/** A block in a language that is misspelt would not be checked. */
const LANGUAGES = new Set(['ts', 'ts run', 'js', 'js run', 'sh', 'yaml', 'json', 'text', 'mermaid', 'python', 'ini']);

/** Writes the file that programs of the guides read. */
const WRITE_IMAGE = `
  import { writeFileSync } from 'node:fs';
  import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
  import { encodeFileMetaInformation } from '@x/dimse/data-set';
  const [transferSyntax, sopClass, sopInstance] = [TransferSyntax.ExplicitVRLittleEndian, SopClass.CTImageStorage, '2.25.1'];
  const uids = { SOPClassUID: sopClass, SOPInstanceUID: sopInstance, StudyInstanceUID: '2.25.2', SeriesInstanceUID: '2.25.3' };
  const dataSet = encodeDataSet({ ...uids, PatientID: '42', PatientName: 'Doe^Jane' }, transferSyntax);
  const meta = encodeFileMetaInformation({ transferSyntax, sopClass, sopInstance });
  writeFileSync(process.argv[2], Buffer.concat([meta, dataSet]));`;

rmSync(place, { recursive: true, force: true });
mkdirSync(place);
try {
  const files = { typed: [], parsed: [], run: [] };
  for (const page of pages()) {
    const text = readFileSync(join(docs, page), 'utf8');
    for (const [fence, language] of text.matchAll(/^```(\S.*)$/gm))
      if (!LANGUAGES.has(language)) throw new Error(`${page}: ${fence} is not in the list of languages`);
    const blocks = [...text.matchAll(/^```(ts|js)( run)?\n(.*?)^```$/gms)];
    for (const [index, [, language, run, code]] of blocks.entries()) {
      const name = `${page.replaceAll(/[/.]/g, '-')}-${index + 1}`;
      const isTyped = language === 'ts';
      if (isTyped) put(files.typed, `${name}.mts`, `${code}\nexport {};\n`);
      const { outputText } = ts.transpileModule(code, { compilerOptions: { target: 'ES2022', module: 'ESNext' } });
      put(run ? files.run : files.parsed, `${name}.mjs`, isTyped ? outputText : code);
    }
  }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: files.typed }));
  node(join(top, 'node_modules/typescript/bin/tsc'), '-p', place);
  for (const file of files.parsed) node('--check', join(place, file));
  say(`${files.typed.length} blocks of TypeScript compile, ${files.parsed.length + files.run.length} are JavaScript`);
  checkDashboard();
  if (!process.argv.includes('--compile-only')) await runAll(files.run);
} finally {
  rmSync(place, { recursive: true, force: true });
}

function put(list, name, text) {
  writeFileSync(join(place, name), text);
  list.push(name);
}

/** Each metric of the dashboard is one that the archive has. */
function checkDashboard() {
  const dashboard = readFileSync(join(docs, 'public/grafana-dashboard.json'), 'utf8');
  const named = new Set([...dashboard.matchAll(/\bdimse_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')));
  const source = readdirSync(join(top, 'apps/scp/src/http'), { encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(top, 'apps/scp/src/http', file), 'utf8'))
    .join('\n');
  for (const name of named) if (!source.includes(`'${name}'`)) throw new Error(`the archive has no metric ${name}`);
  say(`${named.size} metrics of the dashboard exist`);
}

/** The pages of the site that people write, without those of the reference. */
function pages() {
  return readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !/(?:^|[\\/])(?:node_modules|api|\.vitepress|\.code)[\\/]/.test(path))
    .filter((path) => path !== join('moving', 'dicomnet.md'))
    .map((path) => relative('.', path))
    .sort();
}

/** Runs programs one after the other in a folder with `image.dcm`. Each must print something and end by itself. */
async function runAll(files) {
  const folder = mkdtempSync(join(tmpdir(), 'guides-'));
  const options = ['--port', '0', '--host', '127.0.0.1', '--aet', 'ARCHIVE', '--data', join(folder, 'archive')];
  const archive = spawn(
    process.execPath,
    [join(top, 'apps/scp/dist/main.js'), ...options, '--peer', 'WORKSTATION=127.0.0.1:11113'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  try {
    const { value: line } = await createInterface({ input: archive.stdout })[Symbol.asyncIterator]().next();
    const port = /:(\d+)$/.exec(line)[1];
    writeFileSync(join(place, 'image.mjs'), WRITE_IMAGE);
    node(join(place, 'image.mjs'), join(folder, 'image.dcm'));
    for (const file of files) {
      const path = join(place, file);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('port: 11112', `port: ${port}`));
      const printed = execFileSync(process.execPath, [path], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (printed.trim() === '') throw new Error(`${file} prints nothing`);
      say(`${file.replace('.mjs', '')}: ${printed.trim().split('\n').at(-1)}`);
    }
  } finally {
    archive.kill();
    if (archive.exitCode === null) await once(archive, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

function node(...args) {
  try {
    execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
  } catch (error) {
    throw new Error(`${args.join(' ')}:\n${error.stdout}${error.stderr}`);
  }
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
