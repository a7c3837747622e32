// The interface of character sets, and the conversion of text in steps.

import { CodedError } from '@x/pdu/internal';
import { atOnce, Step, type Steps } from '../turns.ts';

/** The delimiters after which the initial character sets are in force again (PS3.5 §6.1.2.5.3). */
export interface TextKind {
  /** Whether a backslash separates values. */
  readonly hasManyValues: boolean;
  readonly isPersonName: boolean;
}

/** Text to and from bytes. */
export interface CharacterSet {
  decode(bytes: Uint8Array, kind: TextKind): string;
  /** The same, in steps. */
  decoding(bytes: Uint8Array, kind: TextKind, step: Step): Steps<string>;
  /** @throws UnencodableCharacterError. */
  encode(text: string, kind: TextKind): Uint8Array;
  /** The same, in steps. */
  encoding(text: string, kind: TextKind, step: Step): Steps<Uint8Array>;
  has(character: string): boolean;
}

/** The character set does not contain the character. */
export class UnencodableCharacterError extends CodedError {
  static override readonly name: string = 'UnencodableCharacterError';
  readonly code = 'CHARACTER_UNENCODABLE';
  readonly character: string;

  constructor(character: string) {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    super(`the character set has no ${/[\p{C}\p{Z}]/u.test(character) ? '' : `${character} `}(U+${code})`);
    this.character = character;
  }
}

/** A character set of conversions in steps. */
export function characterSetOf(conversions: Pick<CharacterSet, 'decoding' | 'encoding' | 'has'>): CharacterSet {
  return {
    ...conversions,
    decode: (bytes, kind) => atOnce(conversions.decoding(bytes, kind, new Step())),
    encode: (text, kind) => atOnce(conversions.encoding(text, kind, new Step())),
  };
}

/** Collects characters or bytes, and packs those of each step, so that the last step does not have all the work. */
export class Gathered<One, Packed = string> {
  readonly #pack: (ones: readonly One[]) => Packed;
  readonly #packed: Packed[] = [];
  #ones: One[] = [];
  #turns = 0;

  constructor(pack: (ones: readonly One[]) => Packed) {
    this.#pack = pack;
  }

  push(one: One): void {
    this.#ones.push(one);
  }

  /** Counts one turn of the loop. Returns whether the step should end. */
  isStepFull(step: Step): boolean {
    if (++this.#turns % CHARACTERS_PER_UNIT !== 0 || !step.add(1)) return false;
    this.#packed.push(this.#pack(this.#ones));
    this.#ones = [];
    return true;
  }

  whole(): readonly Packed[] {
    this.#packed.push(this.#pack(this.#ones));
    return this.#packed;
  }
}

/** The number of characters that code converts in one unit of work. */
export const CHARACTERS_PER_UNIT = 16;

/** The bytes gathered, as one array. */
export function joined(bytes: Gathered<number, Uint8Array>): Uint8Array {
  const parts = bytes.whole();
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

/** Decodes bytes with a decoder of the engine, in steps if there are many. */
export function* decodedInParts(bytes: Uint8Array, step: Step, label: string, fatal = false): Steps<string> {
  if (bytes.length <= PART_LENGTH) return decoderOf(label, fatal).decode(bytes);
  const decoder = new TextDecoder(label, { fatal, ignoreBOM: true });
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += PART_LENGTH) {
    parts.push(decoder.decode(bytes.subarray(at, at + PART_LENGTH), { stream: true }));
    if (step.add(PART_LENGTH / CHARACTERS_PER_UNIT)) yield step.end();
  }
  parts.push(decoder.decode());
  return parts.join('');
}

const PART_LENGTH = 64 * 1024;
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** A decoder without state between calls. Making one is expensive. */
function decoderOf(label: string, fatal: boolean): InstanceType<typeof TextDecoder> {
  const key = fatal ? `${label} fatal` : label;
  const decoder = decoders.get(key) ?? new TextDecoder(label, { fatal, ignoreBOM: true });
  decoders.set(key, decoder);
  return decoder;
}
