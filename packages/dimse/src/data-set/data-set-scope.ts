// The state that a data set passes on to its later elements and to the items of its sequences (PS3.5 §7.5.3, §A.1).

import { characterSet, termsForLabels } from './character-set.ts';
import { DataSetError } from './data-set-error.ts';
import { impliedVr } from './data-set-values.ts';
import { PIXEL_REPRESENTATION, SPECIFIC_CHARACTER_SET } from './tags.ts';
import { shownTerms, termsOf } from './text-values.ts';

export interface Scope {
  /** Whether Pixel Representation (0028,0103) is 1. */
  readonly isSigned: boolean;
  /** Specific Character Set. */
  readonly terms: readonly string[] | undefined;
}

/** The state at the beginning of a data set. */
export const OUTERMOST_SCOPE: Scope = { isSigned: false, terms: undefined };

/**
 * The state after an element. If faults are told, a character set that is not a defined term is one. If it is unknown, text is
 * read without it.
 */
export function scopeAfter(scope: Scope, tag: number, value: unknown, faults: Faults | undefined): Scope {
  if (tag === PIXEL_REPRESENTATION) return { ...scope, isSigned: value === 1 };
  if (tag !== SPECIFIC_CHARACTER_SET) return scope;
  const terms = termsOf(value);
  const fault = faults && characterSetFault(terms);
  if (fault) faults?.tell(fault, tag);
  return { ...scope, terms: fault && terms && !termsForLabels(terms) ? undefined : terms };
}

/** The fault of terms that are not defined: they are unknown, or labels that are read as they are meant. */
export function characterSetFault(terms: readonly string[] | undefined): DataSetError | undefined {
  if (!terms || characterSet(terms)) return undefined;
  const meant = termsForLabels(terms);
  const what = meant
    ? `names ${shownTerms(terms)}, which the standard does not allow; it is read as ${shownTerms(meant)}`
    : 'names an unknown character set';
  return new DataSetError(what, { tag: SPECIFIC_CHARACTER_SET });
}

/** The value representation in implicit VR: the dictionary's; if that depends on the value, §A.1 decides.  */
export function implicitVr(tag: number, isSigned: boolean): string {
  const vr = impliedVr(tag) ?? 'UN';
  if (vr.length === 2) return vr;
  if (vr !== 'US or SS') return 'OW';
  return isSigned ? 'SS' : 'US';
}

/** Is told why a value could not be read. */
export type FaultListener = (fault: DataSetError) => void;

/** The faults of a data set that is read as far as possible. */
export class Faults {
  readonly #listener: FaultListener;
  #told = 0;

  constructor(listener: FaultListener) {
    this.#listener = listener;
  }

  /** Tells why an element is left out; false if so many were that the rest is not to be read. @throws another error */
  tell(error: unknown, tag: number | undefined): boolean {
    if (!(error instanceof DataSetError) || error.limit !== undefined) throw error;
    // Creating an error is expensive, so a hostile peer may not cause an unlimited number.
    if (this.#told === MOST_FAULTS) return false;
    this.#told++;
    const isOwn = tag === undefined || error.tag === tag || error.items.length > 0;
    this.#listener(
      isOwn
        ? error
        : new DataSetError(`was not read: ${error.message}`, {
            tag,
            cause: error,
          }),
    );
    return true;
  }
}

const MOST_FAULTS = 64;
