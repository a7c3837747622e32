// The manual page and the completion scripts follow from the options, and are read by the programs of a system.

import { rmSync } from 'node:fs';
import { completionScript } from '@x/cli/completion';
import { application, isInstalled } from '@x/testing/processes';
import { commandFolder, completedByBash, roffWarnings, syntaxErrors } from '@x/testing/terminal-programs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wholeCommandLine } from './command-line.ts';
import { scpManual } from './manual.ts';

describe('the manual page', () => {
  test('has each option of the archive and of its commands', () => {
    const page = scpManual().replaceAll('\\-', '-');
    const whole = wholeCommandLine();
    for (const command of [whole, ...whole.commands])
      for (const { flags } of command.createHelp().visibleOptions(command))
        if (!flags.includes('--help')) expect(page).toContain(`.B ${flags}\n`);
    expect(whole.commands.map((each) => each.name())).toEqual(['delete', 'forward']);
  });

  test.skipIf(!isInstalled('groff'))('is formatted by groff without a warning', () => {
    expect(roffWarnings(scpManual())).toBe('');
  });
});

describe('completion', () => {
  let path = '';
  beforeAll(() => {
    path = commandFolder('dimse-scp', application('scp'));
  });
  afterAll(() => rmSync(path, { recursive: true }));

  test.each([
    ['dimse-scp --ae', ['--aet']],
    ['dimse-scp --log-format js', ['json']],
    ['dimse-scp for', ['forward']],
    ['dimse-scp delete --stu', ['--study']],
  ])('of bash completes `%s`', async (line, expected) => {
    expect(completedByBash(await completionScript('dimse-scp', 'bash'), line, path)).toEqual(expected);
  });

  test.each(['bash', 'zsh', 'fish'] as const)('has a script that %s can read', async (shell) => {
    if (!isInstalled(shell)) return;
    expect(syntaxErrors(shell, await completionScript('dimse-scp', shell))).toBe('');
  });
});
