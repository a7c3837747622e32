import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigurationSection, readConfiguration } from '@x/cli/configuration-file';
import type { Command, Option } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { type Chosen, createCommandLine } from '../command-line.ts';
import { VERBS } from '../verb-list.ts';

const folder = mkdtempSync(join(tmpdir(), 'options-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A value that the option accepts, and that is not its default. */
const VALUES: Readonly<Record<string, string>> = {
  '--sop-class': 'CTImageStorage',
  '--only-sop-class': '1.2.3',
  '--propose': 'RLELossless',
  '--transfer-syntax': 'keep',
  '--transfer-syntax <uid>': 'JPEGBaseline8Bit',
  '--only-transfer-syntax': 'RLELossless',
  '--priority': 'high',
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
const anyValueOf = ({ long = '', flags }: Option) => VALUES[flags] ?? VALUES[long] ?? '17';

/** The words of an example of the help; quotes hold spaces. */
const wordsOf = (example: string) =>
  [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
/** The arguments with which each example begins. */
const argumentsOf = (example = '') => {
  const words = wordsOf(example);
  const end = words.findIndex((word) => word.startsWith('-'));
  return end < 0 ? words : words.slice(0, end);
};

function parse(argv: readonly string[], configuration?: ConfigurationSection): Chosen | undefined {
  let chosen: Chosen | undefined;
  createCommandLine(VERBS, (each) => (chosen = each), configuration).parse(argv, { from: 'user' });
  return chosen;
}

function parsed(verb: string, configuration: string, ...args: readonly string[]) {
  const path = join(folder, 'c.yaml');
  writeFileSync(path, configuration);
  const command = createCommandLine(VERBS, () => {}).commands.find((each) => each.name() === verb) as Command;
  const required = VERBS.find(({ name }) => name === verb)?.parameters.flatMap((each) => each.required ?? []) ?? [];
  const others = command.options
    .filter(({ flags }) => required.includes(flags))
    .filter(({ long = '' }) => !args.includes(long) && !configuration.startsWith(long.slice(2)))
    .flatMap((option) => [option.long ?? '', anyValueOf(option)]);
  const [example] = VERBS.find(({ name }) => name === verb)?.examples ?? [];
  const chosen = parse([verb, ...argumentsOf(example), ...others, ...args], readConfiguration(path));
  // Functions among the values differ from one command line to the next; JSON leaves them out.
  return JSON.parse(JSON.stringify(chosen?.options));
}

const options = createCommandLine(VERBS, () => {})
  .commands.flatMap((command) => command.options.map((option) => [command.name(), option.long ?? '', option] as const))
  .filter(([, long]) => long !== '--config');

test.each(options)('%s %s means the same in the configuration file', (verb, long, option) => {
  const isFlag = option.isBoolean();
  const typed = parsed(verb, '', long, ...(isFlag ? [] : [anyValueOf(option)]));
  const line = `${long.slice(2)}: ${isFlag ? (option.parseArg ? 1 : true) : JSON.stringify(anyValueOf(option))}\n`;
  expect(parsed(verb, line)).toEqual(typed);
});

test.each(VERBS.flatMap(({ name, examples }) => examples.map((example) => [name, example])))(
  'accepts the example of the help: %s %s',
  (name = '', example = '') => {
    expect(parse([name, ...wordsOf(example)])?.verb.name).toBe(name);
  },
);
