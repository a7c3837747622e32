// The data dictionary (PS3.6 §6), taken from dcmjs. No other file imports dcmjs.

/// <reference path="./dcmjs.d.ts" />

import dcmjs from 'dcmjs';

/** An attribute of the standard. */
export interface Attribute {
  /** `0xggggeeee`. */
  readonly tag: number;
  /** `PatientName`. */
  readonly keyword: string;
  /** Two letters, or one of those that depend on the value: `OB or OW`, `US or SS`, `US or SS or OW`. */
  readonly vr: string;
}

/**
 * The attribute with this tag, if the standard has one. A tag of a repeating group (60xx) gives the attribute of the
 * first group.
 */
export function attributeByTag(tag: number): Attribute | undefined {
  return dictionary().byTag.get(tag) ?? repeating(tag);
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
  return dictionary().byTag.get(tag)?.keyword;
}

/** The keywords of all attributes of the standard (PS3.6 §6), including retired ones. */
export function attributeKeywords(): Iterable<string> {
  return dictionary().byKeyword.keys();
}

// A library must not write to the console.
dcmjs.log.setLevel('silent');
dcmjs.log.getLogger('validation.dcmjs').setLevel('silent');

interface Dictionary {
  readonly byTag: ReadonlyMap<number, Attribute>;
  readonly byKeyword: ReadonlyMap<string, Attribute>;
}

let built: Dictionary | undefined;

function dictionary(): Dictionary {
  built ??= build();
  return built;
}

function build(): Dictionary {
  const byTag = new Map<number, Attribute>();
  const byKeyword = new Map<string, Attribute>();
  for (const { tag: text, vr: code, name } of Object.values(dcmjs.data.DicomMetaDictionary.nameMap)) {
    const tag = Number.parseInt(text.replace(/\W/g, ''), 16);
    const vr = OPEN_VRS[code] ?? code;
    if (!/^\([0-9A-F]{4},[0-9A-F]{4}\)$/i.test(text) || !/^[A-Z]{2}( or [A-Z]{2})*$/.test(vr)) continue;
    // dcmjs marks retired keywords; the standard does not.
    const keyword = name.replace(RETIRED, '');
    const isRetired = keyword !== name;
    const attribute = { tag, keyword, vr };
    if (!isRetired || !byTag.has(tag)) byTag.set(tag, attribute);
    if (!isRetired || !byKeyword.has(keyword)) byKeyword.set(keyword, attribute);
  }
  return { byTag, byKeyword };
}

const RETIRED = /^RETIRED_/;
const OPEN_VRS: Readonly<Record<string, string>> = { up: 'UL', ox: 'OB or OW', xs: 'US or SS', lt: 'US or SS or OW' };

// Curves and overlays: (50xx,eeee) and (60xx,eeee), xx being even from 00 to 1E (PS3.5 §7.6).
function repeating(tag: number): Attribute | undefined {
  const group = tag >>> 24;
  if ((group !== 0x50 && group !== 0x60) || (tag >>> 16) % 2 !== 0) return undefined;
  return dictionary().byTag.get(group * 0x1000000 + (tag & 0xffff));
}
