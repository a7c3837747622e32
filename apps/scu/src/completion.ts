// dimse-scu completion: what a shell needs to complete our command line.

import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script for the shell, made from the verbs and options there are. */
export function completionScript(shell: Shell, program: Command): string {
  const name = program.name();
  const verbs = program.commands.map((verb) => ({
    name: verb.name(),
    description: verb.description(),
    options: verb.options.map(({ long, description }) => ({ name: long ?? '', description })),
  }));
  if (shell === 'fish') return fish(name, verbs);
  // zsh understands what is written for bash.
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash(name, verbs)}` : bash(name, verbs);
}

interface Word {
  readonly name: string;
  readonly description: string;
}
type Verb = Word & { readonly options: readonly Word[] };

function bash(name: string, verbs: readonly Verb[]): string {
  const cases = verbs.map((verb) => `    ${verb.name}) words='${namesOf(verb.options)}' ;;`);
  return [
    `_${identifier(name)}() {`,
    `  local current=\${COMP_WORDS[COMP_CWORD]} words=`,
    `  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W '${namesOf(verbs)}' -- "$current")); return; fi`,
    '  case $current in -*) ;; *) COMPREPLY=($(compgen -f -- "$current")); return ;; esac',
    `  case \${COMP_WORDS[1]} in`,
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    `complete -o filenames -F _${identifier(name)} ${name}`,
    '',
  ].join('\n');
}

function fish(name: string, verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${verb.name} -d ${quoted(verb.description)}`,
    ...verb.options.map(
      (option) =>
        `complete -c ${name} -n '__fish_seen_subcommand_from ${verb.name}' -l ${option.name.slice(2)} -d ${quoted(option.description)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
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
