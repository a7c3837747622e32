// Labels that files and peers have in (0008,0005) in place of the defined terms of PS3.3 §C.12.1.1.2. They are read, not written.

/** The meaning of a label. */
export interface CharacterSetLabel {
  /** The defined term that is written in its place. */
  readonly term: string;
  /** The name of the encoding for the decoder of the engine. Default: the text is read as the defined term says. */
  readonly encoding?: string;
}

/** The label without regard to case, spaces and punctuation; undefined if it is not known. */
export function characterSetLabel(label: string): CharacterSetLabel | undefined {
  const name = label.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const number = /^IR(\d+)$/.exec(name)?.[1];
  return number === undefined ? LABELS.get(name) : { term: `ISO_IR ${number}` };
}

const UTF_8: CharacterSetLabel = { term: 'ISO_IR 192' };
const GB18030: CharacterSetLabel = { term: 'GB18030' };
/** Text is read as if Specific Character Set was absent. */
const NONE: CharacterSetLabel = { term: 'ISO_IR 192', encoding: '' };
/** Encodings that DICOM does not have: text in them is written in UTF-8. */
const read = (encoding: string): CharacterSetLabel => ({ term: 'ISO_IR 192', encoding });

// biome-ignore format: a table reads as a table
const LABELS: ReadonlyMap<string, CharacterSetLabel> = new Map<string, CharacterSetLabel>([
  ...['UTF8', 'UNICODE', 'ISO10646', 'UNICODEUTF8'].map((label) => [label, UTF_8] as const),
  ...['GB2312', 'GB231280', 'EUCCN', 'CP936', 'WINDOWS936', 'GB18030', 'GB180302000', 'GB180302005'].map((label) => [label, GB18030] as const),
  ...['NONE', 'NULL', 'DEFAULT', 'ASCII', 'USASCII', 'ANSI', 'ISO646', 'ISO646US'].map((label) => [label, NONE] as const),
  ...['LATIN1', 'ISO88591'].map((label) => [label, { term: 'ISO_IR 100' }] as const),
  ...['LATIN2', 'ISO88592'].map((label) => [label, { term: 'ISO_IR 101' }] as const),
  ['ISO88593',    { term: 'ISO_IR 109' }],
  ['ISO88594',    { term: 'ISO_IR 110' }],
  ['ISO88595',    { term: 'ISO_IR 144' }],
  ['ISO88596',    { term: 'ISO_IR 127' }],
  ['ISO88597',    { term: 'ISO_IR 126' }],
  ['ISO88598',    { term: 'ISO_IR 138' }],
  ['ISO88599',    { term: 'ISO_IR 148' }],
  ['ISO885911',   { term: 'ISO_IR 166' }],
  ['TIS620',      { term: 'ISO_IR 166' }],
  ['ISO885915',   { term: 'ISO_IR 203' }],
  ...['EUCKR', 'KSC5601', 'KSC56011987', 'KSX1001', 'CP949', 'WINDOWS949'].map((label) => [label, read('euc-kr')] as const),
  ...['SHIFTJIS', 'SJIS', 'MSKANJI', 'CP932', 'WINDOWS31J'].map((label) => [label, read('shift_jis')] as const),
  ['EUCJP',       read('euc-jp')],
  ['BIG5',        read('big5')],
  ['KOI8R',       read('koi8-r')],
  ...[1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257].flatMap((page) => [
    [`WINDOWS${page}`, read(`windows-${page}`)] as const,
    [`CP${page}`, read(`windows-${page}`)] as const,
  ]),
]);
