// dimse-scu replay: sends recorded requests again, and compares the responses with the recorded ones.

import { createReadStream } from 'node:fs';
import { summarizeMessage } from '@x/cli/conversation';
import { ExitCode, UsageError } from '@x/cli/program';
import { describeStatus } from '@x/dimse';
import { type ReplayedRequest, replayConversations } from '@x/dimse/replay';
import { CaptureError, readConversations } from '@x/net/capture';
import { argument } from '../options/parameters.ts';
import { hex, type Output } from '../output/output.ts';
import { type Connecting, peerOptions } from '../peer/connect.ts';
import { peerVerb } from '../verb.ts';

export const replay = peerVerb({
  name: 'replay',
  description: 'sends the requests of recorded traffic again, and compares the responses',
  examples: ['ARCHIVE@10.0.0.5:104 conversation.pcapng'],
  parameters: [argument('<file>', 'a capture file: pcapng, pcap, or the bytes of a connection')],
  run: (connecting) => sendAgain(connecting, connecting.options.file),
});

/** @throws UsageError if the file is not a capture; errors of the file system */
async function sendAgain(connecting: Connecting, path: string): Promise<number> {
  const { output, signal } = connecting;
  const { timeouts, ...peer } = peerOptions(connecting);
  // Each response to a recorded request has the same timeout.
  const { response, retrieve: _, ...others } = timeouts;
  const to = { ...peer, timeouts: others, signal, ...(response !== undefined && { responseTimeout: response }) };
  let requests = 0;
  let exitCode: number = ExitCode.Success;
  try {
    for await (const replayed of replayConversations(readConversations(createReadStream(path)), to)) {
      requests++;
      if (!isAsRecorded(replayed)) exitCode = ExitCode.Failure;
      print(output, replayed);
    }
  } catch (error) {
    if (error instanceof CaptureError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
  if (requests === 0) throw new UsageError(`${path}: this capture contains no DICOM requests`);
  return exitCode;
}

/** A request without a recorded response only has to be answered. */
function isAsRecorded({ status, recordedStatus }: ReplayedRequest): boolean {
  return status !== undefined && (recordedStatus === undefined || status === recordedStatus);
}

function print(output: Output, replayed: ReplayedRequest): void {
  const { conversation, command, status, recordedStatus, error } = replayed;
  const now = status === undefined ? (error?.message ?? 'no response') : describeStatus(status);
  const then = recordedStatus === undefined ? 'no response recorded' : `recorded: ${describeStatus(recordedStatus)}`;
  const comparison = isAsRecorded(replayed) && recordedStatus !== undefined ? 'as recorded' : then;
  const summary = summarizeMessage(command);
  const line = `#${conversation}  ${summary}: ${now} (${comparison})`;
  const value = {
    conversation,
    request: summary,
    ...(status !== undefined && { status: hex(status) }),
    ...(recordedStatus !== undefined && { recordedStatus: hex(recordedStatus) }),
    ...(error && { error: error.message }),
  };
  if (isAsRecorded(replayed)) output.result(line, value);
  else output.failedResult(line, value);
}
