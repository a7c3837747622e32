// The data dictionary (PS3.6 §6). It is read from its table when the first attribute is looked up.

import type { AttributeKinds } from './attribute-types.generated.ts';
import { ATTRIBUTES } from './attributes.generated.ts';

/** The keyword of an attribute of the standard (PS3.6 §6), including retired ones. */
export type Keyword = keyof AttributeKinds;

/** An attribute of the standard. */
export interface Attribute {
  /** `0xggggeeee`; of a repeating group, the tag in the first group. */
  readonly tag: number;
  /** `PatientName`; empty if the standard has withdrawn the meaning of the attribute. */
  readonly keyword: string;
  /** Two letters, or some that depend on the value: `OB or OW`, `US or SS`, `US or OW`, `US or SS or OW`. */
  readonly vr: string;
  /** The value multiplicity (PS3.5 §6.4): `1`, `3`, `1-n`, `2-2n` … */
  readonly vm: string;
  readonly isRetired: boolean;
}

/**
 * The attribute with this tag, if the standard has one. A tag of a repeating group (60xx) gives the attribute of the
 * first group.
 */
export function attributeByTag(tag: number): Attribute | undefined {
  const { byTag, repeating } = dictionary();
  const attribute = byTag.get(tag);
  if (attribute || (tag >>> 16) % 2 !== 0) return attribute;
  for (const [mask, attributes] of repeating) {
    const found = attributes.get((tag & mask) >>> 0);
    if (found && mayRepeat(tag, mask)) return found;
  }
  return undefined;
}

/** The attribute with this keyword, if the standard has one, including retired ones. */
export function attributeByKeyword(keyword: string): Attribute | undefined {
  return dictionary().byKeyword.get(keyword);
}

/**
 * The value representation (PS3.6 §6) of an attribute by its keyword; undefined if the standard has no such attribute.
 */
export function valueRepresentationOf(keyword: string): string | undefined {
  return attributeByKeyword(keyword)?.vr;
}

/**
 * The tag, `0xggggeeee`, of an attribute by its keyword (PS3.6 §6); undefined if the standard has no such attribute.
 */
export function tagOf(keyword: string): number | undefined {
  return attributeByKeyword(keyword)?.tag;
}

/** The keyword of an attribute by its tag, `0xggggeeee` (PS3.6 §6); undefined if the standard has no such attribute. */
export function keywordOf(tag: number): string | undefined {
  return dictionary().byTag.get(tag)?.keyword || undefined;
}

/** The keywords of all attributes of the standard (PS3.6 §6), including retired ones. */
export function attributeKeywords(): Iterable<string> {
  return dictionary().byKeyword.keys();
}

interface Dictionary {
  readonly byTag: ReadonlyMap<number, Attribute>;
  readonly byKeyword: ReadonlyMap<string, Attribute>;
  /** By the digits of the tag that do not vary, and then by these digits. */
  readonly repeating: ReadonlyMap<number, ReadonlyMap<number, Attribute>>;
}

let built: Dictionary | undefined;

function dictionary(): Dictionary {
  built ??= build();
  return built;
}

function build(): Dictionary {
  const byTag = new Map<number, Attribute>();
  const byKeyword = new Map<string, Attribute>();
  const repeating = new Map<number, Map<number, Attribute>>();
  let group = '';
  for (const line of ATTRIBUTES.trim().split('\n')) {
    const [place, vrs, ...rest] = line.split(' ') as [string, string, ...string[]];
    const written = place.length === 4 ? group + place : place;
    group = written.slice(0, 4);
    // Keywords do not begin with a digit.
    const vm = /^\d/.test(rest[0] ?? '') ? (rest.shift() as string) : '1';
    const [word, retired] = rest as [string, string?];
    const [keyword, vr] = [propertyName(word), propertyName(vrs.replaceAll('/', ' or '))];
    const lowest = Number.parseInt(written.replaceAll('x', '0'), 16);
    // (0028,0400) is an attribute of its own, beside those of (0028,04x0), which begin with (0028,0410).
    const tag = byTag.has(lowest) ? Number.parseInt(written.replaceAll('x', '1'), 16) : lowest;
    const attribute = { tag, keyword, vr, vm, isRetired: retired !== undefined };
    byTag.set(tag, attribute);
    if (keyword !== '') byKeyword.set(keyword, attribute);
    if (!written.includes('x')) continue;
    const mask = Number.parseInt(written.replace(/[^x]/g, 'F').replaceAll('x', '0'), 16);
    const sameMask = repeating.get(mask) ?? new Map<number, Attribute>();
    repeating.set(mask, sameMask.set(lowest, attribute));
  }
  return { byTag, byKeyword, repeating };
}

/**
 * The same text, as the engine keeps names of properties. Data sets have them as keys, and comparing and finding them is
 * faster than with a part of the table.
 */
function propertyName(text: string): string {
  return Object.keys({ [text]: true })[0] as string;
}

/** Curves, overlays and variable pixel data repeat in the even groups from 00 to 1E only (PS3.5 §7.6). */
function mayRepeat(tag: number, mask: number): boolean {
  return mask !== 0xff00ffff || ((tag >>> 16) & 0xff) <= 0x1e;
}
