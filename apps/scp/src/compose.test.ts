// The sample of containers: its files fit each other, the configuration of one machine, and the options of the archive.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@x/cli/program';
import { runInProcess } from '@x/testing/run-in-process';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { scpProgram } from './program.ts';

const published = new URL('../../docs/public/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, published), 'utf8');

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { readonly hostname?: string; readonly command?: readonly string[]; readonly volumes?: readonly string[] }
    >
  >;
}

test('HAProxy has the same settings as on one machine, but for addresses', () => {
  const settings = (name: string) =>
    read(name)
      .replaceAll(/^ *#.*\n/gm, '')
      .replaceAll(/(server archive\d) \S+( port \d+)?/g, '$1')
      .split('\n')
      .filter((line) => line.trim() !== '');
  const [one, several] = [settings('haproxy.cfg'), settings('compose/haproxy.cfg')];
  const resolving = [...several.splice(several.indexOf('resolvers system'), 2)];
  expect(resolving).toEqual(['resolvers system', '    parse-resolv-conf']);
  expect(several.map((line) => line.replace('resolvers system init-addr last,libc,none ', ''))).toEqual(one);
});

test('HAProxy knows each archive by its name', () => {
  const { services } = parse(read('compose/compose.yaml'), { merge: true }) as Compose;
  const archives = Object.entries(services).filter(([, { command }]) => command?.includes('--config'));
  const names = archives.map(([name]) => name);
  expect(names).toEqual(['archive1', 'archive2', 'archive3']);
  expect(archives.map(([, { hostname }]) => hostname)).toEqual(names);
  const { port, http } = parse(read('compose/archive.yaml')) as { readonly port: number; readonly http: number };
  const servers = [...read('compose/haproxy.cfg').matchAll(/^ +server (\S+) (\S+?)(?: port (\d+))?$/gm)];
  expect(servers.map(([, name, address]) => `${name} ${address}`)).toEqual(
    [...names, ...names].map((name) => `${name} ${name}:${port}`),
  );
  expect(servers.slice(0, 3).map(([, , , check]) => check)).toEqual(names.map(() => `${http}`));
});

test('the configuration of the archives is valid', async () => {
  const config = fileURLToPath(new URL('compose/archive.yaml', published));
  const outcome = await runInProcess(
    (context) => runProgram(scpProgram(), context),
    ['--config', config, '--conformance'],
  );
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
  expect(outcome.stdout).toContain('ARCHIVE');
});
