// Results on stdout: a readable line each, or a JSON object a line.

import { withoutControls } from '@x/cli/without-controls';
import type { CommonOptions } from '../options/options.ts';
import { hideProgress } from './progress.ts';

export class Output {
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;

  constructor({ json, quiet }: Pick<CommonOptions, 'json' | 'quiet'>) {
    this.#isJson = json;
    this.#isQuiet = quiet;
  }

  /** Details are lines that follow the readable one. */
  result(line: string, value: object, details: readonly string[] = []): void {
    if (this.#isQuiet) return;
    if (process.stdout.isTTY) hideProgress();
    const readable = () => [line, ...details].map(withoutControls).join('\n');
    process.stdout.write(`${this.#isJson ? JSON.stringify(value) : readable()}\n`);
  }
}

/** Settles when all that was written has left the process. */
export function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** A status as four hexadecimal digits. */
export function hex(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}
