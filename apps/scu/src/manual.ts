// The manual page of dimse-scu.

import { EXIT_CODES, manualPage } from '@x/cli/manual-page';
import { createCommandLine, version } from './command-line.ts';
import { VERBS } from './verb-list.ts';

export function scuManual(): string {
  const program = createCommandLine(VERBS, () => {});
  return manualPage(program, { source: `@x/scu ${version()}`, exitCodes: EXIT_CODES, seeAlso: ['dimse-scp(1)'] });
}
