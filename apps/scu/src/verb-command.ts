// The command of a verb, which names everything that is missing in one message.

import { Command, type ErrorOptions } from 'commander';
import type { Verb } from './verb.ts';

export class VerbCommand extends Command {
  readonly #verb: Verb;

  constructor(verb: Verb) {
    super(verb.name);
    this.#verb = verb;
  }

  /** `commander` itself names only the first argument that is missing. */
  override error(message: string, options?: ErrorOptions): never {
    const isMissing = options?.code === 'commander.missingArgument';
    return super.error(isMissing ? `error: ${this.#missingParts().join('; ')}` : message, options);
  }

  /** Reports the arguments and options that are missing. */
  expectAll(values: Readonly<Record<string, unknown>>): void {
    const missing = this.#missingParts();
    if (missing.length > 0) this.error(`error: ${[...missing, ...(this.#verb.missing?.(values) ?? [])].join('; ')}`);
  }

  #missingParts(): string[] {
    const names = this.registeredArguments.slice(this.args.length).map((each) => each.name());
    const given = this.opts();
    const flags = this.#verb.parameters.flatMap(({ name, required = [] }) =>
      given[name] === undefined ? required : [],
    );
    return [
      ...(names.length > 0 ? [`missing required argument${listed(names)}`] : []),
      ...(flags.length > 0 ? [`required option${listed(flags)} not specified`] : []),
    ];
  }
}

/** `s 'a', 'b' and 'c'`, to follow a noun. */
function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  return names.length === 1 ? ` ${quoted[0]}` : `s ${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
