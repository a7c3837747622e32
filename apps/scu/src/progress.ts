// A bar on stderr, where stderr is a terminal.

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
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% | {files}/{totalFiles} files | {rate} MB/s | {eta_formatted} left',
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
    },
    cliProgress.Presets.shades_classic,
  );
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
