#!/usr/bin/env node
// Fuzzes the decoders. Exit status 0 if nothing was found, 1 if something was.

import { readFileSync } from 'node:fs';
import { integer, oneOf } from '@x/cli/option-values';
import { Command } from 'commander';
import { keepInput, keptInputs, replaceCorpus } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { failureOf, fuzz, smallestCorpus } from './fuzz.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets.ts';

const names = TARGETS.map(({ name }) => name);
const program = new Command('fuzz')
  .description('Fuzzes the decoders of peer data and files, guided by coverage.')
  .option('--target <name>', `only this one: ${names.join(', ')}`, oneOf(...names))
  .option('--executions <number>', 'how often each target is run', integer(1), 20_000)
  .option('--seed <number>', 'the seed of the mutations', integer(1), 1)
  .option('--keep', 'keep inputs that reach new code in the corpus folder, and failures as regressions', false)
  .option('--input <file>', 'run one file and show what it does; needs --target');
const options = program.parse().opts<{
  target?: string;
  executions: number;
  seed: number;
  keep: boolean;
  input?: string;
}>();

const chosen = TARGETS.filter(({ name }) => options.target === undefined || name === options.target);
process.exitCode = options.input === undefined ? await search(chosen) : await runOne(chosen, options.input);

async function search(targets: readonly Target[]): Promise<number> {
  const coverage = new Coverage((url) => /\/packages\/(pdu|net|dimse)\//.test(url));
  let failures = 0;
  for (const target of targets) {
    const corpus = [...keptInputs('corpus', target.name).values(), ...keptInputs('regressions', target.name).values()];
    const { executions, seed, keep } = options;
    const result = await fuzz({ target, corpus, executions, seed, coverage });
    say(
      `${target.name}: ${result.executions} executions, ${corpus.length} inputs kept before, ` +
        `${result.found.length} more reach new code, ${coverage.size} blocks, ${result.findings.length} findings`,
    );
    if (keep) replaceCorpus(target.name, await smallestCorpus(target, [...corpus, ...result.found], coverage));
    for (const { input, error } of result.findings) {
      failures++;
      const where = keep ? keepInput('regressions', target.name, input) : Buffer.from(input).toString('base64');
      say(`  ${error.stack ?? error.message}\n  input: ${where}`);
    }
  }
  coverage.close();
  return failures === 0 ? 0 : 1;
}

async function runOne([target]: readonly Target[], path: string): Promise<number> {
  if (!target || options.target === undefined) return program.error('--input needs --target');
  const error = await failureOf(target, readFileSync(path));
  say(error ? (error.stack ?? error.message) : 'decoded, or rejected with a documented error');
  return error ? 1 : 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
