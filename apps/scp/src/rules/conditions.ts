// The conditions of a rule: which instances it applies to.

import { aeTitle } from '@x/cli/option-values';
import { type IdentifierMatcher, prepareMatching, type UntypedDataSet } from '@x/dimse';
import { INDEXED_ATTRIBUTES } from '../instances/archive-index/indexed-attributes.ts';
import { type Fields, listOf, unknown } from './rule-fields.ts';

export interface Conditions {
  /** Calling AE titles; any if absent. */
  readonly calling?: readonly string[];
  /** By keyword, the values of which one must match, as in a query. */
  readonly match: Readonly<Record<string, readonly string[]>>;
}

export const CONDITION_FIELDS = ['calling', 'match'];

const KEYWORDS = INDEXED_ATTRIBUTES.filter(({ computed }) => !computed).map(({ keyword }) => keyword);

/** @throws UsageError with the line and the remedy */
export function conditionsOf(fields: Fields): Conditions {
  const calling = fields.texts('calling').map((title) => fields.attempt('calling', () => aeTitle(title)));
  const match: Record<string, readonly string[]> = {};
  for (const [keyword, wanted] of fields.sections('match', true)) {
    if (!KEYWORDS.includes(keyword)) fields.refuse(unknown('indexed attribute', keyword, KEYWORDS), 'match');
    const texts = listOf(wanted.value);
    if (!texts || texts.length === 0) fields.refuse(`${keyword} needs a text or a list of texts`, 'match');
    for (const text of texts ?? []) fields.attempt('match', () => prepareMatching({ [keyword]: text }));
    match[keyword] = texts ?? [];
  }
  return { ...(calling.length > 0 && { calling }), match };
}

/** Whether the attributes of an instance meet the conditions. The calling AE title is compared by the caller. */
export function matcherOf({ match }: Conditions): (attributes: UntypedDataSet) => boolean {
  const alternatives: readonly (readonly IdentifierMatcher[])[] = Object.entries(match).map(([keyword, values]) =>
    values.map((value) => prepareMatching({ [keyword]: value })),
  );
  return (attributes) => alternatives.every((any) => any.some((one) => one.matches(attributes)));
}
