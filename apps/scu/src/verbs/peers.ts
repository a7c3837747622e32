// dimse-scu peers: the peers that the configuration file names.

import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { CONFIGURATION_OPTION, OUTPUT_OPTIONS } from '../options/shared-options.ts';
import { localVerb } from '../verb.ts';

export const peers = localVerb({
  name: 'peers',
  description: 'lists the peers that the configuration file names',
  examples: ['--config scu.yaml'],
  parameters: [...OUTPUT_OPTIONS, CONFIGURATION_OPTION],
  async run({ peers: named, output }) {
    for (const [name, address] of named)
      output.result(`${name}  ${peerText(address)}`, { name, peer: peerText(address) });
    return ExitCode.Success;
  },
});
