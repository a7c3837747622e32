// SOP classes and transfer syntaxes on the command line: UIDs, or their keywords or names (PS3.6 Annex A).

import { nearestWord } from '@x/cli/nearest-word';
import { choicesOf, withChoices } from '@x/cli/option-values';
import { isUid, SopClass, TransferSyntax, uidName } from '@x/dimse';
import { InvalidArgumentError } from 'commander';

/** Parses a SOP class: `CTImageStorage`, `CT Image Storage` or a UID. @throws InvalidArgumentError for unknown names */
export const sopClass = named('SOP class', SopClass);

/** Parses a transfer syntax: `JPEGBaseline8Bit`, its name or a UID. @throws InvalidArgumentError for unknown names */
export const transferSyntax = named('transfer syntax', TransferSyntax);

/** Collects transfer syntaxes. `keep` adds none: a configuration file sets the option of all verbs, and store takes that word. */
export const furtherTransferSyntaxes = withChoices(
  (text: string, before: readonly string[] | undefined = []) =>
    text === 'keep' ? before : [...before, transferSyntax(text)],
  choicesOf(transferSyntax),
);

function named(what: string, uids: Readonly<Record<string, string>>) {
  const entries = Object.entries(uids);
  const parse = (text: string): string => {
    if (isUid(text)) return text;
    const wanted = plain(text);
    const found = entries.find(([keyword, uid]) => plain(keyword) === wanted || plain(uidName(uid)) === wanted);
    if (found) return found[1];
    const near = nearestWord(text, Object.keys(uids));
    throw new InvalidArgumentError(
      `'${text}' is neither a UID nor the name of a ${what}${near ? `; did you mean '${near}'?` : ''}`,
    );
  };
  return withChoices(parse, () => entries.map(([keyword, uid]) => [keyword, uid] as const));
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
}
