// dimse-scu dump: what a capture file recorded, or one side of a connection, as a ladder of what both sides said.

import { createReadStream } from 'node:fs';
import { summarizeMessage } from '@x/cli/conversation';
import { ExitCode, UsageError } from '@x/cli/program';
import { decodeCommandSet, uidName } from '@x/dimse';
import { renderPdu, summarizePdu } from '@x/net';
import { type CapturedFault, type CapturedPdu, CaptureError, type Endpoint, readConversations } from '@x/net/capture';
import type { DumpOptions } from '../options/options.ts';
import { Output } from '../results/output.ts';

/** @throws UsageError for a file that is no capture; the system's error. */
export async function dump(path: string, options: DumpOptions): Promise<number> {
  const output = new Output(options);
  const messages = new Map<string, Uint8Array[]>();
  let exitCode: number | undefined;
  try {
    for await (const said of readConversations(createReadStream(path))) {
      exitCode ??= ExitCode.Success;
      if ('fault' in said) exitCode = ExitCode.Failure;
      for (const words of describe(said, messages, options.verbose)) print(output, said, words);
    }
  } catch (error) {
    if (error instanceof CaptureError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
  if (exitCode === undefined) throw new UsageError(`${path}: nobody speaks DICOM in this capture`);
  return exitCode;
}

/** What to show of it: messages for the fragments that carry their commands. */
function* describe(
  said: CapturedPdu | CapturedFault,
  messages: Map<string, Uint8Array[]>,
  verbose: number,
): Generator<string> {
  if ('fault' in said) {
    yield `cannot be understood from here on: ${said.fault.message}`;
    return;
  }
  const { pdu } = said;
  if (pdu.type !== 'P-DATA-TF') {
    yield verbose > 0 ? renderPdu(pdu, { nameOf: uidName }) : summarizePdu(pdu);
    return;
  }
  if (verbose > 1) yield summarizePdu(pdu);
  for (const { contextId, kind, last, fragments } of pdu.values) {
    if (kind !== 'command') continue;
    const key = `${said.conversation} ${said.byRequestor} ${contextId}`;
    const parts = [...(messages.get(key) ?? []), ...fragments].slice(0, MOST_PARTS);
    messages.set(key, last ? [] : parts);
    if (last) yield messageText(Buffer.concat(parts));
  }
}

/** A command set in more parts is not to fill our memory. */
const MOST_PARTS = 100;

function messageText(bytes: Uint8Array): string {
  try {
    return summarizeMessage(decodeCommandSet(bytes));
  } catch (error) {
    return `a command set that cannot be read: ${(error as Error).message}`;
  }
}

function print(output: Output, said: CapturedPdu | CapturedFault, words: string): void {
  const { conversation, time, from, to, byRequestor } = said;
  // Bytes that were saved without packets have no time.
  const at = time === 0 ? undefined : new Date(time).toISOString();
  // The requestor stands on the left, whoever speaks.
  const [left, right] = (byRequestor ? [from, to] : [to, from]).map(endpointText);
  const [first = '', ...rest] = words.split('\n');
  const line = `${at ? `${at.slice(11, 23)}  ` : ''}#${conversation}  ${left} ${byRequestor ? '──▶' : '◀──'} ${right}  ${first}`;
  const value = {
    ...(at && { time: at }),
    conversation,
    from: endpointText(from),
    to: endpointText(to),
    byRequestor,
    ...('fault' in said ? { fault: said.fault.message } : { type: said.pdu.type }),
    summary: first,
  };
  output.result(line, value, rest);
}

function endpointText({ address, port }: Endpoint): string {
  if (port === 0) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
