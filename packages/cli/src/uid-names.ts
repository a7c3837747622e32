// SOP classes and transfer syntaxes on the command line: UIDs, or their keywords or names (PS3.6 Annex A).

import { isUid, SopClass, TransferSyntax, uidName } from '@x/dimse';
import { InvalidArgumentError } from 'commander';
import { nearestWord } from './nearest-word.ts';
import { withChoices } from './option-values.ts';

/** Parses a SOP class: `CTImageStorage`, `CT Image Storage` or a UID. @throws InvalidArgumentError for unknown names */
export const sopClass = named('SOP class', SopClass);

/** Parses a transfer syntax: `JPEGBaseline8Bit`, its name or a UID. @throws InvalidArgumentError for unknown names */
export const transferSyntax = named('transfer syntax', TransferSyntax);

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
