// UIDs: whether text is one (PS3.5 §9.1), and their names for people (PS3.6 Annex A).

import { NAMES } from './uids.generated.ts';

/**
 * Whether text is a UID: numbers joined by dots, 64 characters at most. What peers send need not be; what is may become
 * the name of a file. Leading zeros, which the standard forbids but instances have, are let pass.
 */
export function isUid(text: string): boolean {
  return text.length <= 64 && UID.test(text);
}

const UID = /^\d+(?:\.\d+)*$/;

/** The name of a SOP class or transfer syntax; the UID itself if it has none here. */
export function uidName(uid: string): string {
  names ??= new Map(
    NAMES.trim()
      .split('\n')
      .map((line) => {
        const space = line.indexOf(' ');
        return [line.slice(0, space), line.slice(space + 1)];
      }),
  );
  return names.get(uid) ?? uid;
}

let names: ReadonlyMap<string, string> | undefined;
