// Text in the repertoires of ISO 2022, with code extensions (PS3.5 §6.1.2.4, §6.1.2.5).

import type { Step, Steps } from '../turns.ts';
import { BY_ESCAPE, type Repertoire } from './character-repertoires.ts';
import {
  type CharacterSet,
  characterSetOf,
  decodedInParts,
  Gathered,
  joined,
  type TextKind,
  UnencodableCharacterError,
} from './text-encoding.ts';

/**
 * The character set of initial repertoires for G0 and G1 and others that escape sequences designate. `guesses` are encodings of
 * the engine: if G1 has no initial repertoire, text without escape sequences is read in the first in which it is valid.
 */
export function codeExtensions(
  g0: Repertoire,
  g1: Repertoire | undefined,
  others: readonly Repertoire[],
  guesses: readonly string[],
): CharacterSet {
  const set = new CodeExtensions(g0, g1, others, guesses);
  return characterSetOf({
    decoding: (bytes, kind, step) => set.decoding(bytes, kind, step),
    encoding: (text, kind, step) => set.encoding(text, kind, step),
    has: (character) => set.has(character),
  });
}

const ESC = 0x1b;

class CodeExtensions {
  readonly #g0: Repertoire;
  readonly #g1: Repertoire | undefined;
  readonly #others: readonly Repertoire[];

  readonly #guesses: readonly string[];

  constructor(g0: Repertoire, g1: Repertoire | undefined, others: readonly Repertoire[], guesses: readonly string[]) {
    this.#guesses = guesses;
    this.#g0 = g0;
    this.#g1 = g1;
    this.#others = others;
  }

  *decoding(bytes: Uint8Array, kind: TextKind, step: Step): Steps<string> {
    if (!this.#g1 && !bytes.includes(ESC)) return yield* undeclared(bytes, step, this.#guesses);
    let [g0, g1] = [this.#g0, this.#g1];
    let lastG1 = g1;
    const text = new Gathered<string>((characters) => characters.join(''));
    for (let at = 0; at < bytes.length; at++) {
      if (text.isStepFull(step)) yield step.end();
      const byte = bytes[at] as number;
      if (byte === ESC) {
        const found = designated(bytes, at + 1);
        if (!found) text.push('\ufffd');
        else {
          if (found.element === 'G0') g0 = found;
          else lastG1 = g1 = found;
          at += found.escapeSequence.length;
        }
      } else if (byte >= 0x80) {
        // Some writers do not designate G1 again after a delimiter.
        const repertoire = g1 ?? lastG1;
        if (byte < 0xa0 || !repertoire) text.push(String.fromCharCode(byte));
        else {
          text.push(repertoire.decode(byte - 0x80, (bytes[at + 1] ?? 0) & 0x7f) ?? '\ufffd');
          at += repertoire.width - 1;
        }
      } else if (byte > 0x20 && g0.width === 2) {
        text.push(g0.decode(byte, bytes[at + 1] ?? 0) ?? '\ufffd');
        at++;
      } else {
        const isDelimiter = kind.hasManyValues && byte === 0x5c;
        const character = (isDelimiter || byte < 0x20 ? String.fromCharCode(byte) : g0.decode(byte, 0)) as string;
        text.push(character);
        if (isDelimiter || resets(character, kind)) [g0, g1] = [this.#g0, this.#g1];
      }
    }
    return text.whole().join('');
  }

  *encoding(text: string, kind: TextKind, step: Step): Steps<Uint8Array> {
    const bytes = new Gathered<number, Uint8Array>((numbers) => Uint8Array.from(numbers));
    let [g0, g1] = [this.#g0, this.#g1];
    const designate = (repertoire: Repertoire) => {
      bytes.push(ESC);
      for (const byte of Buffer.from(repertoire.escapeSequence, 'latin1')) bytes.push(byte);
      if (repertoire.element === 'G0') g0 = repertoire;
      else g1 = repertoire;
    };
    const toInitialG0 = () => {
      if (g0 !== this.#g0) designate(this.#g0);
    };
    for (const character of text) {
      if (bytes.isStepFull(step)) yield step.end();
      const isDelimiter = kind.hasManyValues && character === '\\';
      if (isDelimiter || this.#isPassedThrough(character)) {
        toInitialG0();
        bytes.push(character.charCodeAt(0));
        if (isDelimiter || resets(character, kind)) g1 = this.#g1;
        continue;
      }
      if (resets(character, kind)) {
        toInitialG0();
        g1 = this.#g1;
      }
      const has = (one: Repertoire | undefined) => one?.encode(character) !== undefined;
      const repertoire = has(g0) ? g0 : has(g1) ? g1 : this.#others.find(has);
      if (!repertoire) throw new UnencodableCharacterError(character);
      if (repertoire !== g0 && repertoire !== g1) designate(repertoire);
      const code = repertoire.encode(character) as number;
      const high = repertoire.element === 'G1' ? 0x80 : 0;
      if (repertoire.width === 2) bytes.push((code >>> 8) | high);
      bytes.push((code & 0xff) | high);
    }
    toInitialG0();
    return joined(bytes);
  }

  has(character: string): boolean {
    return (
      this.#isPassedThrough(character) ||
      [this.#g0, this.#g1, ...this.#others].some((one) => one?.encode(character) !== undefined)
    );
  }

  #isPassedThrough(character: string): boolean {
    return isControl(character) || (this.#g1 !== undefined && isC1(character));
  }
}

function designated(bytes: Uint8Array, at: number): Repertoire | undefined {
  for (const length of [2, 3]) {
    const found = BY_ESCAPE.get(String.fromCharCode(...bytes.subarray(at, at + length)));
    if (found) return found;
  }
  return undefined;
}

// ESC would be read as the start of an escape sequence.
function isControl(character: string): boolean {
  return (character < ' ' && character !== '\x1b') || character === '\x7f';
}

// The bytes between the halves of ISO 8859 are passed through.
function isC1(character: string): boolean {
  return character >= '\x80' && character < '\xa0';
}

function resets(character: string, { isPersonName }: TextKind): boolean {
  return (
    (isPersonName && (character === '^' || character === '=')) ||
    character === '\r' ||
    character === '\n' ||
    character === '\f' ||
    character === '\t'
  );
}

// Bytes outside the default repertoire are read as the encodings that they most often are, without loss.
function* undeclared(bytes: Uint8Array, step: Step, guesses: readonly string[]): Steps<string> {
  for (const encoding of [...guesses, 'utf-8']) {
    try {
      return yield* decodedInParts(bytes, step, encoding, true);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
