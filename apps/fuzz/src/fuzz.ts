// The search: mutate an input of the corpus, run it, and keep it if it reached code that no input had reached.

import type { Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';

/** What tells the search whether an input reached something new. */
export type Guide = Pick<Coverage, 'reset' | 'isNew' | 'blocks'>;

export interface Finding {
  readonly input: Uint8Array;
  readonly error: Error;
}

export interface FuzzResult {
  readonly executions: number;
  /** The inputs that reached new code, without those the search began with. */
  readonly found: readonly Uint8Array[];
  readonly findings: readonly Finding[];
}

export interface FuzzOptions {
  readonly target: Target;
  /** Inputs to begin with, beside the target's own seeds. */
  readonly corpus: Iterable<Uint8Array>;
  /** How often the target is run with a new input. The search ends then, or at the tenth finding. */
  readonly executions: number;
  readonly seed: number;
  readonly coverage: Guide;
}

/** Milliseconds after which an input counts as a finding although it was decoded: work on it is not linear. */
const SLOW = 10_000;
const MOST_FINDINGS = 10;
// Reading the coverage costs more than most executions, so it is read once a batch.
const BATCH = 32;

/** Runs the search. The same seed, code and corpus give the same inputs. */
export async function fuzz({ target, corpus, executions, seed, coverage }: FuzzOptions): Promise<FuzzResult> {
  const random = new Random(seed);
  const inputs: Uint8Array[] = [...target.seeds(), ...corpus];
  const findings: Finding[] = [];
  const found: Uint8Array[] = [];
  const run = async (input: Uint8Array): Promise<void> => {
    const error = await failureOf(target, input);
    // One fault fails in many inputs: it counts once for each place in the code.
    if (error && !findings.some((known) => placeOf(known.error) === placeOf(error))) findings.push({ input, error });
  };
  for (const input of inputs) await run(input);
  coverage.isNew();
  const source = {
    random,
    parse: target.parse,
    dictionary: target.dictionary,
    other: () => random.of(inputs),
  };
  let done = 0;
  while (done < executions && findings.length < MOST_FINDINGS) {
    const size = Math.min(BATCH, executions - done);
    const batch = Array.from({ length: size }, () => mutate(random.of(inputs), source));
    coverage.reset();
    for (const input of batch) await run(input);
    done += size;
    if (!coverage.isNew(false)) continue;
    // One of the batch reached something new: each runs again, alone.
    for (const input of batch) {
      coverage.reset();
      await failureOf(target, input);
      if (coverage.isNew()) {
        inputs.push(input);
        found.push(input);
      }
    }
  }
  return { executions: done, found, findings };
}

/** A few of the inputs that together reach what all of them reach: smallest first, each for what the others left out. */
export async function smallestCorpus(
  target: Target,
  inputs: readonly Uint8Array[],
  coverage: Guide,
): Promise<readonly Uint8Array[]> {
  const reached = new Set<string>();
  const kept: Uint8Array[] = [];
  for (const input of [...inputs].sort((a, b) => a.length - b.length)) {
    coverage.reset();
    await failureOf(target, input);
    const fresh = [...coverage.blocks()].filter((block) => !reached.has(block));
    if (fresh.length === 0) continue;
    for (const block of fresh) reached.add(block);
    kept.push(input);
  }
  return kept;
}

function placeOf({ name, message, stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  return [name, name === 'Disagreement' ? message : '', ...frames.slice(0, 3)].join('\n');
}

/** The error with which a target fails on an input: one that it does not document, or a time that is far too long. */
export async function failureOf(target: Target, input: Uint8Array): Promise<Error | undefined> {
  const start = performance.now();
  try {
    await target.run(Uint8Array.from(input));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const milliseconds = Math.round(performance.now() - start);
  return milliseconds > SLOW ? new Error(`${input.length} bytes took ${milliseconds} ms`) : undefined;
}
