// The parameters of a verb as data: its arguments and options, each with the type of its value.

import { type Command, Option } from 'commander';

/** An argument or an option of a verb. */
export interface Parameter<Name extends string = string, Value = unknown> {
  /** The name of its value: `filmSize` for `--film-size <size>`, `path` for `<path...>`. */
  readonly name: Name;
  add(command: Command): void;
  /** The flags of an option that must be given. */
  readonly required?: string;
  /** Never set: it only carries the type of the value. */
  readonly valueType?: () => Value;
}

/** The values of parameters, by their names. */
export type ValuesOf<Parameters extends readonly Parameter[]> = {
  readonly [Each in Parameters[number] as Each['name']]: Each extends { readonly valueType?: () => infer Value }
    ? Value
    : never;
};

/** `film-size` of `--film-size <size>`. */
type LongName<Flags extends string> = Flags extends `${string}--${infer Rest}`
  ? Rest extends `${infer Long} ${string}`
    ? Long
    : Rest
  : never;
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;
type OptionName<Flags extends string> = CamelCase<LongName<Flags>>;

/** Reads the value of an option; `before` is the value of an earlier occurrence, or the default. */
type Parser<Value> = (text: string, before: Value | undefined) => Value;

/** An option whose value is a text, or is what `parse` reads; it is undefined if it is neither given nor has a default. */
export function option<const Flags extends string>(
  flags: Flags,
  description: string,
): Parameter<OptionName<Flags>, string | undefined>;
export function option<const Flags extends string, Value>(
  flags: Flags,
  description: string,
  parse: Parser<Value>,
): Parameter<OptionName<Flags>, Value | undefined>;
export function option<const Flags extends string>(
  flags: Flags,
  description: string,
  parse: undefined,
  defaultValue: string,
): Parameter<OptionName<Flags>, string>;
export function option<const Flags extends string, Value>(
  flags: Flags,
  description: string,
  parse: Parser<Value>,
  defaultValue: Value,
  /** The default as the help prints it. */
  defaultText?: string,
): Parameter<OptionName<Flags>, Value>;
export function option(
  flags: string,
  description: string,
  parse?: Parser<unknown>,
  defaultValue?: unknown,
  defaultText?: string,
): Parameter {
  return parameterOf(() => new Option(flags, description).default(defaultValue, defaultText), parse);
}

/** An option that must be given. The command line checks this after it has reported options that it does not know. */
export function requiredOption<const Flags extends string>(
  flags: Flags,
  description: string,
): Parameter<OptionName<Flags>, string>;
export function requiredOption<const Flags extends string, Value>(
  flags: Flags,
  description: string,
  parse: Parser<Value>,
): Parameter<OptionName<Flags>, Value>;
export function requiredOption(flags: string, description: string, parse?: Parser<unknown>): Parameter {
  return { ...parameterOf(() => new Option(flags, `${description} (required)`), parse), required: flags };
}

/** Each command gets an option object of its own. */
function parameterOf(makeOption: () => Option, parse?: Parser<unknown>): Parameter {
  return {
    name: makeOption().attributeName(),
    add: (command) => void command.addOption(parse ? makeOption().argParser(parse) : makeOption()),
  };
}

/** An option without a value: false unless it is given. */
export function flag<const Flags extends string>(
  flags: Flags,
  description: string,
): Parameter<OptionName<Flags>, boolean> {
  return parameterOf(() => new Option(flags, description).default(false)) as Parameter<OptionName<Flags>, boolean>;
}

/** An option without a value whose occurrences are counted. */
export function counter<const Flags extends string>(
  flags: Flags,
  description: string,
): Parameter<OptionName<Flags>, number> {
  return option<Flags, number>(flags, description, (_, before = 0) => before + 1, 0);
}

/** An argument: `<file>`. One that ends with dots takes one or more values: `<path...>`. */
export function argument<const Name extends string>(
  form: `<${Name}...>`,
  description: string,
): Parameter<Name, readonly string[]>;
export function argument<const Name extends string>(form: `<${Name}>`, description: string): Parameter<Name, string>;
export function argument<const Name extends string, Value>(
  form: `<${Name}>`,
  description: string,
  parse: (text: string) => Value,
): Parameter<Name, Value>;
export function argument(form: string, description: string, parse?: (text: string) => unknown): Parameter {
  return {
    name: form.replace(/^<|(?:\.{3})?>$/g, ''),
    add: (command) => void (parse ? command.argument(form, description, parse) : command.argument(form, description)),
  };
}

/** The same parameters, under a heading in the help. */
export function underHeading<const Parameters extends readonly Parameter[]>(
  heading: string,
  parameters: Parameters,
): Parameters {
  const grouped = parameters.map((parameter) => ({
    ...parameter,
    add: (command: Command) => parameter.add(command.optionsGroup(heading)),
  }));
  return grouped as readonly Parameter[] as Parameters;
}
