// dimse-scu completion: a script with which a shell completes the command line.

import { oneOf } from '@x/cli/option-values';
import { ExitCode } from '@x/cli/program';
import type { Command } from 'commander';
import { argument } from '../options/parameters.ts';
import { localVerb } from '../verb.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export const completion = localVerb({
  name: 'completion',
  description: 'prints a completion script for bash, zsh or fish: source <(dimse-scu completion bash)',
  examples: ['bash'],
  parameters: [argument('<shell>', SHELLS.join(', '), oneOf(...SHELLS))],
  async run({ options, program, stdout }) {
    stdout.write(completionScript(options.shell, program));
    return ExitCode.Success;
  },
});

/** Makes the script from the verbs and options of the command line. */
function completionScript(shell: Shell, program: Command): string {
  const name = program.name();
  const verbs = program.commands.map((verb) => ({
    name: verb.name(),
    description: verb.description(),
    takesPeer: verb.registeredArguments[0]?.name() === 'peer',
    options: verb.options.map(({ long, description }) => ({ name: long ?? '', description })),
  }));
  if (shell === 'fish') return fish(name, verbs);
  // zsh can run the script for bash.
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash(name, verbs)}` : bash(name, verbs);
}

interface Word {
  readonly name: string;
  readonly description: string;
}
type Verb = Word & {
  readonly options: readonly Word[];
  /** Whether its first argument is a peer. */
  readonly takesPeer: boolean;
};

/** Completes verbs, options, the peers of the file after --config, and file names everywhere else. */
function bash(name: string, verbs: readonly Verb[]): string {
  const cases = verbs.map((verb) => `    ${verb.name}) words='${namesOf(verb.options)}' ;;`);
  const withPeers = verbs.filter(({ takesPeer }) => takesPeer).map((verb) => verb.name);
  return [
    `_${identifier(name)}() {`,
    `  local current=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} words= config= at peers=`,
    `  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W '${namesOf(verbs)}' -- "$current")); return; fi`,
    '  case $current in',
    '  -*)',
    '    case $verb in',
    ...cases.map((line) => `  ${line}`),
    '    esac',
    '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '    return ;;',
    '  esac',
    '  for ((at = 2; at < COMP_CWORD; at++)); do',
    `    if [ "\${COMP_WORDS[at]}" = --config ]; then config=\${COMP_WORDS[at + 1]}; fi`,
    '  done',
    `  case " ${withPeers.join(' ')} " in *" $verb "*)`,
    `    case \${COMP_WORDS[COMP_CWORD - 1]} in --*) ;; *)`,
    `      if [ -n "$config" ]; then peers=$(${name} peers --config "$config" 2>/dev/null | cut -d' ' -f1); fi ;;`,
    '    esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$peers" -- "$current") $(compgen -f -- "$current"))',
    '}',
    `complete -o filenames -F _${identifier(name)} ${name}`,
    '',
  ].join('\n');
}

function fish(name: string, verbs: readonly Verb[]): string {
  const withPeers = verbs.filter(({ takesPeer }) => takesPeer).map((verb) => verb.name);
  const peers = `__${identifier(name)}_peers`;
  const lines = verbs.flatMap((verb) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${verb.name} -d ${quoted(verb.description)}`,
    ...verb.options.map(
      (option) =>
        `complete -c ${name} -n '__fish_seen_subcommand_from ${verb.name}' -l ${option.name.slice(2)} -d ${quoted(option.description)}`,
    ),
  ]);
  return [
    `function ${peers}`,
    '  set -l words (commandline -opc)',
    '  set -l at (contains -i -- --config $words); or return',
    `  ${name} peers --config $words[(math $at + 1)] 2>/dev/null | string replace -r ' .*' ''`,
    'end',
    `complete -c ${name} -n '__fish_seen_subcommand_from ${withPeers.join(' ')}' -a '(${peers})'`,
    ...lines,
    '',
  ].join('\n');
}

function namesOf(words: readonly Word[]): string {
  return words.map(({ name }) => name).join(' ');
}

function identifier(name: string): string {
  return name.replace(/\W/g, '_');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
