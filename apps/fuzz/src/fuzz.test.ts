import { encodeDataSet, TransferSyntax } from '@x/dimse/data-set';
import { describe, expect, test } from 'vitest';
import { keptInputs } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { failureOf, fuzz, type Guide, smallestCorpus } from './fuzz.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import { SEED_DATA_SET, seedPdus } from './seeds.ts';
import { flattened, parseExplicit, parseImplicit, parsePdus, readLength } from './structure.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets.ts';

/** Blocks that a target reports itself: V8's own coverage covers the test runner, too, which takes long to read. */
class ReportedBlocks implements Guide {
  readonly #seen = new Set<number>();
  #ran = new Set<number>();

  ran(block: number): void {
    this.#ran.add(block);
  }

  reset(): void {
    this.#ran = new Set();
  }

  isNew(remember = true): boolean {
    const fresh = [...this.#ran].filter((block) => !this.#seen.has(block));
    if (remember) for (const block of fresh) this.#seen.add(block);
    return fresh.length > 0;
  }

  blocks(): ReadonlySet<string> {
    return new Set([...this.#ran].map(String));
  }
}

/** Fails if eight bits are set and their neighbours are not, each in a byte of its own: found by steps, practically never at once. */
const plantedFault = (guide: ReportedBlocks): Target => ({
  name: 'planted',
  parse: () => [],
  dictionary: [],
  seeds: () => [new Uint8Array(8)],
  run(input) {
    const missing = Array.from(
      { length: 8 },
      (_, at) => ((input[at] ?? 0) & (3 << (at % 6))) !== 1 << (at % 6),
    ).indexOf(true);
    for (let block = 0; block < (missing < 0 ? 8 : missing); block++) guide.ran(block);
    if (missing < 0) throw new RangeError('found');
  },
});

test('coverage leads the search to a fault that lies behind eight conditions', async () => {
  const coverage = new ReportedBlocks();
  const target = plantedFault(coverage);
  const { findings, found } = await fuzz({ target, corpus: [], executions: 50_000, seed: 7, coverage });
  expect(findings.map(({ error }) => error.message)).toEqual(['found']);
  const kept = await smallestCorpus(target, found, coverage);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(found.length);
});

test('without coverage the same search does not find it', async () => {
  const target = plantedFault(new ReportedBlocks());
  const blind = { reset: () => {}, isNew: () => false, blocks: () => new Set<string>() };
  const { findings } = await fuzz({ target, corpus: [], executions: 50_000, seed: 7, coverage: blind });
  expect(findings).toEqual([]);
});

test('the coverage of V8 tells a branch that runs for the first time', () => {
  const coverage = new Coverage((url) => url.includes('random.ts'));
  const random = new Random(1);
  random.below(2);
  expect(coverage.isNew()).toBe(true);
  random.below(2);
  expect(coverage.isNew()).toBe(false);
  expect(() => random.of([])).toThrow(RangeError);
  expect(coverage.isNew()).toBe(true);
  coverage.close();
});

test('the same seed gives the same mutations', () => {
  const run = () => {
    const random = new Random(3);
    const source = { random, parse: parsePdus, dictionary: [], other: () => seedPdus()[0] as Uint8Array };
    return Array.from({ length: 50 }, () => mutate(seedPdus()[0] as Uint8Array, source));
  };
  expect(run()).toEqual(run());
});

test('a removed structure leaves the lengths of what contains it right, nine times in ten', () => {
  const random = new Random(5);
  const parse = parseExplicit(true);
  const input = encodeDataSet(SEED_DATA_SET, TransferSyntax.ExplicitVRLittleEndian);
  const consistent = Array.from({ length: 200 }, () =>
    mutate(input, { random, parse, dictionary: [], other: () => input }),
  ).filter((bytes) => parse(bytes).at(-1)?.end === bytes.length);
  expect(consistent.length).toBeGreaterThan(20);
});

describe('the structures of an input', () => {
  test('are found in PDUs down to sub-items', () => {
    const bytes = seedPdus()[0] as Uint8Array;
    const pdus = parsePdus(bytes);
    expect(pdus.map(({ start }) => bytes[start])).toEqual([0x01, 0x02, 0x04, 0x05, 0x06, 0x03]);
    const userInformation = pdus[0]?.children.at(-1);
    expect(bytes[userInformation?.start ?? 0]).toBe(0x50);
    expect(userInformation?.children.map(({ start }) => bytes[start])).toContain(0x51);
  });

  test.each([
    ['Explicit VR', TransferSyntax.ExplicitVRLittleEndian, parseExplicit(true)],
    ['Explicit VR Big Endian', TransferSyntax.ExplicitVRBigEndian, parseExplicit(false)],
    ['Implicit VR', TransferSyntax.ImplicitVRLittleEndian, parseImplicit],
  ])('cover a data set in %s without a gap', (_, transferSyntax, parse) => {
    const bytes = encodeDataSet(SEED_DATA_SET, transferSyntax);
    const elements = parse(bytes);
    expect(elements.length).toBe(Object.keys(SEED_DATA_SET).length);
    expect(elements.at(-1)?.end).toBe(bytes.length);
    for (const { structure } of flattened(elements))
      if (structure.length && readLength(bytes, structure.length) !== 0xffffffff)
        expect(structure.end - structure.content).toBe(readLength(bytes, structure.length));
  });
});

describe.each(TARGETS)('$name', (target) => {
  test('decodes its seeds and everything that once failed', async () => {
    const kept = [...keptInputs('regressions', target.name).values(), ...keptInputs('corpus', target.name).values()];
    for (const input of [...target.seeds(), ...kept]) expect(await failureOf(target, input)).toBeUndefined();
  });
});
