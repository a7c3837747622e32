// Results on stdout: one readable line each, or one JSON object per line.

import type { ProgramContext } from '@x/cli/program';
import { withoutControls } from '@x/cli/without-controls';
import type { OutputOptions } from '../options/shared-options.ts';
import { type ByteProgress, type CountProgress, ProgressBar } from './progress.ts';

export class Output {
  readonly #options: OutputOptions;
  readonly #stdout: ProgramContext['stdout'];
  readonly #bar: ProgressBar;

  constructor(options: OutputOptions, { stdout, stderr }: Pick<ProgramContext, 'stdout' | 'stderr'>) {
    this.#options = options;
    this.#stdout = stdout;
    this.#bar = new ProgressBar(stderr, !options.quiet && (options.verbose ?? 0) === 0);
  }

  /** Prints a result: `line` and the lines of `details`, or `value` as JSON. */
  result(line: string, value: object, details: readonly string[] = []): void {
    if (this.#options.quiet) return;
    if (this.#stdout.isTTY) this.#bar.hide();
    const readable = () => [line, ...details].map(withoutControls).join('\n');
    this.#stdout.write(`${this.#options.json ? JSON.stringify(value) : readable()}\n`);
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

/** A status as four hexadecimal digits. */
export function hex(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}
