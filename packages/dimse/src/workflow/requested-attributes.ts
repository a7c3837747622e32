// The attributes that an N-GET requests (PS3.7 §10.1.2).

import { tagOf } from '../data-set/data-dictionary.ts';
import type { UntypedDataSet } from '../data-set/dataset.ts';
import { byKeyword } from '../data-set/misfits.ts';

/**
 * The attributes with these tags, or all of them if the request lists none, and the tags of those that are absent. The
 * Specific Character Set is always included, because the texts need it.
 */
export function requestedAttributes(
  all: UntypedDataSet,
  identifiers: readonly number[],
): { readonly attributes: UntypedDataSet; readonly absent: readonly number[] } {
  if (identifiers.length === 0) return { attributes: all, absent: [] };
  const requested = new Set(identifiers);
  const found = Object.entries(byKeyword(all)).filter(([key, value]) => {
    if (value === undefined) return false;
    return requested.delete(tagOf(key) ?? -1) || key === 'SpecificCharacterSet';
  });
  return { attributes: Object.fromEntries(found), absent: [...requested] };
}
