// dimse-scu peers: the peers that the configuration file names.

import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { CONFIGURATION_OPTION, OUTPUT_OPTIONS } from '../options/shared-options.ts';
import { tableLines } from '../output/table.ts';
import { localVerb } from '../verb.ts';

export const peers = localVerb({
  name: 'peers',
  description: 'lists the peers that the configuration file names',
  examples: ['--config scu.yaml'],
  parameters: [...OUTPUT_OPTIONS, CONFIGURATION_OPTION],
  async run({ peers: named, output }) {
    const rows = [...named].map(([name, address]) => [name, peerText(address)] as const);
    const lines = tableLines([{ heading: '' }, { heading: '' }], rows);
    for (const [index, [name, peer]] of rows.entries()) output.result(lines[index] ?? '', { name, peer });
    return ExitCode.Success;
  },
});
