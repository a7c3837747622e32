// The manual page of dimse-scp.

import { EXIT_CODES, manualPage } from '@x/cli/manual-page';
import { ExitCode } from '@x/cli/program';
import { wholeCommandLine } from './command-line.ts';
import { VERSION } from './version.ts';

export function scpManual(): string {
  const exitCodes = {
    [ExitCode.Success]: 'The archive was told to end, and has ended in an orderly way; or the command succeeded.',
    [ExitCode.Failure]: 'Nothing was deleted.',
    [ExitCode.Usage]: `${EXIT_CODES[ExitCode.Usage]} Or the port, the folder or the database cannot be used.`,
  };
  return manualPage(wholeCommandLine(), { source: `@x/scp ${VERSION}`, exitCodes, seeAlso: ['dimse-scu(1)'] });
}
