// Names of UIDs, for people: PS3.6 Annex A.

import { NAMES } from './uids.generated.ts';

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
