// The types of data sets: the values that are read from each attribute of the standard, and those that may be written.

import type { AttributeKinds } from './attribute-types.generated.ts';
import type { Keyword } from './data-dictionary.ts';
import type { PersonName } from './person-name.ts';

/**
 * A data set as it is read. Keys are keywords (`PatientID`); an attribute that the data set does not have is `undefined`.
 * The value representation (VR) and the value multiplicity (VM) of the dictionary give the type of its value:
 *
 * | VR | a value | without a value |
 * |---|---|---|
 * | AE AS CS DA DT LO LT SH ST TM UC UI UR UT | string, without insignificant spaces | `''` |
 * | DS IS, FL FD SL SS UL US | number | `null` |
 * | SV UV | bigint | `null` |
 * | AT | number, `0xggggeeee` | `null` |
 * | PN | `PersonName`: `{ Alphabetic: 'Doe^Jane' }` | `null` |
 * | OB OD OF OL OV OW UN | Uint8Array, with its words in little endian for every transfer syntax; an array of them for encapsulated pixel data, the offset table first | `null` |
 * | SQ | array of data sets | `[]` |
 *
 * An attribute whose VM is not 1 is always an array of these values, which is empty without a value. Among several values,
 * empty ones are `''` or `null`.
 *
 * The data set also holds elements that have no type here, by their tag in eight hexadecimal digits: private attributes,
 * those that are not in the dictionary, and values that do not have the VR or the VM of the dictionary. See `elementOf`,
 * `privateValue` and `misfits`.
 */
export type DataSet = { readonly [K in Keyword]?: ReadValue<AttributeKinds[K]> | undefined };

/**
 * A data set as it may be written, or the identifier of a query. In addition to the values that are read: a string for a PN,
 * DS, IS or AT; one value for an array; a number for SV and UV; `''` or `null` for an attribute without a value. An attribute
 * of VM 1 may have several values in the identifier of a query, of which any matches (PS3.4 §C.2.2.2.2); dates may be ranges.
 * A key with `undefined` is ignored. See `withElements` and `withPrivate` for elements that are not in the dictionary.
 */
export type DataSetInput = { readonly [K in Keyword]?: WrittenValue<AttributeKinds[K]> | undefined };

/**
 * The identifier of a query as its provider reads it. It is a data set in which a key of VM 1 may also be an array of
 * several values; these are not misfits, nor is text in DS and IS.
 */
export type Identifier = { readonly [K in Keyword]?: ReadKey<AttributeKinds[K]> | undefined };

/**
 * A data set as a dictionary: from keywords, and tags in eight hexadecimal digits, to values. For code that takes attributes
 * by names which it does not know in advance. A `DataSet` is one, and it can be used as a `DataSetInput`.
 */
export interface UntypedDataSet {
  readonly [key: string]: unknown;
}

/** A value with its value representation, as private attributes have it. */
export interface Element {
  /** Value representation, two capitals. */
  readonly vr: string;
  /** The value, in the form that attributes of this value representation have. */
  readonly value: unknown;
}

type TextVr = 'AE' | 'AS' | 'CS' | 'DA' | 'DT' | 'LO' | 'LT' | 'SH' | 'ST' | 'TM' | 'UC' | 'UI' | 'UR' | 'UT';
type NumberVr = 'FD' | 'FL' | 'SL' | 'SS' | 'UL' | 'US';

type ReadValue<Kind extends string> = Kind extends 'SQ'
  ? readonly DataSet[]
  : Kind extends 'US or OW[]'
    ? readonly number[] | Uint8Array
    : Kind extends `${infer Vr}[]`
      ? readonly ReadMember<Vr>[]
      : Kind extends TextVr
        ? string
        : Kind extends 'OB or OW'
          ? Uint8Array | readonly Uint8Array[] | null
          : ReadOne<Kind> | null;

/** A value as it is read. */
type ReadOne<Vr> = Vr extends TextVr
  ? string
  : Vr extends NumberVr | 'AT' | 'DS' | 'IS'
    ? number
    : Vr extends 'SV' | 'UV'
      ? bigint
      : Vr extends 'PN'
        ? PersonName
        : Uint8Array;

/** One of several values. Numbers in binary are never empty. */
type ReadMember<Vr> = Vr extends 'DS' | 'IS' | 'PN' ? ReadOne<Vr> | null : ReadOne<Vr>;

type WrittenValue<Kind extends string> = Kind extends 'SQ'
  ? readonly DataSetInput[] | null
  : Kind extends 'US or OW[]'
    ? WrittenOne<'US'> | readonly WrittenOne<'US'>[] | Uint8Array
    : Kind extends `${infer Vr}[]`
      ? WrittenOne<Vr> | readonly WrittenOne<Vr>[]
      : WrittenOne<Kind> | readonly WrittenOne<Kind>[];

/** A value as it may be written, or its absence. */
type WrittenOne<Vr> = Vr extends TextVr
  ? string | null
  : Vr extends NumberVr
    ? number | '' | null
    : Vr extends 'DS' | 'IS' | 'AT'
      ? number | string | null
      : Vr extends 'SV' | 'UV'
        ? bigint | number | '' | null
        : Vr extends 'PN'
          ? PersonName | string | null
          : Uint8Array | ArrayBuffer | '' | null;

type ReadKey<Kind extends string> = Kind extends 'SQ'
  ? readonly Identifier[]
  : Kind extends 'DS' | 'IS'
    ? number | string | null | readonly (number | string | null)[]
    : Kind extends 'DS[]' | 'IS[]'
      ? readonly (number | string | null)[]
      : Kind extends `${string}[]` | 'OB or OW'
        ? ReadValue<Kind>
        : ReadValue<Kind> | readonly ReadMember<Kind>[];
