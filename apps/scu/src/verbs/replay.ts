// dimse-scu replay: the requests of a recorded conversation, said again to a peer, and whether it answers as was recorded.

import { createReadStream } from 'node:fs';
import { summarizeMessage } from '@x/cli/conversation';
import { ExitCode, UsageError } from '@x/cli/program';
import { describeStatus } from '@x/dimse';
import { type ReplayedRequest, replayConversations } from '@x/dimse/replay';
import { CaptureError, readConversations } from '@x/net/capture';
import { type Connecting, peerOptions } from '../peer/connect.ts';
import { hex, Output } from '../results/output.ts';

/** @throws UsageError for a file that is no capture; the system's error. */
export async function replay(connecting: Connecting, path: string): Promise<number> {
  const { options, signal } = connecting;
  const output = new Output(options);
  const { timeouts, ...peer } = peerOptions(connecting);
  const { response, ...others } = timeouts;
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
  if (requests === 0) throw new UsageError(`${path}: nobody requests anything in this capture`);
  return exitCode;
}

/** What the record has no answer to has only to be answered. */
function isAsRecorded({ status, recordedStatus }: ReplayedRequest): boolean {
  return status !== undefined && (recordedStatus === undefined || status === recordedStatus);
}

function print(output: Output, replayed: ReplayedRequest): void {
  const { conversation, command, status, recordedStatus, error } = replayed;
  const now = status === undefined ? (error?.message ?? 'no answer') : describeStatus(status);
  const then = recordedStatus === undefined ? 'no answer in the record' : `recorded: ${describeStatus(recordedStatus)}`;
  const comparison = isAsRecorded(replayed) && recordedStatus !== undefined ? 'as recorded' : then;
  const summary = summarizeMessage(command);
  output.result(`#${conversation}  ${summary}: ${now} (${comparison})`, {
    conversation,
    request: summary,
    ...(status !== undefined && { status: hex(status) }),
    ...(recordedStatus !== undefined && { recordedStatus: hex(recordedStatus) }),
    ...(error && { error: error.message }),
  });
}
