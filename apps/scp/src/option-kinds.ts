// Kinds of options that several have.

import { seconds } from '@x/cli/option-values';
import { Option } from 'commander';

/** In milliseconds. */
export const DAY = 86_400_000;

/** Given and shown in seconds, kept in milliseconds. */
export function inSeconds(flags: string, description: string, otherwise: number): Option {
  return new Option(flags, description).argParser(seconds).default(otherwise * 1000, `${otherwise}`);
}
