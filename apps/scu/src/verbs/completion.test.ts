// Completion in real shells: the command lines that a user types, and the words that the shell offers.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { application, isInstalled, run } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

const folder = mkdtempSync(join(tmpdir(), 'completion-'));
const bin = join(folder, 'bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };

beforeAll(async () => {
  mkdirSync(bin);
  for (const name of ['scu', 'scp'] as const)
    writeFileSync(join(bin, `dimse-${name}`), `#!/bin/sh\nexec '${process.execPath}' '${application(name)}' "$@"\n`, {
      mode: 0o755,
    });
  writeFileSync(join(folder, 'scu.yaml'), 'peers:\n  archive: A@127.0.0.1:104\n  modality: CT@[::1]:11112\n');
  writeFileSync(join(folder, 'image.dcm'), '');
  for (const shell of ['bash', 'zsh', 'fish'])
    for (const [name, args] of [
      ['scu', ['completion', shell]],
      ['scp', ['--completion', shell]],
    ] as const)
      writeFileSync(join(folder, `${name}.${shell}`), (await run(join(bin, `dimse-${name}`), args)).stdout);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Lines, and words that the shell must offer for them. */
const LINES: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['dimse-scu sto', ['store']],
  ['dimse-scu store A@h:104 --par', ['--parallel']],
  ['dimse-scu echo --tls-c', ['--tls-ca', '--tls-cert']],
  ['dimse-scu find A@h:104 --level S', ['STUDY', 'SERIES']],
  ['dimse-scu find A@h:104 --model ', ['study', 'patient']],
  ['dimse-scu echo h --tls-profile bcp195-n', ['bcp195-nd']],
  ['dimse-scu ups A@h:104 su', ['subscribe']],
  ['dimse-scu mpps A@h:104 ', ['create', 'set']],
  ['dimse-scu ups A@h:104 change-state --state IN', ['IN-PROGRESS']],
  ['dimse-scu find A@h:104 --key PatientBirthD', ['PatientBirthDate']],
  [
    'dimse-scu worklist A@h:104 --key ScheduledProcedureStepSequence.Modali',
    ['ScheduledProcedureStepSequence.Modality'],
  ],
  ['dimse-scu echo --config scu.yaml ', ['archive', 'modality']],
  ['dimse-scp --promis', ['--promiscuous-called']],
  ['dimse-scp --log-format ', ['pretty', 'json']],
  ['dimse-scp forw', ['forward']],
  ['dimse-scp forward ', ['list', 'retry', 'cancel']],
  ['dimse-scp forward retry --des', ['--destination']],
  ['dimse-scp delete --stu', ['--study']],
];

/** Runs a program of a shell that prints `=== ` before what it offers for each line. */
function offers(shell: string, args: readonly string[], script: string, lines: readonly string[]): readonly string[] {
  const text = execFileSync(shell, [...args, script, ...(shell === 'fish' ? [] : [shell]), ...lines], {
    encoding: 'utf8',
    env,
    cwd: folder,
    stdio: 'pipe',
  });
  const [, ...offered] = text.split('=== ');
  expect(offered).toHaveLength(lines.length);
  return offered;
}

const BASH = String.raw`
  . scu.bash; . scp.bash
  compopt() { :; }
  for line; do
    COMP_LINE=$line COMP_POINT=${'$'}{#line} COMPREPLY=()
    read -a COMP_WORDS <<< "$line"
    function=$(complete -p "${'$'}{COMP_WORDS[0]}" | sed 's/.*-F \([^ ]*\).*/\1/')
    printf '=== '
    "$function"
    printf '%s\n' "${'$'}{COMPREPLY[@]}"
  done`;
const FISH = `
  source scu.fish; source scp.fish
  for line in $argv; printf '=== '; complete -C $line; end`;
// Types each line and a tab at a terminal. The list appears before the prompt of the next line.
const ZSH = String.raw`
  zmodload zsh/zpty
  zpty -b terminal zsh -f -i
  say() { zpty -w terminal "$1" }
  say 'autoload -U compinit; compinit -D -u; PS1=; LISTMAX=0; COLUMNS=200; LINES=100'
  say 'source scu.zsh; source scp.zsh'
  say 'show() { zle list-choices; print; print -r -- E""ND; zle kill-buffer; }; zle -N show; bindkey "^I" show'
  say 'print READ""Y'
  zpty -r terminal text '*READY*'
  zpty -n -w terminal "$1"$'\t'; zpty -r terminal text '*END*'
  for line in "${'$'}{@:2}" ''; do
    zpty -n -w terminal "$line"$'\t'
    text=; zpty -r terminal text '*END*'
    print -r -- "=== $text"
  done
  zpty -d terminal`;

describe.each([
  ['bash', ['--norc', '-c'], BASH],
  ['fish', ['--no-config', '-c'], FISH],
  ['zsh', ['-f', '-c'], ZSH],
])('%s', (shell, args, script) => {
  test.runIf(isInstalled(shell))(
    'completes verbs, options, values, keywords and peers',
    () => {
      const found = offers(
        shell,
        args,
        script,
        LINES.map(([line]) => line),
      );
      for (const [index, [line, offered]] of LINES.entries())
        for (const word of offered) expect(`${line}: ${found[index]}`).toContain(`${word}`);
    },
    120_000,
  );
});

test.runIf(isInstalled('bash'))(
  'bash completes the value after an equals sign, and runs no command in the line',
  () => {
    const [value] = offers('bash', ['--norc', '-c'], BASH, ['dimse-scu find A@h --level=SE']);
    expect(value?.trim()).toBe('SERIES');
    offers('bash', ['--norc', '-c'], BASH, ['dimse-scu echo $(touch\tran) --tls-c']);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  },
  60_000,
);

test.runIf(isInstalled('fish'))(
  'fish shows descriptions, and completes files',
  () => {
    const [verb, file] = offers('fish', ['--no-config', '-c'], FISH, ['dimse-scu ech', 'dimse-scu store A@h:104 ima']);
    expect(verb).toBe('echo\tverifies that the peer answers\n');
    expect(file).toContain('image.dcm');
  },
  60_000,
);

test.runIf(isInstalled('zsh'))(
  'zsh shows descriptions, and completes files',
  () => {
    const [verb, file] = offers('zsh', ['-f', '-c'], ZSH, ['dimse-scu ech', 'dimse-scu store A@h:104 ']);
    expect(verb).toContain('-- verifies that the peer answers');
    expect(file).toContain('image.dcm');
  },
  60_000,
);

test('writes a script for PowerShell, and rejects other shells', async () => {
  expect((await scu(['completion', 'powershell'])).stdout).toContain(
    "Register-ArgumentCompleter -CommandName 'dimse-scu'",
  );
  expect(await scu(['completion', 'tcsh'])).toMatchObject({ exitCode: 2 });
});

test('lists the peers of the configuration file', async () => {
  expect(await scu(['peers', '--config', join(folder, 'scu.yaml')])).toMatchObject({
    exitCode: 0,
    stdout: 'archive   A@127.0.0.1:104\nmodality  CT@[::1]:11112\n',
  });
});
