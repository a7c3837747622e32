// The Specific Character Set of attributes that are created in one character set and changed in another.

import { isEmptyValue } from './access.ts';
import type { UntypedDataSet } from './data-set-values.ts';

/**
 * The Specific Character Set of attributes after a change. That of N-SET does not replace that of N-CREATE, because both
 * apply to some of the values (PS3.4 §F.7.2.2.3, §CC.2.6.3).
 */
export function mergedCharacterSet(attributes: UntypedDataSet, changes: UntypedDataSet): UntypedDataSet {
  const [before, now] = [attributes.SpecificCharacterSet, changes.SpecificCharacterSet];
  if (isUnset(before) && isUnset(now)) return {};
  if (isUnset(before) || isUnset(now)) return { SpecificCharacterSet: isUnset(now) ? before : now };
  const isSame = JSON.stringify(before) === JSON.stringify(now);
  return { SpecificCharacterSet: isSame ? before : 'ISO_IR 192' };
}

function isUnset(value: unknown): boolean {
  return value === undefined || isEmptyValue(value);
}
