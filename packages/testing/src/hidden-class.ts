// The hidden classes of V8. Objects that are made often must share one: see `ownGetter`.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Whether V8 has one hidden class for all these objects, and keeps their properties in it rather than in a dictionary for each. */
export function shareHiddenClass(objects: readonly object[]): boolean {
  setFlagsFromString('--allow-natives-syntax');
  try {
    const isShared = runInNewContext('(one, other) => %HaveSameMap(one, other) && %HasFastProperties(other)') as (
      a: object,
      b: object,
    ) => boolean;
    const [first] = objects;
    return first !== undefined && objects.every((each) => isShared(first, each));
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}
