// Completion of command lines by shells: their words and values, and the scripts that ask for them.

import type { Complete, Command as TabCommand } from '@bomb.sh/tab';
import type { Argument, Command, Option } from 'commander';
import { type Choices, choicesOf, oneOf } from './option-values.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** Parses the name of a shell. */
export const shell = oneOf(...SHELLS);

/** The first argument with which a script calls the program; `--` and the words of the command line follow it. */
export const COMPLETE = 'complete';

let importTab = () => import('@bomb.sh/tab');

/** Gives the function that imports the package, for a program that `loadProgram` runs: it cannot import by itself. */
export function importTabBy(given: typeof importTab): void {
  importTab = given;
}

/** The script that makes a shell complete the command lines of a program. */
export async function completionScript(name: string, shell: Shell): Promise<string> {
  const { script } = await importTab();
  const text = printed(() => script(shell, name, name));
  return shell === 'bash' ? bashScript(text, name) : text;
}

/**
 * The answer to a script: one candidate a line, with its description after a tab; then a code, which says whether the shell
 * completes file names if there are no candidates.
 * @param words The words after the name of the program; the last one is being typed, and may be empty.
 */
export async function completions(program: Command, words: readonly string[]): Promise<string> {
  const { RootCommand, ShellCompDirective } = await importTab();
  const current = (words.at(-1) ?? '').replace(/^--[^=]*=/, '');
  let isFile = false;
  const handler = (parameter: Option | Argument, form: string): ((complete: Complete) => void) => {
    const choices: Choices | undefined = choicesOf(parameter.parseArg);
    return (complete) => {
      if (!choices) isFile = FILES.test(form);
      for (const [value, description] of choices?.(current) ?? []) complete(value, description);
    };
  };
  const add = (tab: TabCommand, command: Command) => {
    for (const option of command.createHelp().visibleOptions(command)) {
      const { long, short, flags, description } = option;
      const [name, alias] = [long?.slice(2) ?? '', short?.slice(1)];
      if (option.required || option.optional) tab.option(name, description, handler(option, flags), alias);
      else tab.option(name, description, alias);
    }
    for (const argument of command.registeredArguments)
      tab.argument(argument.name(), handler(argument, `<${argument.name()}>`), argument.variadic);
  };
  const root = new RootCommand();
  add(root, program);
  for (const command of program.createHelp().visibleCommands(program))
    add(root.command(command.name(), command.description()), command);
  const lines = printed(() => root.parse([...words])).split('\n');
  // The last line is the code of the library, which never lets the shell complete file names.
  const candidates = lines.filter((line) => line.includes('\t'));
  const { ShellCompDirectiveDefault, ShellCompDirectiveNoFileComp } = ShellCompDirective;
  return [...candidates, `:${isFile ? ShellCompDirectiveDefault : ShellCompDirectiveNoFileComp}`, ''].join('\n');
}

/** Parameters whose values are the names of files or folders. */
const FILES = /<(?:file|folder|path)(?:\.{3})?>/;

/** The library prints to the console. */
function printed(print: () => void): string {
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (text: unknown) => void lines.push(text);
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}

/**
 * Changes the script of the library: it reads the words without the package bash-completion, which is not installed
 * everywhere, and keeps `AET@host:port` whole; it passes the words on without evaluating them; it lets readline complete
 * file names; it completes `--option=value`; and it can be loaded for several programs.
 */
function bashScript(text: string, name: string): string {
  const words = `__${name.replaceAll('-', '_')}_words`;
  const changed = text
    .replace(/^readonly /gm, '')
    .replace('_get_comp_words_by_ref -n "=:" cur prev words cword', words)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the syntax of bash
    .replace('${words[@]:1}"', '$(printf \'%q \' "${words[@]:1}")"')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the syntax of bash
    .replace('-- "$cur") )\n}\n\n# Register', '-- "${cur#--*=}") )\n}\n\n# Register')
    .replace('complete -F', 'complete -o default -F');
  return `${changed}
${words}() {
    read -a words <<< "\${COMP_LINE:0:COMP_POINT}"
    case \${COMP_LINE:0:COMP_POINT} in *' ') words+=('') ;; esac
    cword=$((\${#words[@]} - 1))
    cur=\${words[cword]}
}
`;
}
