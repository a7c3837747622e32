// dimse-scu echo: does the peer answer, and how fast.

import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { describeStatus, verification } from '@x/dimse';
import type { EchoOptions } from '../options/options.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { hex, Output } from '../results/output.ts';

export async function echo(connecting: Connecting & { readonly options: EchoOptions }): Promise<number> {
  const { peer, options } = connecting;
  const output = new Output(options);
  await using session = await connect(connecting, [verification]);
  for (let round = 1; round <= options.repeat; round++) {
    const begun = performance.now();
    const { status } = await session.use(verification).echo();
    const milliseconds = Number((performance.now() - begun).toFixed(3));
    const words = `${peerText(peer)} answered: ${describeStatus(status)}, ${milliseconds} ms`;
    output.result(words, {
      peer: peerText(peer),
      status: hex(status),
      milliseconds,
    });
  }
  return ExitCode.Success;
}
