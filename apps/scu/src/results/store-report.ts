// The results of a transfer: counted, printed (failures on stderr), and written to a report file.

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UsageError } from '@x/cli/program';
import { NotSentError, type StoreOutcome, type StoreReportLine, sentBefore, storeReportLine, uidName } from '@x/dimse';
import type { Output } from '../output/output.ts';
import { systemErrorText } from '../peer/explain-error.ts';

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

  /** @param reason For the user, instead of that of the outcome. */
  addOutcome(outcome: StoreOutcome, reason: string | undefined): void {
    const { reason: _, ...line } = storeReportLine(outcome);
    // The end of the whole transfer is one error, which is reported once.
    const isToldApart = !(outcome.error instanceof NotSentError);
    this.add({ ...line, ...(reason !== undefined && { reason }) }, outcome.length, isToldApart);
  }

  /** @param isToldApart Whether a failure is printed on stderr. */
  add(result: StoreReportLine, length = 0, isToldApart = true): void {
    this.counts[result.result]++;
    if (result.result === 'sent' || result.result === 'warning') this.bytes += length;
    const reason = result.reason ? `: ${result.reason}` : '';
    const { sentTransferSyntax: sentAs } = result;
    const form = sentAs === undefined ? '' : ` (decompressed: ${uidName(sentAs)})`;
    const line = `${result.result.padEnd(7)} ${result.file}${form}${reason}`;
    if (result.result === 'failed' && isToldApart) this.#output.failure(line, result);
    else this.#output.result(line, result);
    this.#file?.write(`${JSON.stringify(result)}\n`);
  }

  /** Prints the totals. Settles when the report file is complete. */
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

/** The instances that the report of an earlier run lists as sent. @throws UsageError if the report cannot be read */
export async function sentByReport(path: string | undefined, isResumed: boolean): Promise<ReadonlySet<string>> {
  if (!isResumed) return new Set();
  if (path === undefined) throw new UsageError('--resume needs --report: the report of the earlier run');
  try {
    await using file = await open(path);
    return await sentBefore(file.readLines());
  } catch (error) {
    throw new UsageError(`the report ${path} cannot be resumed: ${systemErrorText(error as Error)}`);
  }
}

/** @throws UsageError if the file cannot be written */
export async function openReportFile(path: string, isResumed: boolean): Promise<WriteStream> {
  const file = createWriteStream(path, { flags: isResumed ? 'a' : 'w' });
  try {
    await once(file, 'open');
    // Separates new lines from a last line that may be incomplete.
    if (isResumed) file.write('\n\n');
  } catch (error) {
    throw new UsageError(`the report ${path} cannot be written: ${systemErrorText(error as Error)}`);
  }
  return file;
}
