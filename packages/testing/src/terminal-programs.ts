// Completion scripts and manual pages, read by the programs of a system.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for PATH with a command that runs a script of Node.js. */
export function commandFolder(name: string, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(path, 0o755);
  return folder;
}

/** Sources the script of bash, and returns the candidates for the end of a command line, one by one. */
export function completedByBash(script: string, line: string, path: string): string[] {
  const [name = ''] = line.split(' ');
  const program = `
    compopt() { :; }
    source /dev/stdin <<'SCRIPT'\n${script}\nSCRIPT
    COMP_LINE=${quoted(line)}
    COMP_POINT=\${#COMP_LINE}
    function=$(complete -p ${name} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    "$function"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync('bash', ['--norc', '-c', program], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path}:${process.env.PATH}` },
  });
  return printed.split('\n').filter((each) => each !== '');
}

/** The errors that a shell has with a script that it reads without running it. */
export function syntaxErrors(shell: 'bash' | 'zsh' | 'fish', script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'script-'));
  try {
    const path = join(folder, 'script');
    writeFileSync(path, script);
    return complaints(shell, [shell === 'fish' ? '--no-execute' : '-n', path]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The warnings and errors that groff has with a manual page. */
export function roffWarnings(page: string): string {
  return complaints('groff', ['-man', '-ww', '-Tutf8', '-z'], page);
}

/** The errors of a program, or its exit status if it fails without one. */
function complaints(program: string, args: readonly string[], input = ''): string {
  const { stderr, status } = spawnSync(program, args, { input, encoding: 'utf8' });
  return stderr === '' && status !== 0 ? `${program} ended with ${status}` : stderr;
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`;
}
