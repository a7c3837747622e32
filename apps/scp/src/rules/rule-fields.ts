// The fields of a file of rules: each mistake is refused with its line and a remedy.

import type { ConfigurationSection, ConfiguredValue } from '@x/cli/configuration-file';
import { nearestWord } from '@x/cli/nearest-word';
import { UsageError } from '@x/cli/program';

/** The fields of a section, with the places of their mistakes. */
export class Fields {
  readonly #section: ConfigurationSection;
  readonly #place: string;

  constructor(section: ConfigurationSection, place: string, known: readonly string[]) {
    this.#section = section;
    this.#place = place;
    for (const name of section.keys()) if (!known.includes(name)) this.refuse(unknown('setting', name, known), name);
  }

  refuse(why: string, name = ''): never {
    throw new UsageError(`${this.#section.get(name)?.place ?? this.#place}: ${name === '' ? '' : `${name}: `}${why}`);
  }

  /** Runs `work`; the error that it throws is a mistake of this field. */
  attempt<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      return this.refuse((error as Error).message, name);
    }
  }

  sections(name: string, isFlat = false): readonly (readonly [name: string, value: ConfiguredValue])[] {
    const field = this.#section.get(name);
    if (!field || field.value === null) return [];
    if (!field.section) return this.refuse('a mapping (name: value) is needed', name);
    if (!isFlat) for (const value of field.section.values()) sectionOf(value);
    return [...field.section];
  }

  texts(name: string): readonly string[] {
    return listOf(this.#section.get(name)?.value) ?? this.refuse('a text or a list of texts is needed', name);
  }

  text(name: string): string | undefined {
    const [text, ...more] = this.texts(name);
    return more.length > 0 ? this.refuse('one value is needed, not a list', name) : text;
  }

  parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.attempt(name, () => parse(text));
  }

  choice(name: string, words: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text !== undefined && !words.includes(text)) this.refuse(`one of ${words.join(', ')} is needed`, name);
    return text;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.#section.get(name)?.value ?? otherwise;
    return typeof value === 'boolean' ? value : this.refuse('true or false is needed', name);
  }
}

export function sectionOf({ section, value, place }: ConfiguredValue): ConfigurationSection {
  if (section) return section;
  if (value === null) return new Map();
  throw new UsageError(`${place}: expected a mapping (name: value)`);
}

export function listOf(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  const isText = (each: unknown) => typeof each === 'string' || typeof each === 'number';
  return list.every(isText) ? list.map(String) : undefined;
}

export function unknown(what: string, name: string, names: readonly string[]): string {
  const near = nearestWord(name, names);
  const known = names.length <= 12 ? `; there are ${names.join(', ')}` : '';
  return `'${name}' is not the name of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}${near ? `; did you mean '${near}'?` : known}`;
}
