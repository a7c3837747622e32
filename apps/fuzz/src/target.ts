// A target: a decoder, what its inputs look like, and which errors it may answer with.

import type { Parse } from './structure.ts';

export interface Target {
  readonly name: string;
  readonly parse: Parse;
  /** Byte sequences with a meaning in the format. */
  readonly dictionary: readonly Uint8Array[];
  /** Inputs to begin with; the files of the corpus folder come after them. */
  readonly seeds: () => readonly Uint8Array[];
  /** Decodes the input. Errors that the decoder documents are caught here; every other error is a finding. */
  readonly run: (input: Uint8Array) => void | Promise<void>;
}

/** Runs a decoder that may throw errors of these classes. */
export function allowing<Result>(
  errors: readonly (abstract new (...parameters: never[]) => Error)[],
  decode: () => Result,
): Result | undefined {
  try {
    return decode();
  } catch (error) {
    if (errors.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}

/** A finding of a target's own: the decoder gave a wrong result without an error. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
