// The template of --file-name: how the file of an instance is named by its attributes.
//
// Values come from peers. Only letters, digits, hyphens, underscores and dots of them get into a name, so that they cannot lead
// out of the folder, hide a file, or be a name that a file system reserves.

import { nearestWord } from '@x/cli/nearest-word';
import { UsageError } from '@x/cli/program';
import type { UntypedDataSet } from '@x/dimse';
import { texts, valueRepresentationOf } from '@x/dimse/data-set';
import { INDEXED_ATTRIBUTES } from './archive-index/indexed-attributes.ts';
import type { InstanceKey } from './instance-store.ts';

/** A template that can be used. */
export interface FileNameTemplate {
  readonly text: string;
  /** The name of the file of an instance, relative to the folder of named files, with `/` between its parts. */
  nameOf(key: InstanceKey, attributes: UntypedDataSet): string;
}

/** A folder or the file: literal text, and the keywords of attributes. */
type Part = readonly (string | { readonly keyword: string })[];

/**
 * Reads a template such as `{PatientID}/{StudyDate}/{SOPInstanceUID}.dcm`. If the name of the file does not have the SOP Instance
 * UID, it is added, as is `.dcm`.
 * @throws UsageError with the position and the remedy
 */
export function parseFileNameTemplate(text: string): FileNameTemplate {
  const refuse = (at: number, why: string): never => {
    throw new UsageError(`'${text}', position ${at + 1}: ${why}`);
  };
  if (text.trim() === '') refuse(0, 'is empty: give a template such as {PatientID}/{SOPInstanceUID}.dcm');
  const parts: Part[] = [];
  let start = 0;
  for (const written of text.split('/')) {
    parts.push(partOf(written, (at, why) => refuse(start + at, why)));
    start += written.length + 1;
  }
  if (parts.length > MOST_PARTS) refuse(0, `has ${parts.length} parts between slashes: use at most ${MOST_PARTS}`);
  const complete = [...parts.slice(0, -1), completed(parts.at(-1) as Part)];
  const lengths = complete.map((part) =>
    part.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : LONGEST_VALUE), 0),
  );
  const longest = Math.max(...lengths);
  const remedy = `an attribute counts as ${LONGEST_VALUE} characters: use fewer`;
  if (longest > LONGEST_PART) refuse(0, `a part may have ${longest} characters, more than ${LONGEST_PART}; ${remedy}`);
  const whole = lengths.reduce((sum, length) => sum + 1 + length, 0);
  if (whole > LONGEST_NAME) refuse(0, `a name may have ${whole} characters, more than ${LONGEST_NAME}; ${remedy}`);
  return { text, nameOf: (key, attributes) => complete.map((part) => nameOf(part, key, attributes)).join('/') };
}

/** The characters of a value that get into a name, at most. A UID has no more, so that it is never cut. */
const LONGEST_VALUE = 64;
/** The file systems of Linux, Windows and macOS have names of 255 characters. One is kept for an underscore. */
const LONGEST_PART = 254;
/** Linux has paths of 4,095 characters, of which the data folder needs some. */
const LONGEST_NAME = 1024;
/** Folders and the file. */
const MOST_PARTS = 12;
/** Stands in for a value that is absent or empty. */
const EMPTY = 'unknown';
const SUFFIX = '.dcm';

function partOf(written: string, refuse: (at: number, why: string) => never): Part {
  if (written === '') refuse(0, 'a part is empty: leave out the slash, or name an attribute such as {PatientID}');
  if (/^\.+$/.test(written)) refuse(0, `'${written}' leads to another folder: name an attribute such as {PatientID}`);
  const part: (string | { readonly keyword: string })[] = [];
  for (let at = 0; at < written.length; ) {
    const [piece = ''] = /^(?:\{[^{}]*\}|[^{}]+)/.exec(written.slice(at)) ?? [];
    if (piece === '') refuse(at, 'a brace has no counterpart: write {Keyword}');
    if (piece.startsWith('{')) part.push({ keyword: keywordOf(piece.slice(1, -1), (why) => refuse(at + 1, why)) });
    else {
      const other = /[^A-Za-z0-9._-]/.exec(piece);
      if (other)
        refuse(at + other.index, `'${other[0]}' is not allowed: use letters, digits, hyphens, underscores and dots`);
      part.push(piece);
    }
    at += piece.length;
  }
  return part;
}

const KEYWORDS = INDEXED_ATTRIBUTES.filter(
  ({ computed, keyword }) => !computed && valueRepresentationOf(keyword) !== 'SQ',
).map(({ keyword }) => keyword);

function keywordOf(keyword: string, refuse: (why: string) => never): string {
  if (KEYWORDS.includes(keyword)) return keyword;
  const near = nearestWord(keyword, KEYWORDS);
  return refuse(`'${keyword}' is not an indexed attribute with a text${near ? `; did you mean '${near}'?` : ''}`);
}

/** The name of a file has its SOP Instance UID, and ends as the files that the archive looks for. */
function completed(part: Part): Part {
  const last = part.at(-1);
  const isSuffixed = typeof last === 'string' && last.endsWith(SUFFIX);
  const stem = isSuffixed ? [...part.slice(0, -1), last.slice(0, -SUFFIX.length)] : part;
  const written = stem.filter((piece) => piece !== '');
  const isNamed = written.some((piece) => typeof piece !== 'string' && piece.keyword === SOP_INSTANCE_UID);
  const uid = [...(written.length > 0 ? ['-'] : []), { keyword: SOP_INSTANCE_UID }];
  return [...written, ...(isNamed ? [] : uid), SUFFIX];
}

const SOP_INSTANCE_UID = 'SOPInstanceUID';

function nameOf(part: Part, key: InstanceKey, attributes: UntypedDataSet): string {
  const name = part
    .map((piece) => (typeof piece === 'string' ? piece : valueFor(piece.keyword, key, attributes)))
    .join('');
  // Windows has devices of some names in every folder, whatever follows a dot, and drops dots at the end.
  const safe = name
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length))
    .replace(/\.+$/, (dots) => '_'.repeat(dots.length));
  return RESERVED.test(safe) ? `_${safe}` : safe;
}

const RESERVED = /^(?:con|prn|aux|nul|conin|conout|clock|com\d|lpt\d)(?:\.|$)/i;

function valueFor(keyword: string, { study, series, sopInstance }: InstanceKey, attributes: UntypedDataSet): string {
  const uids: Readonly<Record<string, string>> = {
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    SOPInstanceUID: sopInstance,
  };
  const value = uids[keyword] ?? texts(attributes[keyword]).join('-');
  // Letters keep their place without accents.
  const plain = value
    .slice(0, 4 * LONGEST_VALUE)
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .trim()
    .slice(0, LONGEST_VALUE);
  return plain === '' ? EMPTY : plain.replace(/[^A-Za-z0-9._-]/g, '_');
}
