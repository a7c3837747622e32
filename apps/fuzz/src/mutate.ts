// Mutations of an input: some of single bytes, some of whole structures whose lengths are then put right.

import type { Random } from './random.ts';
import { flattened, type LengthField, type Parse, readLength, type Structure, writeLength } from './structure.ts';

/** Longest input, in bytes. */
export const LARGEST_INPUT = 4096;

export interface MutationSource {
  readonly random: Random;
  readonly parse: Parse;
  /** Byte sequences with a meaning in the format. */
  readonly dictionary: readonly Uint8Array[];
  /** Another input of the corpus, to take structures from. */
  readonly other: () => Uint8Array;
}

/** Changes an input in one to eight steps. The input itself stays as it is. */
export function mutate(input: Uint8Array, source: MutationSource): Uint8Array {
  const { random } = source;
  let bytes: Uint8Array = Uint8Array.from(input);
  for (let steps = 1 + random.below(8); steps > 0; steps--)
    bytes = random.oneIn(2) ? mutateStructure(bytes, source) : mutateBytes(bytes, source);
  return bytes.subarray(0, LARGEST_INPUT);
}

const INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 0x7f, 0x80, 0xfe, 0xff, 0x7fff, 0x8000, 0xfffe, 0xffff];
const INTERESTING_LONG = [...INTERESTING, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

function mutateBytes(bytes: Uint8Array, { random, dictionary }: MutationSource): Uint8Array {
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0: {
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    }
    case 1: {
      if (at < bytes.length) bytes[at] = random.oneIn(2) ? random.below(256) : random.of(INTERESTING) & 0xff;
      return bytes;
    }
    case 2: {
      const field = { at, width: random.of([1, 2, 4] as const), littleEndian: random.oneIn(2) };
      writeLength(bytes, field, random.of(INTERESTING_LONG));
      return bytes;
    }
    case 3:
      return spliced(bytes, at, at + random.below(16), new Uint8Array(0));
    case 4:
      return dictionary.length > 0 ? spliced(bytes, at, at, random.of(dictionary)) : bytes;
    default:
      return bytes.slice(0, random.oneIn(4) ? at : bytes.length);
  }
}

function mutateStructure(bytes: Uint8Array, { random, parse, other }: MutationSource): Uint8Array {
  const all = flattened(parse(bytes));
  if (all.length === 0) return bytes;
  const { structure, parents } = random.of(all);
  switch (random.below(5)) {
    case 0:
      return replaced(bytes, structure, parents, new Uint8Array(0), random);
    case 1: {
      const own = bytes.slice(structure.start, structure.end);
      const copies = Array.from({ length: 2 + (random.oneIn(20) ? random.below(200) : 0) }, () => own);
      return replaced(bytes, structure, parents, joined(copies), random);
    }
    case 2: {
      const donor = other();
      const theirs = flattened(parse(donor));
      if (theirs.length === 0) return bytes;
      const { start, end } = random.of(theirs).structure;
      const own = random.oneIn(2) ? bytes.subarray(structure.start, structure.end) : new Uint8Array(0);
      return replaced(bytes, structure, parents, joined([own, donor.subarray(start, end)]), random);
    }
    case 3: {
      const { length } = structure;
      if (!length) return bytes;
      const value = readLength(bytes, length);
      writeLength(bytes, length, random.oneIn(2) ? value + random.below(5) - 2 : random.of(INTERESTING_LONG));
      return bytes;
    }
    default: {
      const content = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
      return replaced(bytes, { ...structure, start: structure.content }, [...parents, structure], content, random);
    }
  }
}

/** The bytes with a structure replaced. The lengths of what contains it follow, but for one time in ten. */
function replaced(
  bytes: Uint8Array,
  { start, end }: Pick<Structure, 'start' | 'end'>,
  parents: readonly Structure[],
  by: Uint8Array,
  random: Random,
): Uint8Array {
  const result = spliced(bytes, start, end, by);
  if (random.oneIn(10)) return result;
  const growth = by.length - (end - start);
  const fields = parents.map(({ length }) => length).filter((length): length is LengthField => length !== undefined);
  for (const field of fields) {
    const value = readLength(bytes, field);
    // An undefined length stays undefined.
    if (value !== 0xffffffff) writeLength(result, field, Math.max(value + growth, 0));
  }
  return result;
}

function spliced(bytes: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array {
  return joined([bytes.subarray(0, start), by, bytes.subarray(Math.min(end, bytes.length))]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(Math.min(length, 4 * LARGEST_INPUT));
  let at = 0;
  for (const part of parts) {
    if (at + part.length > whole.length) break;
    whole.set(part, at);
    at += part.length;
  }
  return whole.subarray(0, at);
}
