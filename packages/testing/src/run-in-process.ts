// Runs command-line programs inside the test process: for usage errors, formats, and everything else but signals and crashes.

import { Readable, Writable } from 'node:stream';
import type { Outcome } from './processes.ts';

/** The surroundings of a program, as `ProgramContext` of `@x/cli/program` declares them. */
export interface InProcessContext {
  readonly argv: readonly string[];
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly insistence: AbortSignal;
}

export interface InProcessOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The first Ctrl-C aborts it. */
  readonly signal?: AbortSignal;
}

/** Runs a program with these arguments, without a terminal, and collects its output. */
export async function runInProcess(
  program: (context: InProcessContext) => Promise<number>,
  argv: readonly string[],
  { stdin = '', env = {}, signal = new AbortController().signal }: InProcessOptions = {},
): Promise<Outcome & { readonly exitCode: number }> {
  const [stdout, stderr] = [new CollectedText(), new CollectedText()];
  const exitCode = await program({
    argv,
    stdin: Readable.from(stdin === '' ? [] : [stdin]),
    stdout,
    stderr,
    env,
    signal,
    insistence: new AbortController().signal,
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** The values of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

class CollectedText extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
