// A DICOM file in words: one line for each element, in the manner of dcmdump. Pixel data are not read.

import { type DataSet, DataSetError, uidName } from '@x/dimse';
import {
  type DicomFile,
  type DicomJsonAttribute,
  type DicomJsonModel,
  decodeExtract,
  keywordOf,
  personNameText,
  tagText,
  toDicomJson,
} from '@x/dimse/data-set';

export interface FileDump {
  /** The file and its transfer syntax. */
  readonly heading: string;
  /** One for each element, then one if elements were left out. */
  readonly lines: readonly string[];
  readonly dataSet: DicomJsonModel;
  readonly transferSyntax: string;
  /** Bytes of the data set that were not read: pixel data, and elements that are too long. */
  readonly notRead: number;
  /** Values and structures that are not valid. */
  readonly faults: readonly string[];
}

/** Reads the elements of a file, as far as they can be read. */
export async function dumpFile(file: DicomFile): Promise<FileDump> {
  const { transferSyntax, sopClass } = file;
  const faults: string[] = [];
  const onFault = ({ message }: DataSetError) => void faults.push(message);
  let dataSet: DataSet;
  let notRead = 0;
  try {
    const extract = await file.extract(new EveryTagButPixels(), MOST_BYTES);
    notRead = Math.max(file.dataSet.length - extract.length, 0);
    dataSet = decodeExtract(extract, transferSyntax, onFault);
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error;
    faults.push(error.message);
    dataSet = await file.attributes(new EveryTagButPixels(), onFault).catch(() => ({}));
  }
  const model = toDicomJson(dataSet);
  const left = notRead > 0 ? [`# ${notRead} bytes of pixel data or of very long elements are not shown`] : [];
  const kind = sopClass === undefined ? '' : `${uidName(sopClass)}, `;
  const heading = `# ${file.path}: ${kind}${uidName(transferSyntax)}`;
  return { heading, lines: [...linesOf(model), ...left], dataSet: model, transferSyntax, notRead, faults };
}

/** Bytes of elements that are shown. Longer files lack their longest elements. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Pixel Data, Float Pixel Data, Double Float Pixel Data. */
const PIXELS = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);

/** Private and unknown tags too, so that it cannot be a list. */
class EveryTagButPixels extends Set<number> {
  override has(tag: number): boolean {
    return !PIXELS.has(tag);
  }
}

function* linesOf(model: DicomJsonModel, indent = ''): Generator<string> {
  for (const [tag, attribute] of Object.entries(model)) {
    const number = Number.parseInt(tag, 16);
    const { vr, Value = [] } = attribute;
    const isSequence = vr === 'SQ';
    const value = isSequence ? `${Value.length} ${Value.length === 1 ? 'item' : 'items'}` : valueText(attribute);
    const start = `${indent}${tagText(number)} ${vr} ${value}`;
    yield `${start.padEnd(NAME_AT)}  # ${keywordOf(number) ?? (number % 0x20000 >= 0x10000 ? 'private' : 'unknown')}`;
    if (!isSequence) continue;
    for (const [index, item] of (Value as readonly DicomJsonModel[]).entries()) {
      yield `${indent}  item ${index + 1}`;
      yield* linesOf(item, `${indent}    `);
    }
  }
}

/** The place in a line where the names of attributes begin, if the value leaves room. */
const NAME_AT = 64;
/** Characters of a value that are shown. */
const MOST_CHARACTERS = 64;

function valueText({ Value, InlineBinary }: DicomJsonAttribute): string {
  if (InlineBinary !== undefined) return `(${Buffer.from(InlineBinary, 'base64').length} bytes)`;
  if (Value === undefined) return '(no value)';
  const text = Value.map(textOf).join('\\');
  return `[${text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text}]`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? personNameText(value as Parameters<typeof personNameText>[0]) : String(value);
}
