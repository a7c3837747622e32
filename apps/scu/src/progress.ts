// A line on stderr that shows how far it is, where stderr is a terminal.

/** How far it is. */
export interface Advance {
  /** Of the whole: bytes, or instances. */
  readonly done: number;
  readonly total: number;
  /** What has been done, in words. */
  readonly words: string;
}

/** Shows how many of the bytes have been sent, the rate, and the time left; nothing where nobody looks. */
export function showProgress(totalBytes: number, totalFiles: number, isShown: boolean) {
  let [bytes, files] = [0, 0];
  const line = new ProgressLine(isShown, (seconds) => ({
    done: bytes,
    total: totalBytes,
    words: `${files}/${totalFiles} files | ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`,
  }));
  return {
    advance: (length: number) => {
      bytes += length;
      files++;
    },
    stop: () => line.stop(),
  };
}

/** Shows how many instances are done of how many, the rate, and the time left; nothing where nobody looks. */
export function showCount(isShown: boolean) {
  let [done, total] = [0, 0];
  const line = new ProgressLine(isShown, (seconds) => ({
    done,
    total,
    words: `${done}/${total} instances | ${(done / seconds).toFixed(1)}/s`,
  }));
  return {
    /** So many are done, and so many to come, where that is known. */
    at: (finished: number, remaining = 0) => {
      done = finished;
      total = Math.max(finished + remaining, total);
    },
    stop: () => line.stop(),
  };
}

/** Makes way for a line of results on the same terminal. */
export function hideProgress(): void {
  shown?.hide();
}

let shown: ProgressLine | undefined;

/** The last line of the terminal, drawn again and again. */
class ProgressLine {
  readonly #begun = performance.now();
  readonly #look: (seconds: number) => Advance;
  readonly #timer: NodeJS.Timeout | undefined;
  #isVisible = false;

  constructor(isShown: boolean, look: (seconds: number) => Advance) {
    this.#look = look;
    if (!isShown || !process.stderr.isTTY) return;
    this.#timer = setInterval(() => this.#draw(), REDRAWN_EVERY).unref();
    shown = this;
  }

  hide(): void {
    if (this.#isVisible) process.stderr.write('\r\u001b[K');
    this.#isVisible = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.hide();
    if (shown === this) shown = undefined;
  }

  #draw(): void {
    const seconds = (performance.now() - this.#begun) / 1000;
    const line = progressText(this.#look(seconds), seconds);
    // A line that wraps cannot be drawn over.
    process.stderr.write(`\r${line.slice(0, process.stderr.columns - 1)}\u001b[K`);
    this.#isVisible = true;
  }
}

/** `████░░░░ 50% | words | 12s left` */
export function progressText({ done, total, words }: Advance, seconds: number): string {
  const share = total > 0 ? Math.min(done / total, 1) : 0;
  const filled = Math.round(share * BAR_LENGTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_LENGTH - filled);
  const left = share > 0 ? `${durationText((seconds / share) * (1 - share))} left` : 'beginning';
  return `${bar} ${Math.floor(share * 100)}% | ${words} | ${left}`;
}

/** `45s`, `3m05s`, `2h03m` */
function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours}h${String(minutes).padStart(2, '0')}m`;
  return minutes > 0 ? `${minutes}m${String(whole % 60).padStart(2, '0')}s` : `${whole}s`;
}

const BAR_LENGTH = 30;
/** Milliseconds. */
const REDRAWN_EVERY = 100;
