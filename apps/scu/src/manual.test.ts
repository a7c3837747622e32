// The manual page and the completion scripts follow from the definitions of the verbs, and are read by the programs of a system.

import { rmSync } from 'node:fs';
import { completionScript } from '@x/cli/completion';
import { application, isInstalled } from '@x/testing/processes';
import { commandFolder, completedByBash, roffWarnings, syntaxErrors } from '@x/testing/terminal-programs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine } from './command-line.ts';
import { scuManual } from './manual.ts';
import { VERBS } from './verb-list.ts';

describe('the manual page', () => {
  test('has each verb, and each of its options once in its section or among the common ones', () => {
    const page = scuManual().replaceAll('\\-', '-');
    for (const verb of createCommandLine(VERBS, () => {}).commands) {
      if (verb.name() === 'help') continue;
      const section = new RegExp(`^\\.SS ${verb.name()}\\n(.*?)(?=^\\.S[SH] )`, 'ms').exec(page)?.[1] ?? '';
      const common = page.slice(page.indexOf('.SH COMMON OPTIONS'));
      for (const { flags } of verb.createHelp().visibleOptions(verb)) {
        if (flags.includes('--help')) continue;
        const found = [section, common].filter((part) => part.includes(`.B ${flags}\n`));
        expect(found, `${verb.name()} ${flags}`).toHaveLength(1);
      }
    }
  });

  test.skipIf(!isInstalled('groff'))('is formatted by groff without a warning', () => {
    expect(roffWarnings(scuManual())).toBe('');
  });
});

describe('completion', () => {
  let path = '';
  beforeAll(() => {
    path = commandFolder('dimse-scu', application('scu'));
  });
  afterAll(() => rmSync(path, { recursive: true }));

  test.each([
    ['dimse-scu ec', ['echo']],
    ['dimse-scu find ARCHIVE@127.0.0.1:104 --mod', ['--model']],
    ['dimse-scu find ARCHIVE@127.0.0.1:104 --level PAT', ['PATIENT']],
    ['dimse-scu completion fi', ['fish']],
  ])('of bash completes `%s`', async (line, expected) => {
    expect(completedByBash(await completionScript('dimse-scu', 'bash'), line, path)).toEqual(expected);
  });

  test.each(['bash', 'zsh', 'fish'] as const)('has a script that %s can read', async (shell) => {
    if (!isInstalled(shell)) return;
    expect(syntaxErrors(shell, await completionScript('dimse-scu', shell))).toBe('');
  });
});
