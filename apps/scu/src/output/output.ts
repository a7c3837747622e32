// Results on stdout: one readable line each, or one JSON object per line. Failures on stderr, also with --quiet.

import type { ProgramContext } from '@x/cli/program';
import { withoutControls } from '@x/cli/without-controls';
import type { OutputOptions } from '../options/shared-options.ts';
import { type ByteProgress, type CountProgress, ProgressBar } from './progress.ts';

export class Output {
  readonly #options: OutputOptions;
  readonly #stdout: ProgramContext['stdout'];
  readonly #stderr: ProgramContext['stderr'];
  readonly #bar: ProgressBar;

  constructor(options: OutputOptions, { stdout, stderr }: Pick<ProgramContext, 'stdout' | 'stderr'>) {
    this.#options = options;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#bar = new ProgressBar(stderr, !options.quiet && (options.verbose ?? 0) === 0);
  }

  /** Prints a result: `line` and the lines of `details`, or `value` as JSON. */
  result(line: string, value: object, details: readonly string[] = []): void {
    if (this.#options.quiet) return;
    if (this.#stdout.isTTY) this.#bar.hide();
    this.#stdout.write(`${this.#options.json ? JSON.stringify(value) : readable([line, ...details])}\n`);
  }

  /** Prints the failure of one of several things on stderr, and also its `value` as JSON if results are JSON. */
  failure(line: string, value: object): void {
    this.#complain(line);
    if (this.#options.json) this.result(line, value);
  }

  /** Prints a result that is a failure as a whole. Without results, its line is printed on stderr. */
  failedResult(line: string, value: object, details: readonly string[] = []): void {
    if (this.#options.quiet) this.#complain(line);
    else this.result(line, value, details);
  }

  #complain(line: string): void {
    if (this.#stderr.isTTY) this.#bar.hide();
    this.#stderr.write(`${readable([line])}\n`);
  }

  /** Shows how many of the bytes have been sent, the rate and the time left. */
  showBytes(totalBytes: number, totalFiles: number): ByteProgress {
    return this.#bar.bytes(totalBytes, totalFiles);
  }

  /** Shows how many instances have been transferred, of how many, the rate and the time left. */
  showCount(): CountProgress {
    return this.#bar.count();
  }
}

function readable(lines: readonly string[]): string {
  return lines.map(withoutControls).join('\n');
}

/** A status as four hexadecimal digits. */
export function hex(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}
