// dimse-scu echo: whether the peer answers, and how fast.

import { integer } from '@x/cli/option-values';
import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { describeStatus, verification } from '@x/dimse';
import { option } from '../options/parameters.ts';
import { hex } from '../output/output.ts';
import { connect } from '../peer/connect.ts';
import { peerVerb } from '../verb.ts';

export const echo = peerVerb({
  name: 'echo',
  description: 'verifies that the peer answers',
  examples: ['ARCHIVE@10.0.0.5:104 --repeat 3', '10.0.0.5 --tls --tls-ca ca.pem'],
  parameters: [option('--repeat <number>', 'number of requests', integer(1), 1)],
  async run(connecting) {
    const { peer, options, output } = connecting;
    await using session = await connect(connecting, [verification]);
    for (let round = 1; round <= options.repeat; round++) {
      const begun = performance.now();
      const { status } = await session.use(verification).echo();
      const milliseconds = Number((performance.now() - begun).toFixed(3));
      const words = `${peerText(peer)} answered: ${describeStatus(status)}, ${milliseconds} ms`;
      output.result(words, { peer: peerText(peer), status: hex(status), milliseconds });
    }
    return ExitCode.Success;
  },
});
