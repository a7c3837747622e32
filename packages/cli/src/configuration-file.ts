// Configuration files in YAML or JSON: defaults for the options of a command line, by their long names.

import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { Document, YAMLError } from 'yaml';
import { nearestFileHint } from './nearest-file.ts';
import { nearestWord } from './nearest-word.ts';
import { yaml } from './on-demand.ts';
import { UsageError } from './program.ts';
import { readRegularFileSync } from './regular-file.ts';

/** A value and its position in the file. */
export interface ConfiguredValue {
  readonly value: unknown;
  /** `file:line:column` */
  readonly place: string;
  /** The values in it, if it is a mapping. */
  readonly section?: ConfigurationSection;
}

export type ConfigurationSection = ReadonlyMap<string, ConfiguredValue>;

/** Reads a file. @throws UsageError with the line of the mistake */
export function readConfiguration(path: string): ConfigurationSection {
  let text: string;
  try {
    text = readRegularFileSync(path, MAXIMUM_LENGTH).toString();
  } catch (error) {
    throw new UsageError(`the configuration file cannot be read: ${(error as Error).message}${nearestFileHint(error)}`);
  }
  try {
    return parsed(text, path);
  } catch (error) {
    // The parser calls itself for each level, and refuses aliases that would grow without bound.
    if (error instanceof RangeError) throw new UsageError(`${path}: the values are nested too deeply`);
    if (error instanceof ReferenceError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}

function parsed(text: string, path: string): ConfigurationSection {
  const { isMap, isScalar, LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [fault] = document.errors;
  if (fault) throw new UsageError(`${placeOf(causeOf(fault, document))}: ${fault.message}`);
  const section = (node: unknown, place: string): ConfigurationSection => {
    if (node === null || (isScalar(node) && node.value === null)) return new Map();
    if (!isMap(node)) throw new UsageError(`${place}: expected a mapping (name: value)`);
    return new Map(
      node.items.map(({ key, value }): [string, ConfiguredValue] => {
        const keyNode = key as { readonly value?: unknown; readonly range?: readonly number[] };
        const at = placeOf(keyNode.range?.[0] ?? 0);
        const plain = isMap(value) ? { section: section(value, at) } : {};
        const json = (value as { toJSON?(): unknown } | null)?.toJSON?.();
        return [String(keyNode.value), { value: json ?? null, place: at, ...plain }];
      }),
    );
  };
  return section(document.contents, `${path}:1:1`);
}

const MAXIMUM_LENGTH = 1024 * 1024;

/** The offset of a mistake. For a bracket or a quote that is never closed, the parser gives the place where it gave up. */
function causeOf({ message, pos: [end] }: YAMLError, document: Document.Parsed): number {
  const kind = /closing "?'?quote|sequence.*end with a|map.*end with a/.exec(message)?.[0] ?? '';
  if (kind === '') return end;
  const { isMap, isSeq, visit } = yaml();
  const isOpened = kind.startsWith('closing') ? isQuoted : kind.startsWith('sequence') ? isSeq : isMap;
  let start: number | undefined;
  visit(document, {
    Node: (_, node) => {
      const [from, to] = node.range ?? [end, end];
      // The innermost one comes last.
      if (isOpened(node) && from < end && to >= end) start = from;
    },
  });
  return start ?? end;
}

function isQuoted(node: unknown): boolean {
  return yaml().isScalar(node) && /^QUOTE/.test(node.type ?? '');
}

/**
 * Sets options of commands to the values of a section, except options that the command line has set already. Options that
 * collect several values keep these when the command line adds to them. `others` are names to skip, which are not options.
 * @throws UsageError for names that no command has as an option, and values that the option does not accept
 */
export function applyConfiguration(
  commands: readonly Command[],
  section: ConfigurationSection,
  others: readonly string[] = [],
): void {
  for (const [name, configured] of section) {
    if (others.includes(name)) continue;
    const takers = commands.filter((command) => optionOf(command, name));
    if (takers.length === 0) throw new UsageError(`${configured.place}: ${unknown(name, commands, others)}`);
    for (const command of takers) {
      const option = optionOf(command, name) as Option;
      const attribute = option.attributeName();
      if (command.getOptionValueSource(attribute) === 'cli') continue;
      const value = optionValue(option, configured);
      const isNegated = option.negate && option.long === `--${name}`;
      command.setOptionValueWithSource(attribute, isNegated ? !value : value, 'config');
    }
  }
}

/** Options of the command line alone; the empty name is that of an option without a long form. */
const NOT_SETTINGS = ['config', 'version', ''];

/** An option that only exists as `--no-name` can be given as `no-name: true` and as `name: false`. */
function optionOf(command: Command, name: string): Option | undefined {
  const find = (flag: string) => command.options.find(({ long }) => long === flag);
  return NOT_SETTINGS.includes(name) ? undefined : (find(`--${name}`) ?? find(`--no-${name}`));
}

function optionValue(option: Option, { value, place }: ConfiguredValue): unknown {
  const refuse = (why: string): never => {
    throw new UsageError(`${place}: ${option.long?.slice(2)}: ${why}`);
  };
  if (option.isBoolean() || option.negate) {
    // The number of times that -v is given.
    if (option.parseArg && Number.isInteger(value)) return value;
    return typeof value === 'boolean' ? value : refuse('true or false is needed');
  }
  const parse = (one: unknown, before: unknown) => {
    if (typeof one !== 'string' && typeof one !== 'number') return refuse('a text or a number is needed');
    try {
      return option.parseArg ? option.parseArg(String(one), before) : String(one);
    } catch (error) {
      if (error instanceof InvalidArgumentError || error instanceof UsageError) return refuse(error.message);
      throw error;
    }
  };
  if (!Array.isArray(value)) return parse(value, undefined);
  if (!isList(option, value)) return refuse('one value is needed, not a list');
  return value.reduce((before: unknown, one) => parse(one, before), undefined);
}

/** Whether an option collects several values. */
function isList(option: Option, values: readonly unknown[]): boolean {
  if (!option.parseArg || values.length === 0) return values.length === 0;
  try {
    return Array.isArray(option.parseArg(String(values[0]), undefined as never));
  } catch {
    // The value is not valid: reading it reports why.
    return true;
  }
}

function unknown(name: string, commands: readonly Command[], others: readonly string[]): string {
  const names = [
    ...others,
    ...new Set(commands.flatMap(({ options }) => options.map(({ long = '' }) => long.slice(2)))),
  ].filter((each) => !NOT_SETTINGS.includes(each));
  const near = nearestWord(name, names);
  return `unknown setting '${name}'${near ? `; did you mean '${near}'?` : `; the settings are ${names.join(', ')}`}`;
}

/** The file that a command line names with `--config`. It is found without parsing the options, which depend on it. */
export function configurationPath(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const given = end < 0 ? argv : argv.slice(0, end);
  for (const [index, argument] of given.entries()) {
    if (argument === '--config') return given[index + 1];
    if (argument.startsWith('--config=')) return argument.slice('--config='.length);
  }
  return undefined;
}
