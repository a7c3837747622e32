// A report of the instances that were sent, one JSON object per line, from which a later run can continue.

import type { StoreOutcome } from './store-outcome.ts';

/** The outcome of an instance, as a line of a report. */
export interface StoreReportLine {
  /** The path, if the instance is a file. */
  readonly file?: string;
  /** See `StoreOutcome.result`. */
  readonly result: StoreOutcome['result'];
  /** SOP Class UID, if known. */
  readonly sopClass?: string;
  /** SOP Instance UID, if known. */
  readonly sopInstance?: string;
  /** The transfer syntax in which it was sent, if that is another than its own. */
  readonly sentTransferSyntax?: string;
  /** The status of the response: four hexadecimal digits. */
  readonly status?: string;
  /** The reason for a warning or failure, in words. */
  readonly reason?: string;
}

/** The line of a report for an outcome. `JSON.stringify` makes it text. */
export function storeReportLine(outcome: StoreOutcome): StoreReportLine {
  const { path, result, sopClass, sopInstance, sentTransferSyntax, status, reason } = outcome;
  return {
    ...(path !== undefined && { file: path }),
    result,
    ...(sopClass !== undefined && { sopClass }),
    ...(sopInstance !== undefined && { sopInstance }),
    ...(sentTransferSyntax !== undefined && { sentTransferSyntax }),
    ...(status !== undefined && { status: status.toString(16).toUpperCase().padStart(4, '0') }),
    ...(reason !== undefined && { reason }),
  };
}

/**
 * The SOP Instance UIDs that a report lists as sent, or as skipped because they had been sent before. The last line and any
 * line before an empty line may be incomplete, because writing may have been interrupted.
 * @throws SyntaxError with the number of a line that is not part of a report.
 */
export async function sentBefore(lines: Iterable<string> | AsyncIterable<string>): Promise<ReadonlySet<string>> {
  const sent = new Set<string>();
  let number = 0;
  let broken: SyntaxError | undefined;
  for await (const line of lines) {
    number++;
    const isEmpty = line.trim() === '';
    if (broken && !isEmpty) throw broken;
    broken = undefined;
    if (isEmpty) continue;
    const { result, sopInstance } = parsed(line);
    if (result === undefined) broken = new SyntaxError(`line ${number} is not part of a report: ${line.slice(0, 60)}`);
    else if (sopInstance !== undefined && result !== 'failed') sent.add(sopInstance);
  }
  return sent;
}

function parsed(line: string): Partial<StoreReportLine> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
