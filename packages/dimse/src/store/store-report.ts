// What became of instances that were stored, a JSON object a line: to be kept, and to go on from.

import type { StoreOutcome } from './instance-sending.ts';

/** What became of an instance. */
export interface StoreReportLine {
  /** The path, where it is a file. */
  readonly file?: string;
  readonly result: StoreOutcome['result'];
  readonly sopClass?: string;
  readonly sopInstance?: string;
  /** What the peer answered: four hexadecimal digits. */
  readonly status?: string;
  readonly reason?: string;
}

/** The line of a report for what became of an instance; `JSON.stringify` makes it text. */
export function storeReportLine(outcome: StoreOutcome): StoreReportLine {
  const { path, result, sopClass, sopInstance, status, reason } = outcome;
  return {
    ...(path !== undefined && { file: path }),
    result,
    ...(sopClass !== undefined && { sopClass }),
    ...(sopInstance !== undefined && { sopInstance }),
    ...(status !== undefined && { status: status.toString(16).toUpperCase().padStart(4, '0') }),
    ...(reason !== undefined && { reason }),
  };
}

/**
 * The SOP instance UIDs that a report says were sent, or skipped because they had been. Its last line may be cut short,
 * and so may one before an empty line: whoever wrote it was interrupted.
 * @throws SyntaxError that names the line which is not one of a report.
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
    if (result === undefined) broken = new SyntaxError(`line ${number} is not one of a report: ${line.slice(0, 60)}`);
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
