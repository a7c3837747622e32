// dimse-scu dump: a DICOM file element by element, or recorded traffic as a ladder of PDUs and messages.

import { createReadStream } from 'node:fs';
import { summarizeMessage } from '@x/cli/conversation';
import { ExitCode, UsageError } from '@x/cli/program';
import { decodeCommandSet, NotDicomError, uidName } from '@x/dimse';
import { type DicomFile, openDicomFile } from '@x/dimse/data-set';
import { renderPdu, summarizePdu } from '@x/net';
import { type CapturedFault, type CapturedPdu, CaptureError, type Endpoint, readConversations } from '@x/net/capture';
import { dumpFile } from '../files/file-dump.ts';
import { argument } from '../options/parameters.ts';
import { OUTPUT_OPTIONS } from '../options/shared-options.ts';
import type { Output } from '../output/output.ts';
import { localVerb } from '../verb.ts';

export const dump = localVerb({
  name: 'dump',
  description: 'shows a DICOM file, or recorded traffic: pcapng, pcap, or the bytes of a connection',
  examples: ['image.dcm', 'conversation.pcapng -v'],
  parameters: [argument('<file>', 'a DICOM file or a capture file'), ...OUTPUT_OPTIONS],
  async run({ options, output }) {
    await using file = await openIfDicom(options.file);
    // Awaited, because the file is closed on return.
    if (file) return await printFile(file, output);
    return printCapture(options.file, output, options.verbose);
  },
});

/** Undefined if it is not a DICOM file. @throws the error of the file system */
async function openIfDicom(path: string): Promise<DicomFile | undefined> {
  try {
    return await openDicomFile(path);
  } catch (error) {
    if (error instanceof NotDicomError) return undefined;
    throw error;
  }
}

async function printFile(file: DicomFile, output: Output): Promise<number> {
  const { heading, lines, faults, ...value } = await dumpFile(file);
  output.result(heading, { file: file.path, ...value }, lines);
  for (const fault of faults) output.failure(`${file.path}: ${fault}`, { file: file.path, fault });
  return faults.length > 0 ? ExitCode.Failure : ExitCode.Success;
}

/** @throws UsageError if the file is not a capture; errors of the file system */
async function printCapture(path: string, output: Output, verbose: number): Promise<number> {
  const messages = new Map<string, Uint8Array[]>();
  let exitCode: number | undefined;
  try {
    for await (const said of readConversations(createReadStream(path))) {
      exitCode ??= ExitCode.Success;
      if ('fault' in said) exitCode = ExitCode.Failure;
      for (const words of describe(said, messages, verbose)) print(output, said, words);
    }
  } catch (error) {
    if (error instanceof CaptureError) throw new UsageError(`${path}: ${error.message}, nor is it a DICOM file`);
    throw error;
  }
  if (exitCode === undefined) throw new UsageError(`${path}: this capture contains no DICOM traffic`);
  return exitCode;
}

/** The texts to print for a PDU: for P-DATA-TF, one for each message whose command set ends in it. */
function* describe(
  said: CapturedPdu | CapturedFault,
  messages: Map<string, Uint8Array[]>,
  verbose: number,
): Generator<string> {
  if ('fault' in said) {
    yield `cannot be decoded from here on: ${said.fault.message}`;
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

/** Limits the memory for a command set that never ends. */
const MOST_PARTS = 100;

function messageText(bytes: Uint8Array): string {
  try {
    return summarizeMessage(decodeCommandSet(bytes));
  } catch (error) {
    return `a command set that cannot be decoded: ${(error as Error).message}`;
  }
}

function print(output: Output, said: CapturedPdu | CapturedFault, words: string): void {
  const { conversation, time, from, to, byRequestor } = said;
  // The raw bytes of a connection have no time.
  const at = time === 0 ? undefined : new Date(time).toISOString();
  // The requestor is always on the left.
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
  if ('fault' in said) output.failedResult(line, value, rest);
  else output.result(line, value, rest);
}

function endpointText({ address, port }: Endpoint): string {
  if (port === 0) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
