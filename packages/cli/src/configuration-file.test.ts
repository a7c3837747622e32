import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { applyConfiguration, configurationPath, readConfiguration } from './configuration-file.ts';
import { integer, listOf, seconds } from './option-values.ts';
import { parseNamedPeer } from './peer.ts';
import { command, UsageError } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string, name = 'c.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function program() {
  return command('x', 'a program')
    .option('--port <port>', '', integer(0, 65535), 11112)
    .option('--peer <peer>', '', listOf(parseNamedPeer))
    .requiredOption('--data <folder>')
    .option('--idle-timeout <seconds>', '', seconds)
    .option('--fsync', '', false)
    .option('--no-color', '')
    .option('--config <file>')
    .option('-v, --verbose', '', (_: string, before: number) => before + 1, 0)
    .action(() => {});
}

function options(text: string, ...argv: string[]) {
  const parsed = program();
  applyConfiguration([parsed], readConfiguration(file(text)));
  parsed.parse(['node', 'x', ...argv]);
  return parsed.opts();
}

test('sets every option from YAML or JSON, unless the command line sets it', () => {
  const yaml = 'port: 104\ndata: /data\nidle-timeout: 1.5\nfsync: true\nverbose: 2\npeer:\n  - A=a:1\n  - B=b:2\n';
  const expected = { port: 104, data: '/data', idleTimeout: 1500, fsync: true, verbose: 2 };
  expect(options(yaml)).toMatchObject({ ...expected, peer: [{ aeTitle: 'A' }, { aeTitle: 'B' }] });
  expect(options('{"port": 104, "data": "/data", "peer": "A=a:1"}')).toMatchObject({
    port: 104,
    peer: [{ host: 'a' }],
  });
  expect(options(yaml, '--port', '5', '--data', '/other')).toMatchObject({ port: 5, data: '/other' });
  expect(options(yaml, '--peer', 'C=c:3').peer).toHaveLength(3);
  expect(options('# nothing\n', '--data', '/data')).toMatchObject({ port: 11112 });
});

test('sets an option that can only be turned off by either of its names', () => {
  expect(options('data: /d\n')).toMatchObject({ color: true });
  for (const text of ['data: /d\nno-color: true\n', 'data: /d\ncolor: false\n'])
    expect(options(text)).toMatchObject({ color: false });
  for (const text of ['data: /d\nno-color: false\n', 'data: /d\ncolor: true\n'])
    expect(options(text)).toMatchObject({ color: true });
  expect(options('data: /d\ncolor: true\n', '--no-color')).toMatchObject({ color: false });
});

test.each([
  ['port: 70000\n', ':1:1: port: a whole number from 0 to 65535 is needed'],
  ['data: /d\nprot: 1\n', ":2:1: unknown setting 'prot'; did you mean 'port'?"],
  ['data: /d\nnonsense: 1\n', ":2:1: unknown setting 'nonsense'; the settings are port, peer, data"],
  ['fsync: yes please\n', ':1:1: fsync: true or false is needed'],
  ['port: [1, 2]\n', ':1:1: port: one value is needed, not a list'],
  ['data:\n  a: 1\n', ':1:1: data: a text or a number is needed'],
  ['peer:\n  - nobody\n', ":1:1: peer: 'nobody' is not a peer"],
  ['port: 1\n  data: x\n', ':1:7: Nested'],
  ['- port\n', ':1:1: expected a mapping'],
  // A bracket or a quote that is not closed is reported at its beginning, not at the place that the parser names.
  ['port: 1\n\npeer:\n  [A=a:1, \n\n', ':4:3: Flow sequence'],
  ['data: "x\nport: 1\n', ':1:7: Missing closing'],
  ["port: 1\ndata: 'x\n\n\n", ':2:7: Missing closing'],
  ['{"data": "/d",\n "peer": ["A=a:1",\n "port": 1}\n', ':2:10: Flow sequence'],
  ['config: other\n', ":1:1: unknown setting 'config'"],
])('rejects %j and names the line', (text, why) => {
  expect(() => options(text)).toThrow(UsageError);
  expect(() => options(text)).toThrow(why);
});

test.each([
  ['lists', `data: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`],
  ['lists that are not closed', `data: ${'['.repeat(50_000)}`],
  ['mappings', `data: ${'{a: '.repeat(50_000)}1${'}'.repeat(50_000)}\n`],
  ['mappings by indentation', Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
])('rejects %s that are nested too deeply', (_, text) => {
  expect(() => options(text)).toThrow(UsageError);
});

test('rejects aliases that grow without bound', () => {
  const lines = Array.from({ length: 12 }, (_, at) => `a${at}: &a${at} [${Array(9).fill(at ? `*a${at - 1}` : 'x')}]`);
  expect(() => options(`${lines.join('\n')}\n`)).toThrow(UsageError);
});

test('reports a file that cannot be read', () => {
  expect(() => readConfiguration(join(folder, 'none'))).toThrow('cannot be read');
});

test('finds the file without parsing the options', () => {
  expect(configurationPath(['echo', '--config', 'a.yaml'])).toBe('a.yaml');
  expect(configurationPath(['echo', '--config=a.yaml'])).toBe('a.yaml');
  expect(configurationPath(['echo', '--', '--config=a.yaml'])).toBeUndefined();
});
