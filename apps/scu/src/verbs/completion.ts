// dimse-scu completion: a script with which a shell completes the command line.

import { completionScript, shell } from '@x/cli/completion';
import { ExitCode } from '@x/cli/program';
import { argument } from '../options/parameters.ts';
import { localVerb } from '../verb.ts';

export const completion = localVerb({
  name: 'completion',
  description: 'prints a completion script for bash, zsh, fish or powershell: source <(dimse-scu completion bash)',
  examples: ['bash'],
  parameters: [argument('<shell>', 'bash, zsh, fish or powershell', shell)],
  async run({ options, program, stdout }) {
    stdout.write(`${await completionScript(program.name(), options.shell)}\n`);
    return ExitCode.Success;
  },
});
