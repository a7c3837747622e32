// A bar on stderr, where stderr is a terminal.

import { clearLine, cursorTo } from 'node:readline';
import cliProgress from 'cli-progress';

export interface Progress {
  advance(bytes: number): void;
  stop(): void;
}

/** Shows how many of the bytes have been sent, the rate, and the time left; nothing where nobody looks. */
export function showProgress(totalBytes: number, totalFiles: number, isShown: boolean): Progress {
  if (!isShown || !process.stderr.isTTY) return { advance: () => {}, stop: () => {} };
  const begun = performance.now();
  let files = 0;
  const bar = barOf('{files}/{totalFiles} files | {rate} MB/s');
  bar.start(totalBytes, 0, { files, totalFiles, rate: '–' });
  let bytes = 0;
  return {
    advance: (length) => {
      bytes += length;
      files++;
      const rate = (bytes / 1e6 / ((performance.now() - begun) / 1000)).toFixed(1);
      bar.increment(length, { files, totalFiles, rate });
    },
    stop: () => bar.stop(),
  };
}

export interface Count {
  /** So many are done, and so many to come, where that is known. */
  at(done: number, remaining: number | undefined): void;
  stop(): void;
}

/** Shows how many instances are done of how many, the rate, and the time left; nothing where nobody looks. */
export function showCount(isShown: boolean): Count {
  if (!isShown || !process.stderr.isTTY) return { at: () => {}, stop: () => {} };
  const begun = performance.now();
  const bar = barOf('{value}/{total} instances | {rate}/s');
  bar.start(0, 0, { rate: '–' });
  return {
    at: (done, remaining = 0) => {
      bar.setTotal(Math.max(done + remaining, bar.getTotal()));
      bar.update(done, { rate: (done / ((performance.now() - begun) / 1000)).toFixed(1) });
    },
    stop: () => bar.stop(),
  };
}

let shown: cliProgress.SingleBar | undefined;

/** Makes way for a line of results on the same terminal; the bar comes again below it. */
export function hideProgress(): void {
  if (!shown?.isActive) return;
  cursorTo(process.stderr, 0);
  clearLine(process.stderr, 1);
}

function barOf(figures: string): cliProgress.SingleBar {
  shown = new cliProgress.SingleBar(
    {
      format: `{bar} {percentage}% | ${figures} | {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
    },
    cliProgress.Presets.shades_classic,
  );
  return shown;
}
