// Hooks: commands and webhooks that are called for an instance or a study. They are read once, at the start.

import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { UsageError } from '@x/cli/program';
import { INDEXED_ATTRIBUTES } from '../instances/archive-index/indexed-attributes.ts';
import type { Options } from '../options.ts';

/** The event that a hook is called for. */
export interface HookEvent {
  readonly event: 'instance' | 'study';
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  /** Of the file of an instance. */
  readonly path: string;
  /** The values of indexed attributes as text, by keyword. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Hook {
  /** The name of its queue, with its event: `on-study: billing`. */
  readonly destination: string;
  readonly event: HookEvent['event'];
  readonly target:
    | { readonly url: URL }
    /** The program and its arguments, with placeholders. */
    | { readonly words: readonly string[] }
    /** A command for a shell, which gets values in its environment only. */
    | { readonly shell: string };
}

/**
 * The hooks of the options. Each has the name before its command, as in `billing: /opt/bill {study}`, or else that of its program
 * or of the host of its URL; a number tells hooks of the same name apart.
 * @throws UsageError if one cannot work
 */
export function hooksOf({ onInstance = [], onStudy = [], hookShell }: Options): readonly Hook[] {
  return [...hooksOfEvent('instance', onInstance, hookShell), ...hooksOfEvent('study', onStudy, hookShell)];
}

function hooksOfEvent(event: HookEvent['event'], texts: readonly string[], isShell: boolean): readonly Hook[] {
  const given = texts.map((text) => NAMED.exec(text)?.groups ?? { command: text.trim() });
  const taken = new Set<string>();
  for (const { name } of given) {
    if (name === undefined) continue;
    if (taken.has(name)) throw new UsageError(`--on-${event}: two hooks have the name '${name}': choose another`);
    taken.add(name);
  }
  return given.map(({ name, command = '' }) => {
    const target = targetOf(event, command, isShell);
    return { destination: `on-${event}: ${name ?? freeName(nameOf(command, target), taken)}`, event, target };
  });
}

/** A name of up to 32 letters, digits, dots, hyphens and underscores before a colon and a space. */
const NAMED = /^\s*(?<name>[A-Za-z0-9][\w.-]{0,31}):\s+(?<command>.*)$/s;

function nameOf(command: string, target: Hook['target']): string {
  if ('url' in target) return target.url.host;
  const program = 'words' in target ? (target.words[0] ?? '') : (/\S+/.exec(command)?.[0] ?? '');
  return basename(program)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 32);
}

/** The name, or with the first number from 2 that makes it another one. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  taken.add(free);
  return free;
}

function targetOf(event: HookEvent['event'], text: string, isShell: boolean): Hook['target'] {
  const option = `--on-${event}`;
  if (text.trim() === '') throw new UsageError(`${option}: the command is empty`);
  if (/^https?:/i.test(text)) {
    if (!URL.canParse(text)) throw new UsageError(`${option} ${text}: this is not a URL`);
    return { url: new URL(text) };
  }
  if (isShell) {
    if (PLACEHOLDER.test(text))
      throw new UsageError(
        `${option} ${text}: placeholders are for commands without a shell; use $DIMSE_STUDY and so on`,
      );
    return { shell: text };
  }
  const words = wordsOf(text, option);
  for (const word of words)
    for (const [whole, name = ''] of word.matchAll(new RegExp(PLACEHOLDER, 'g')))
      if (!isPlaceholder(name, event))
        throw new UsageError(
          `${option} ${text}: ${whole} is not a placeholder; ${PLACES[event].join(', ')} and keywords are`,
        );
  const [program = ''] = words;
  if (PLACEHOLDER.test(program)) throw new UsageError(`${option} ${text}: the program cannot be a placeholder`);
  if (!isExecutable(program)) throw new UsageError(`${option} ${text}: '${program}' is not a program that can be run`);
  return { words };
}

/**
 * The words with the values of an event in place of placeholders.
 * @throws Error if a value at the beginning of a word could be taken for an option
 */
export function filledWords(words: readonly string[], event: HookEvent): readonly string[] {
  const end = words.indexOf('--');
  return words.map((word, index) => {
    const filled = word.replace(new RegExp(PLACEHOLDER, 'g'), (_, name: string) => textOf(name, event));
    if (filled.startsWith('-') && !word.startsWith('-') && (end < 0 || index < end))
      throw new Error(`the value of ${word} begins with '-': put '--' before it in the command`);
    return filled;
  });
}

const PLACEHOLDER = /\{([A-Za-z]+)\}/;
const PLACES = {
  instance: ['{event}', '{study}', '{series}', '{instance}', '{path}'],
  study: ['{event}', '{study}'],
};
const KEYWORDS = new Set(INDEXED_ATTRIBUTES.filter(({ computed }) => !computed).map(({ keyword }) => keyword));

function isPlaceholder(name: string, event: HookEvent['event']): boolean {
  return PLACES[event].includes(`{${name}}`) || KEYWORDS.has(name);
}

function textOf(name: string, { attributes, ...event }: HookEvent): string {
  const value = name in event ? event[name as keyof typeof event] : (attributes[name] ?? '');
  return value.replaceAll('\0', '');
}

/** Splits a command at spaces outside of quotes. */
function wordsOf(text: string, option: string): readonly string[] {
  const words = [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  );
  const quotes = text.replace(/"[^"]*"|'[^']*'/g, '');
  if (/["']/.test(quotes)) throw new UsageError(`${option} ${text}: a quote is not closed`);
  return words;
}

function isExecutable(program: string): boolean {
  const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(folder === '' ? program : join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
