// Writes the pages that follow from other files: the members of DicomNet from PARITY.md, and the error codes from
// ERRORS.md, and the options of DCMTK's tools. Git does not keep them. Tests compare ERRORS.md with the sources, and compile each line of PARITY.md.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMANDS, EQUIVALENTS } from './dcmtk-equivalents.mjs';

const docs = fileURLToPath(new URL('..', import.meta.url));
const dimse = join(docs, '../../packages/dimse');

write('moving/dicomnet.md', membersPage(readFileSync(join(dimse, 'PARITY.md'), 'utf8')));
write('troubleshooting/codes.md', codesPage(readFileSync(join(dimse, 'ERRORS.md'), 'utf8')));
write('moving/dcmtk.md', dcmtkPage(JSON.parse(readFileSync(join(docs, 'scripts/dcmtk-options.json'), 'utf8'))));

function write(path, text) {
  const file = join(docs, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

/** Each member with its code as a block, so that it can be read on a phone and has a link of its own. */
export function membersPage(parity) {
  let count = 0;
  const lines = parity
    .split('\n')
    .filter((line) => !/^\| (?:member|-+) +\|/.test(line) && !/^\|(?: -+ \|)+$/.test(line))
    .flatMap((line) => {
      const row = /^\| `(\w+)` +\| `(.+?)`(?:;? (.*?))? *\| `([^`]+)`: (.*?) *\|$/.exec(line);
      if (!row) {
        if (line.startsWith('| `')) throw new Error(`a row of PARITY.md has another form: ${line.slice(0, 80)}`);
        return [line.replace(/^# .*/, '# From DicomNet')];
      }
      count += 1;
      const [, member, code, note, file, title] = row;
      const sentence = note ? [`${note[0].toUpperCase()}${note.slice(1)}${/[.`]$/.test(note) ? '' : '.'}`, ''] : [];
      return [
        `### ${member}`,
        '',
        '```js',
        code,
        '```',
        '',
        ...sentence,
        `<small>Tested by \`${file}\`: ${title}</small>`,
        '',
      ];
    });
  if (count < 130) throw new Error(`PARITY.md has only ${count} members in its tables`);
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The tables of codes, each code with an anchor. */
export function codesPage(errors) {
  let name = '';
  const lines = errors.split('\n').map((line) => {
    const row = /^\| (?:`(\w+)`)? *\| `([A-Zx_0-9]+)` *\| (.*?) *\| (.*?) *\|$/.exec(line);
    if (!row)
      return line
        .replace(/^# .*/, '# By error code')
        .replace(/^\| class .*/, '| code | cause | remedy |')
        .replace(/^\|(?: -+ \|){4}$/, '| --- | --- | --- |');
    const [, written, code, cause, remedy] = row;
    name = written ?? name;
    return `| <a id="${code}"></a>\`${code}\`<br>\`${name}\` | ${cause} | ${remedy} |`;
  });
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A table for each tool of DCMTK. Every option that the tool prints with --help must have a row. */
export function dcmtkPage({ version, tools }) {
  const used = new Set();
  const sections = Object.entries(tools).map(([tool, options]) => {
    const rows = options.map(([short, long]) => {
      const key = [`${tool} ${long}`, long].find((each) => each in EQUIVALENTS);
      if (key === undefined) throw new Error(`${tool} --${long} has no row in dcmtk-equivalents.mjs`);
      used.add(key);
      const { kind, text } = EQUIVALENTS[key];
      return `| ${short && `\`${short}\` `}\`--${long}\` | ${kind === 'offered' ? text : `**${kind}**: ${text}`} |`;
    });
    const [theirs, ours] = COMMANDS[tool];
    return [`## ${tool}`, '', '```sh', theirs, ours, '```', '', '| option | here |', '| --- | --- |', ...rows, ''].join(
      '\n',
    );
  });
  const unused = Object.keys(EQUIVALENTS).filter((key) => !used.has(key));
  if (unused.length > 0)
    throw new Error(`dcmtk-equivalents.mjs has rows for options that do not exist: ${unused.join(', ')}`);
  const count = Object.values(tools).reduce((sum, { length }) => sum + length, 0);
  return [
    "# From DCMTK's tools",
    '',
    `All ${count} options that the nine tools of DCMTK ${version} print with \`--help\`. An option has an equivalent, or is **not needed** because the`,
    'programs work in this way without an option, or is **not offered**; then the row says what to do.',
    '',
    'A peer is written `AET@host:port`. Results are on stdout, as a table or with `--json` as JSON lines. The exit status is 0 for success, 1 for a',
    'failure that the peer answered, 2 for wrong usage and 3 if there was no association. Values of keys have no quotes: `--key PatientID=42`.',
    '',
    ...sections,
  ].join('\n');
}
