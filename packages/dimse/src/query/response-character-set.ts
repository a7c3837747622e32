// The Specific Character Set of a C-FIND response (PS3.4 §C.4.1.1.3.2, PS3.3 §C.12.1.1.2).

import { isElement, isPersonName, values } from '../data-set/access.ts';
import { characterSet } from '../data-set/character-set.ts';
import { valueRepresentationOf } from '../data-set/data-dictionary.ts';
import { isRecord, type UntypedDataSet } from '../data-set/data-set-values.ts';
import { termsOf } from '../data-set/text-values.ts';
import { valueRepresentation } from '../data-set/value-representations.ts';

/**
 * The value of Specific Character Set for a response: that of the request if it has every character, else ISO_IR 192.
 * Undefined if the default repertoire has every character, because the response then has no such attribute.
 */
export function responseCharacterSet(response: UntypedDataSet, requested: unknown): unknown {
  const foreign = [...foreignTexts(response)];
  if (foreign.length === 0) return undefined;
  const terms = termsOf(requested);
  const set = terms && characterSet(terms);
  return set && foreign.every((text) => hasAll(set, text)) ? requested : 'ISO_IR 192';
}

function hasAll(set: NonNullable<ReturnType<typeof characterSet>>, text: string): boolean {
  for (const character of text) if (!set.has(character)) return false;
  return true;
}

/** The texts that are not in the default repertoire, of attributes that are encoded in the Specific Character Set. */
function* foreignTexts(dataSet: UntypedDataSet): Generator<string, void, undefined> {
  for (const [keyword, value] of Object.entries(dataSet)) {
    const vr = isElement(value) ? value.vr : valueRepresentationOf(keyword);
    if (vr !== 'SQ' && !(vr !== undefined && valueRepresentation(vr).usesCharacterSet)) continue;
    for (const one of values(value)) {
      // An item may have a character set of its own.
      if (vr === 'SQ') {
        if (isRecord(one) && one.SpecificCharacterSet === undefined) yield* foreignTexts(one);
      } else if (typeof one === 'string') yield* foreign(one);
      else if (isPersonName(one)) for (const group of Object.values(one)) yield* foreign(String(group));
    }
  }
}

function* foreign(text: string): Generator<string, void, undefined> {
  if (/[^\t\n\f\r -~]/.test(text)) yield text;
}
