// What became of each file: counted, printed, and kept in a report.

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { UsageError } from '@x/cli/program';
import type { Output } from './output.ts';

/** What became of a file. */
export interface StoreResult {
  readonly file: string;
  readonly result: 'sent' | 'warning' | 'failed' | 'skipped';
  readonly sopClass?: string;
  readonly sopInstance?: string;
  /** Four hexadecimal digits, where the peer answered. */
  readonly status?: string;
  readonly reason?: string;
}

export class StoreReport {
  readonly counts = { sent: 0, warning: 0, failed: 0, skipped: 0 };
  /** Bytes of the data sets that were sent. */
  bytes = 0;
  readonly #output: Output;
  readonly #file: WriteStream | undefined;

  constructor(output: Output, file?: WriteStream) {
    this.#output = output;
    this.#file = file;
  }

  add(result: StoreResult, length = 0): void {
    this.counts[result.result]++;
    if (result.result === 'sent' || result.result === 'warning') this.bytes += length;
    const reason = result.reason ? `: ${result.reason}` : '';
    this.#output.result(`${result.result.padEnd(7)} ${result.file}${reason}`, result);
    this.#file?.write(`${JSON.stringify(result)}\n`);
  }

  /** Prints the sums, and settles when the report is written. */
  async close(milliseconds: number): Promise<void> {
    const { sent, warning, failed, skipped } = this.counts;
    const seconds = milliseconds / 1000;
    const megabytes = this.bytes / 1e6;
    const rate = seconds > 0 ? megabytes / seconds : 0;
    const warnings = warning > 0 ? `, ${warning} with warnings` : '';
    this.#output.result(
      `${sent + warning} sent${warnings}, ${failed} failed, ${skipped} skipped: ${megabytes.toFixed(1)} MB in ${seconds.toFixed(2)} s, ${rate.toFixed(1)} MB/s`,
      { summary: this.counts, bytes: this.bytes, milliseconds: Math.round(milliseconds) },
    );
    if (this.#file) {
      this.#file.end();
      await once(this.#file, 'close');
    }
  }
}

/** @throws UsageError when the file cannot be written. */
export async function openReportFile(path: string): Promise<WriteStream> {
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
  } catch (error) {
    throw new UsageError(`the report cannot be written: ${(error as Error).message}`);
  }
  return file;
}
