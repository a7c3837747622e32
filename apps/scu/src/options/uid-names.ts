// Lists of transfer syntaxes on the command line.

import { choicesOf, withChoices } from '@x/cli/option-values';
import { transferSyntax } from '@x/cli/uid-names';

/** Collects transfer syntaxes. `keep` adds none: a configuration file sets the option of all verbs, and store takes that word. */
export const furtherTransferSyntaxes = withChoices(
  (text: string, before: readonly string[] | undefined = []) =>
    text === 'keep' ? before : [...before, transferSyntax(text)],
  choicesOf(transferSyntax),
);
