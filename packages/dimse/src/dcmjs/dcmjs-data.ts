// The forms in which dcmjs has data sets and files, and the parts of dcmjs that are used here. dcmjs has no types of its own.

/** An element as dcmjs has it: `{ vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane' }] }`. */
export interface DenaturalizedElement {
  /** Value representation. */
  readonly vr: string;
  /** The values. Bytes are `ArrayBuffer`s; several of them are the frames of encapsulated pixel data. */
  readonly Value?: unknown;
  /** The text of numbers before it was read, which dcmjs writes if the numbers have not changed. */
  readonly _rawValue?: unknown;
  /** Bytes in Base64 (PS3.18 §F.2.7). */
  readonly InlineBinary?: string;
  /** The address of the bytes (PS3.18 §F.2.6). */
  readonly BulkDataURI?: string;
}

/** A denaturalized data set, such as `dict` of a `DicomDict`: elements by tag, eight hexadecimal digits. */
export interface DenaturalizedDataSet {
  [tag: string]: DenaturalizedElement;
}

/** A naturalized data set of dcmjs: values by keyword, and in `_vrMap` the VRs that do not follow from the keyword. */
export interface NaturalizedDataSet {
  [name: string]: unknown;
}

/** A file as dcmjs reads and writes it: `DicomMessage.readFile(bytes)`. */
export interface DicomDict {
  /** Group 0002, the file meta information. */
  meta: DenaturalizedDataSet;
  /** The data set. */
  dict: DenaturalizedDataSet;
  /** The bytes of the file. */
  write(options?: object): ArrayBuffer;
}

/** The parts of dcmjs that are used here: the default export of the package. */
export interface Dcmjs {
  /** The export `data`. */
  readonly data: {
    /** Makes a file of its meta information. */
    readonly DicomDict: new (
      meta: DenaturalizedDataSet,
    ) => DicomDict;
    /** The data dictionary of dcmjs. */
    readonly DicomMetaDictionary: {
      /** Entries by tag, such as `(0010,0010)`: the keyword is their `name`. */
      readonly dictionary: Readonly<Record<string, { readonly name: string } | undefined>>;
      /** Makes values by keyword of elements by tag. */
      naturalizeDataset(dataSet: DenaturalizedDataSet): NaturalizedDataSet;
    };
  };
}

/** How data sets of dcmjs are read. */
export interface FromDcmjsOptions {
  /**
   * The transfer syntax that the data set is meant for. It decides whether one value of Pixel Data is a native image or
   * the only frame of an encapsulated one. Default: the one in `_meta` if the data set has it; otherwise one value is
   * native and several values are encapsulated.
   */
  readonly transferSyntax?: string;
}

/** The value representations that not every version of dcmjs has. It reads the others from files as UN, as bytes. */
export const NOT_IN_DCMJS: ReadonlySet<string> = new Set(['OL', 'OV', 'SV', 'UV']);
