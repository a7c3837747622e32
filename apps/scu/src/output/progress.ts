// A progress bar on stderr, if stderr is a terminal.

import { readline } from '@x/cli/node-modules';
import type { OutputStream } from '@x/cli/program';
import type { SingleBar } from 'cli-progress';
import { cliProgress } from './on-demand.ts';

export interface ByteProgress {
  /** So many bytes and files more are to be transferred. */
  expect(bytes: number, files: number): void;
  /** Counts one file more, of so many bytes. */
  advance(bytes: number): void;
  stop(): void;
}

export interface CountProgress {
  /** @param remaining How many are still to come, if known. */
  at(done: number, remaining: number | undefined): void;
  stop(): void;
}

export class ProgressBar {
  readonly #stderr: OutputStream;
  readonly #isShown: boolean;
  #bar: SingleBar | undefined;

  /** @param isWanted Whether to show a bar if stderr is a terminal. */
  constructor(stderr: OutputStream, isWanted: boolean) {
    this.#stderr = stderr;
    this.#isShown = isWanted && stderr.isTTY === true;
  }

  bytes(totalBytes: number, totalFiles: number): ByteProgress {
    if (!this.#isShown) return { expect: () => {}, advance: () => {}, stop: () => {} };
    const begun = performance.now();
    let [files, expectedBytes, expectedFiles] = [0, totalBytes, totalFiles];
    const figures = { files, totalFiles, rate: '–' };
    const bar = this.#start('{files}/{totalFiles} files | {rate} MB/s', totalBytes, figures);
    let bytes = 0;
    return {
      expect: (moreBytes, moreFiles) => {
        expectedBytes += moreBytes;
        expectedFiles += moreFiles;
        bar.setTotal(expectedBytes);
      },
      advance: (length) => {
        bytes += length;
        files++;
        const rate = (bytes / 1e6 / ((performance.now() - begun) / 1000)).toFixed(1);
        bar.increment(length, { files, totalFiles: expectedFiles, rate });
      },
      stop: () => bar.stop(),
    };
  }

  count(): CountProgress {
    if (!this.#isShown) return { at: () => {}, stop: () => {} };
    const begun = performance.now();
    const bar = this.#start('{value}/{total} instances | {rate}/s', 0, { rate: '–' });
    return {
      at: (done, remaining = 0) => {
        bar.setTotal(Math.max(done + remaining, bar.getTotal()));
        bar.update(done, { rate: (done / ((performance.now() - begun) / 1000)).toFixed(1) });
      },
      stop: () => bar.stop(),
    };
  }

  /** Clears the line of the bar for a result on the same terminal. The bar is drawn again below it. */
  hide(): void {
    if (!this.#bar?.isActive) return;
    readline().cursorTo(this.#stderr, 0);
    readline().clearLine(this.#stderr, 1);
  }

  #start(figures: string, total: number, values: object): SingleBar {
    const { Presets, SingleBar } = cliProgress();
    const bar = new SingleBar(
      {
        format: `{bar} {percentage}% | ${figures} | {eta_formatted} left`,
        stream: this.#stderr as NodeJS.WritableStream,
        hideCursor: true,
        clearOnComplete: true,
        etaBuffer: 50,
      },
      Presets.shades_classic,
    );
    bar.start(total, 0, values);
    this.#bar = bar;
    return bar;
  }
}
