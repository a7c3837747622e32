// Writes dcmtk-options.json: the options that the installed DCMTK's tools print with --help.
//
//   node apps/docs/scripts/record-dcmtk.mjs

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOOLS = ['echoscu', 'storescu', 'dcmsend', 'findscu', 'movescu', 'getscu', 'storescp', 'dcmqrscp', 'wlmscpfs'];

const recorded = { version: '', tools: {} };
for (const tool of TOOLS) {
  const { stdout, stderr, error } = spawnSync(tool, ['--help'], { encoding: 'utf8' });
  if (error) throw error;
  const help = `${stdout}${stderr}`;
  recorded.version = /v(\d+\.\d+\.\d+)/.exec(help)[1];
  recorded.tools[tool] = [...help.matchAll(/^ {2,12}(?:([-+][\w=+]*) +)?--([\w-]+) +(\S.*)$/gm)].map(
    ([, short = '', long]) => [short, long],
  );
}
const file = fileURLToPath(new URL('dcmtk-options.json', import.meta.url));
const lines = Object.entries(recorded.tools).map(
  ([tool, options]) =>
    `    ${JSON.stringify(tool)}: [\n${options.map((option) => `      ${JSON.stringify(option).replace(',', ', ')}`).join(',\n')}\n    ]`,
);
writeFileSync(file, `{\n  "version": "${recorded.version}",\n  "tools": {\n${lines.join(',\n')}\n  }\n}\n`);
process.stdout.write(
  `DCMTK ${recorded.version}: ${Object.entries(recorded.tools)
    .map(([tool, { length }]) => `${tool} ${length}`)
    .join(', ')}\n`,
);
