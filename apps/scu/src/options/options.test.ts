import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '@x/cli/configuration-file';
import type { Command, Option } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { createProgram } from '../command-line.ts';
import type { Verbs } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'options-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NOTHING = new Proxy({}, { get: () => async () => {} }) as Verbs;

/** Something that an option takes, and that is not what it is by default. */
const VALUES: Readonly<Record<string, string>> = {
  '--transfer-syntax': 'keep',
  '--model': 'patient',
  '--level': 'SERIES',
  '--key': 'PatientName=X',
  '--uid': '1.2.3',
  '--state': 'COMPLETED',
  '--transaction': '1.2.4',
  '--orientation': 'LANDSCAPE',
  '--template': '{PatientID}/{SOPInstanceUID}.dcm',
  '--log-format': 'json',
  '--tls-profile': 'bcp195-rfc8996',
  '--max-pdu': '16384',
};
const anyValueOf = ({ long = '' }: Option) => VALUES[long] ?? '17';
/** The arguments of each verb. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  store: ['A@h:1', 'file'],
  commit: ['A@h:1', 'file'],
  print: ['A@h:1', 'file'],
  mpps: ['A@h:1', 'create'],
  ups: ['A@h:1', 'query'],
  dump: ['file'],
  replay: ['A@h:1', 'file'],
  peers: [],
};

function parsed(verb: string, configuration: string, ...args: readonly string[]) {
  const path = join(folder, 'c.yaml');
  writeFileSync(path, configuration);
  const program = createProgram(NOTHING, readConfiguration(path));
  const command = program.commands.find((each) => each.name() === verb) as Command;
  const others = command.options
    .filter(({ mandatory, long = '' }) => mandatory && !args.includes(long) && !configuration.startsWith(long.slice(2)))
    .flatMap((option) => [option.long ?? '', anyValueOf(option)]);
  program.parse(['node', 'x', verb, ...(ARGUMENTS[verb] ?? ['A@h:1']), ...others, ...args]);
  // Functions in them, which are made anew, aside.
  return JSON.parse(JSON.stringify(command.opts()));
}

const options = createProgram(NOTHING)
  .commands.filter((command) => command.name() !== 'completion')
  .flatMap((command) => command.options.map((option) => [command.name(), option.long ?? '', option] as const))
  .filter(([, long]) => long !== '--config');

test.each(options)('%s %s has its place in the file, and means the same there', (verb, long, option) => {
  const isFlag = option.isBoolean();
  const typed = parsed(verb, '', long, ...(isFlag ? [] : [anyValueOf(option)]));
  const line = `${long.slice(2)}: ${isFlag ? (option.parseArg ? 1 : true) : JSON.stringify(anyValueOf(option))}\n`;
  expect(parsed(verb, line)).toEqual(typed);
});
