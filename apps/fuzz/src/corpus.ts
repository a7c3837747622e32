// The inputs that are kept in the project: a corpus that reached new code, and regressions that once failed.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('..', import.meta.url));

export type Kind = 'corpus' | 'regressions';

/** The kept inputs of a target, by file name. */
export function keptInputs(kind: Kind, target: string): ReadonlyMap<string, Uint8Array> {
  const folder = join(top, kind, target);
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** Keeps an input under a name made from its content. Returns the path. */
export function keepInput(kind: Kind, target: string, input: Uint8Array): string {
  const folder = join(top, kind, target);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, createHash('sha256').update(input).digest('hex').slice(0, 16));
  writeFileSync(path, input);
  return path;
}

/** Makes these inputs the whole corpus of a target. */
export function replaceCorpus(target: string, inputs: readonly Uint8Array[]): void {
  rmSync(join(top, 'corpus', target), { recursive: true, force: true });
  for (const input of inputs) keepInput('corpus', target, input);
}
