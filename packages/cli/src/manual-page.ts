// The manual page of a program in roff, made of the same definitions as its help and its completion.

import type { EventEmitter } from 'node:events';
import { type Argument, type Command, Help, type Option } from 'commander';
import { ExitCode } from './program.ts';

/** The parts of a manual page that the definition of a command line does not have. */
export interface ManualParts {
  /** Name and version of the package: `@x/scu 0.1.0`. */
  readonly source: string;
  /** The meaning of each exit status that the program has. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** The titles of other pages: `dimse-scp(1)`. */
  readonly seeAlso: readonly string[];
}

/** What the exit statuses of the applications mean. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  [ExitCode.Success]: 'Every operation succeeded.',
  [ExitCode.Failure]: 'The peer answered with a failure, or some of several operations failed.',
  [ExitCode.Usage]: 'Wrong usage, or input that cannot be read.',
  [ExitCode.NoAssociation]: 'No association: refused, rejected, aborted or timed out.',
  [ExitCode.Interrupted]: 'Interrupted by the user.',
};

/** The page of a program and its commands. The options that most of the commands share are listed once. */
export function manualPage(program: Command, { source, exitCodes, seeAlso }: ManualParts): string {
  const name = program.name();
  const commands = program.commands.filter((each) => each.name() !== 'help');
  const shared = sharedOptions(commands);
  const own = visibleOptions(program);
  return [
    `.TH ${text(name.toUpperCase())} 1 "" "${text(source)}" "User commands"`,
    '.SH NAME',
    `${text(name)} \\- ${text(lowered(program.description()))}`,
    '.SH SYNOPSIS',
    ...synopsis(program, name),
    ...commands.flatMap((each) => ['.br', ...synopsis(each, `${name} ${each.name()}`)]),
    '.SH DESCRIPTION',
    ...paragraph(program.description()),
    ...(commands.length > 0 && own.length <= 2 ? [] : ['.SH OPTIONS', ...own.flatMap(optionEntry)]),
    ...(commands.length > 0 ? ['.SH COMMANDS', ...commands.flatMap((each) => section(each, shared))] : []),
    ...(shared.length > 0 ? ['.SH COMMON OPTIONS', 'Most commands take them.', ...shared.flatMap(optionEntry)] : []),
    '.SH EXIT STATUS',
    ...Object.entries(exitCodes).flatMap(([code, meaning]) => ['.TP', `.B ${code}`, line(meaning)]),
    '.SH SEE ALSO',
    line(seeAlso.join(', ')),
    '',
  ].join('\n');
}

/** Options that more than half of several commands have, as the first of them defines them. */
function sharedOptions(commands: readonly Command[]): readonly Option[] {
  const counts = new Map<string, { readonly option: Option; count: number }>();
  for (const option of commands.flatMap(visibleOptions)) {
    const found = counts.get(identity(option));
    if (found) found.count += 1;
    else counts.set(identity(option), { option, count: 1 });
  }
  return [...counts.values()]
    .filter(({ count }) => count > 2 && count > commands.length / 2)
    .map(({ option }) => option);
}

const identity = ({ flags, description }: Option) => `${flags}\n${description}`;

function visibleOptions(command: Command): Option[] {
  const help = command.createHelp();
  return help.visibleOptions(command).filter(({ long }) => long !== '--help');
}

function synopsis(command: Command, name: string): string[] {
  const form = command.usage().replace(/\[command\]/, '<command>');
  return [`.B ${text(name)}`, line(form.trim())];
}

/** A command: its arguments, the options that others do not share, and its examples. */
function section(command: Command, shared: readonly Option[]): string[] {
  const known = new Set(shared.map(identity));
  const options = visibleOptions(command).filter((option) => !known.has(identity(option)));
  return [
    `.SS ${text(command.name())}`,
    ...paragraph(sentence(command.description())),
    ...command.registeredArguments.flatMap(argumentEntry),
    ...options.flatMap(optionEntry),
    ...examples(command),
  ];
}

function argumentEntry(argument: Argument): string[] {
  const form = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return ['.TP', `.I ${text(form)}`, line(new Help().argumentDescription(argument))];
}

function optionEntry(option: Option): string[] {
  const words = new Help().optionDescription(option).replace(/ \(default: false\)$/, '');
  return ['.TP', `.B ${text(option.flags)}`, line(words)];
}

/** The text that follows the help: examples, one a line. */
function examples(command: Command): string[] {
  const lines: string[] = [];
  const write = (words: string) => void lines.push(...words.split('\n'));
  // A command is an emitter, although its types do not say so.
  (command as unknown as EventEmitter).emit('afterHelp', { error: false, command, write });
  const shown = lines.filter((each) => /^ {2}\S/.test(each)).map((each) => text(each.trim()));
  return shown.length === 0 ? [] : ['.PP', 'Examples:', '.PP', '.nf', '.RS 4', ...shown.map(protect), '.RE', '.fi'];
}

function paragraph(words: string): string[] {
  return ['.PP', line(words)];
}

function sentence(words: string): string {
  const capital = `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
  return /[.)]$/.test(capital) || /: \S+/.test(capital) ? capital : `${capital}.`;
}

/** A description after the dash of NAME: without article's capital and full stop. */
function lowered(words: string): string {
  return words.replace(/\.$/, '').replace(/^(A|An) /, (article) => article.toLowerCase());
}

function line(words: string): string {
  return protect(text(words));
}

/** A line that begins with a full stop or a quotation mark would be a request. */
function protect(words: string): string {
  return /^[.']/.test(words) ? `\\&${words}` : words;
}

/** Text in roff: hyphens that can be copied, and characters beyond ASCII by their code points. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('\n', ' ')
    .replace(/[^\x20-\x7e]/gu, (each) => `\\[u${each.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`);
}
