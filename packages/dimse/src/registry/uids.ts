// The syntax of UIDs (PS3.5 §9.1) and their names (PS3.6 Annex A).

import { NAMES } from './uids.generated.ts';

/**
 * Whether text is a UID: numbers joined by dots, at most 64 characters. A UID is safe as the name of a file. Leading zeros
 * are accepted: the standard forbids them, but some instances have them.
 */
export function isUid(text: string): boolean {
  return text.length <= 64 && UID.test(text);
}

const UID = /^\d+(?:\.\d+)*$/;

/** The name of a SOP class or transfer syntax; the UID itself if its name is unknown. */
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
