// The data dictionary (PS3.6 §6), which is dcmjs's. The only file that knows dcmjs.

/// <reference path="./dcmjs.d.ts" />

import dcmjs from 'dcmjs';

/** An attribute the standard knows. */
export interface Attribute {
  /** `0xggggeeee`. */
  readonly tag: number;
  /** `PatientName`. */
  readonly keyword: string;
  /** Two letters, or one of those that the standard leaves open: `OB or OW`, `US or SS`, `US or SS or OW`. */
  readonly vr: string;
}

/** The attribute with this tag, where the standard knows one; for repeating groups (60xx) that of the first. */
export function attributeByTag(tag: number): Attribute | undefined {
  return dictionary().byTag.get(tag) ?? repeating(tag);
}

/** The attribute with this keyword, where the standard knows one; retired ones too. */
export function attributeByKeyword(keyword: string): Attribute | undefined {
  return dictionary().byKeyword.get(keyword);
}

/** The value representation (PS3.6 §6) of an attribute by its keyword; undefined for one the standard does not know. */
export function valueRepresentationOf(keyword: string): string | undefined {
  return attributeByKeyword(keyword)?.vr;
}

/** The tag, `0xggggeeee`, of an attribute by its keyword (PS3.6 §6); undefined for one the standard does not know. */
export function tagOf(keyword: string): number | undefined {
  return attributeByKeyword(keyword)?.tag;
}

/** The keyword of an attribute by its tag, `0xggggeeee` (PS3.6 §6); undefined for one the standard does not know. */
export function keywordOf(tag: number): string | undefined {
  return dictionary().byTag.get(tag)?.keyword;
}

/** The keywords of all attributes the standard knows (PS3.6 §6); retired ones too. */
export function attributeKeywords(): Iterable<string> {
  return dictionary().byKeyword.keys();
}

// Libraries do not write to the console.
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
