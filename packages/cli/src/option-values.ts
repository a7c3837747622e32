// Strict parsers for the values of command-line options. Each throws an InvalidArgumentError with the accepted values.

import { isIPv4, isIPv6 } from 'node:net';
import { isValidAeTitle } from '@x/net';
import { InvalidArgumentError } from 'commander';

/** A whole number between two inclusive bounds. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(
        most === Number.MAX_SAFE_INTEGER
          ? `a whole number from ${least} on is needed`
          : `a whole number from ${least} to ${most} is needed`,
      );
    return value;
  };
}

/** Bytes: a number, possibly with a fraction and a unit: 1000 of each other for GB, 1024 for GiB. */
export function byteCount(text: string): number {
  const [, number, prefix = '', binary] = /^(\d+(?:\.\d+)?) ?(?:([KMGT])(i)?)?B?$/i.exec(text) ?? [];
  const value = Math.round(Number(number) * (binary ? 1024 : 1000) ** ' KMGT'.indexOf(prefix.toUpperCase() || ' '));
  if (number === undefined || !Number.isSafeInteger(value) || value === 0)
    throw new InvalidArgumentError('a number of bytes is needed, such as 500GB or 1.5TiB');
  return value;
}

/** Seconds, possibly with a fraction, converted to milliseconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || value > 1_000_000)
    throw new InvalidArgumentError('a number of seconds is needed');
  return Math.round(value * 1000);
}

/** An AE title. */
export function aeTitle(text: string): string {
  if (!isValidAeTitle(text))
    throw new InvalidArgumentError('an AE title has 1 to 16 characters of ASCII, without backslash');
  return text.trim();
}

/** A name that is not empty. */
export function name(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('a name is needed');
  return text;
}

/** A UID (PS3.5 §9.1). Leading zeros are accepted: the standard forbids them, but existing systems use them. */
export function uid(text: string): string {
  if (text.length > 64 || !/^\d+(?:\.\d+)*$/.test(text))
    throw new InvalidArgumentError('a UID consists of numbers joined by dots, at most 64 characters');
  return text;
}

/** A maximum PDU length in bytes: 0 (unlimited), or 4 KiB to 128 MiB. */
export function maximumPdu(text: string): number {
  const value = integer(0, 128 * 1024 * 1024)(text);
  if (value !== 0 && value < 4096) throw new InvalidArgumentError('0 (unlimited) or 4096 bytes and more is needed');
  return value;
}

/** An IP address, or a network as address/prefix length. */
export function network(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  if (longest < 0 || !isPrefix || rest.length > 0)
    throw new InvalidArgumentError('an IP address or a network is needed, such as 10.0.0.5 or 10.0.0.0/8');
  return text;
}

/** A umask in octal digits. It cannot take permissions from the owner, because we have to read our own files. */
export function umask(text: string): number {
  const value = Number.parseInt(text, 8);
  if (!/^[0-7]{1,4}$/.test(text) || value > 0o077)
    throw new InvalidArgumentError('an octal number from 0 to 077 is needed, such as 027');
  return value;
}

/** The values that a shell offers for an option or an argument, with descriptions, given the beginning of the value. */
export type Choices = (beginning: string) => Iterable<readonly [value: string, description: string]>;

const CHOICES = Symbol('choices');

/** Adds to a parser the values that a shell offers. */
export function withChoices<Parse extends (text: string, before: never) => unknown>(
  parse: Parse,
  choices: Choices | undefined,
): Parse {
  return Object.assign(parse, { [CHOICES]: choices });
}

/** The values that a shell offers for a parser; undefined if any value is possible. */
export function choicesOf(parse: object | undefined): Choices | undefined {
  return (parse as { readonly [CHOICES]?: Choices } | undefined)?.[CHOICES];
}

/** One of several words, ignoring case; hyphens may stand for spaces. */
export function oneOf<const Word extends string>(...words: readonly Word[]): (text: string) => Word {
  const plain = (text: string) => text.toLowerCase().replaceAll(' ', '-');
  const parse = (text: string) => {
    const word = words.find((each) => plain(each) === plain(text));
    if (!word) throw new InvalidArgumentError(`one of ${words.join(', ')} is needed`);
    return word;
  };
  // A shell would have to quote spaces.
  return withChoices(parse, () => words.map((word) => [word.replaceAll(' ', '-'), '']));
}

/** Collects the values of an option that may be given several times. */
export function listOf<T>(read: (text: string) => T): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return withChoices((text: string, before: readonly T[] | undefined = []) => [...before, read(text)], choicesOf(read));
}
