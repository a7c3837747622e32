import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyConfiguration, readConfiguration } from '@x/cli/configuration-file';
import { runProgram } from '@x/cli/program';
import { runInProcess } from '@x/testing/run-in-process';
import type { Option } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { createProgram } from './options.ts';
import { scpProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'options-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'users'), 'radiology\n');
writeFileSync(join(folder, 'http-users'), `anna:scrypt:${'A'.repeat(22)}:${'A'.repeat(43)}\n`);

/** Values that options accept and that differ from their defaults. */
const VALUES: Readonly<Record<string, string>> = {
  '--peer': 'WS=10.0.0.7:104',
  '--users': join(folder, 'users'),
  '--http-users': join(folder, 'http-users'),
  '--log-format': 'json',
  '--completion': 'zsh',
  '--tls-profile': 'bcp195-rfc8996',
  '--max-pdu': '16384',
  '--proxy': '10.0.0.0/8',
  '--evict': 'oldest',
  '--accept-syntax': 'JPEG2000Lossless',
  '--prefer-syntax': '1.2.840.10008.1.2.5',
};
const anyValueOf = ({ long = '' }: Option) => VALUES[long] ?? '17';

const options = createProgram().options.filter(({ long = '' }) => !['--config', '--version'].includes(long));

test.each(options.map((option) => [option.long ?? '', option] as const))(
  '%s can be set in the configuration file with the same meaning',
  (long, option) => {
    const isFlag = option.isBoolean() || option.negate;
    const path = join(folder, 'c.yaml');
    writeFileSync(path, `${long.slice(2)}: ${isFlag ? (option.parseArg ? 1 : true) : anyValueOf(option)}\n`);
    const [typed, written] = [createProgram(), createProgram()];
    typed.parse(['node', 'x', long, ...(isFlag ? [] : [anyValueOf(option)])]);
    applyConfiguration([written], readConfiguration(path));
    written.parse(['node', 'x']);
    expect(written.opts()).toEqual(typed.opts());
    expect(written.opts()).not.toEqual(createProgram().parse(['node', 'x']).opts());
  },
);

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const outcome = await runInProcess((context) => runProgram(scpProgram(), context), ['--version']);
  expect(outcome).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});
