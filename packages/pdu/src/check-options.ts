// Checks options at run time, because programs in JavaScript have no other check: misspelt, misplaced, missing and invalid ones.

import { isValidAeTitle } from './ae-title.ts';
import { CodedError } from './coded-error.ts';
import { nearestWord } from './nearest-word.ts';

/** An option of a function is misspelt, misplaced, missing or invalid. Nothing was done. */
export class OptionError extends CodedError {
  static override readonly name: string = 'OptionError';
  readonly code: 'OPTION_UNKNOWN' | 'OPTION_MISPLACED' | 'OPTION_MISSING' | 'OPTION_INVALID';
  /** The path of the option: `timeouts.data`. */
  readonly option: string;

  constructor(code: OptionError['code'], option: string, message: string) {
    super(message);
    this.code = code;
    this.option = option;
  }
}

/** Says what is wrong with a value, in words that follow the name of the option; undefined if nothing is. */
export type OptionRule = (value: unknown, path: Path) => string | undefined;

/** The function that takes an option, and the names of the options around it, followed by a dot. */
export interface Path {
  readonly of: string;
  readonly within: string;
}

/** The rules of options by their names, for every option that a type has. */
export type OptionRules<Options> = Readonly<Record<KeysOf<Options>, OptionRule>>;
type KeysOf<Options> = Options extends unknown ? keyof Options & string : never;

/** The options of a function. */
export interface OptionTable<Options> {
  /** The name of the function. */
  readonly of: string;
  readonly rules: OptionRules<Options>;
  readonly required?: readonly string[];
  /** Options that belong to other functions, with their place: `{ tls: 'createScp' }`. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** Checks the options that were given, and returns them. @throws OptionError for the first fault that it finds. */
export function checkOptions<Options>(
  { of, rules, required = [], elsewhere = {} }: OptionTable<Options>,
  options: unknown,
  within = '',
): Options {
  if (typeof options !== 'object' && options !== undefined)
    throw new OptionError('OPTION_INVALID', '', `${of}: the options are ${shown(options)}, not an object`);
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  const names = Object.keys(given);
  const known = rules as Readonly<Record<string, OptionRule>>;
  for (const name of names)
    if (given[name] !== undefined && !Object.hasOwn(known, name))
      throw unknownOption(name, within, of, known, elsewhere);
  for (const name of required)
    if (given[name] === undefined)
      throw new OptionError('OPTION_MISSING', within + name, `${of}: the option '${within}${name}' is missing`);
  for (const name of names) {
    if (given[name] === undefined) continue;
    const fault = known[name]?.(given[name], { of, within: `${within}${name}.` });
    if (fault !== undefined)
      throw new OptionError('OPTION_INVALID', within + name, `${of}: the option '${within}${name}' ${fault}`);
  }
  return given as Options;
}

/** Those of the options that the rules have, for a function that passes them on to another. */
export function optionsIn<Options>(rules: OptionRules<Options>, options: object = {}): Partial<Options> {
  const entries = Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(rules, name));
  return Object.fromEntries(entries) as Partial<Options>;
}

/** The rules without these options, for a function that takes the options of another except some. */
export function rulesWithout<Rules extends object, const Name extends keyof Rules & string>(
  rules: Rules,
  names: readonly Name[],
): Omit<Rules, Name> {
  const left = Object.entries(rules).filter(([name]) => !(names as readonly string[]).includes(name));
  return Object.fromEntries(left) as Omit<Rules, Name>;
}

function unknownOption(
  name: string,
  within: string,
  of: string,
  rules: Readonly<Record<string, OptionRule>>,
  elsewhere: Readonly<Record<string, string>>,
): OptionError {
  const path = within + name;
  const place = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  if (place) return new OptionError('OPTION_MISPLACED', path, `${of}: '${path}' is an option of ${place}`);
  const near = nearestWord(name, Object.keys(rules));
  const advice = near ? `; did you mean '${within}${near}'?` : '';
  return new OptionError('OPTION_UNKNOWN', path, `${of}: unknown option '${path}'${advice}`);
}

/** A value of any type. */
export const anything: OptionRule = () => undefined;

/** A value of a type of JavaScript. */
export function aValueOf(type: 'string' | 'boolean' | 'function' | 'object'): OptionRule {
  return (value) => (typeof value === type && value !== null ? undefined : `is ${shown(value)}, not a ${type}`);
}

/** A number from 0 to Infinity. */
export const aNumber: OptionRule = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : `is ${shown(value)}, not a number from 0 on`;

export const anAeTitle: OptionRule = (value) => {
  if (typeof value === 'string' && isValidAeTitle(value)) return undefined;
  const length = typeof value === 'string' ? ` of ${value.length} characters` : '';
  return `is ${shown(value)}${length}, not an AE title: 1 to 16 characters of ASCII without a backslash`;
};

/** A list; `rule` applies to each element. */
export function aListOf(rule: OptionRule): OptionRule {
  return (value, path) => {
    if (!Array.isArray(value)) return `is ${shown(value)}, not an array`;
    for (const [index, each] of value.entries()) {
      const fault = rule(each, path);
      if (fault !== undefined) return `[${index}] ${fault}`;
    }
    return undefined;
  };
}

/** An object with options of its own. */
export function anObjectOf<Options>(rules: OptionRules<Options>, required?: readonly string[]): OptionRule {
  return (value, { of, within }) => {
    if (typeof value !== 'object' || value === null) return `is ${shown(value)}, not an object`;
    checkOptions({ of, rules, ...(required && { required }) }, value, within);
    return undefined;
  };
}

/** An asynchronous operations window. */
export const aWindow: OptionRule = (value, path) =>
  typeof value === 'object'
    ? anObjectOf({ invoke: aNumber, perform: aNumber }, ['invoke', 'perform'])(value, path)
    : aNumber(value, path);

/** A value in the words of an error. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 32 ? `${value.slice(0, 32)}…` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** An `AbortSignal`. */
export const aSignal: OptionRule = (value) =>
  value instanceof AbortSignal ? undefined : `is ${shown(value)}, not an AbortSignal`;
