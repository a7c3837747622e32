// The identifier of a query from a file: a DICOM file, or JSON in the DICOM JSON model (PS3.18 Annex F).

import { UsageError } from '@x/cli/program';
import { readRegularFile, UnsuitableFileError } from '@x/cli/regular-file';
import { type DataSet, openDicomFile } from '@x/dimse';
import { type DicomJsonModel, firstItem, fromDicomJson, items, valueRepresentationOf } from '@x/dimse/data-set';
import type { Key } from '../options/keys.ts';
import { explainError } from '../peer/explain-error.ts';

/**
 * Reads an identifier. JSON begins with a brace, or with a bracket if it is a list of one data set.
 * @throws UsageError if the file cannot be read or is too long, or is not an identifier
 */
export async function readQueryFile(path: string): Promise<DataSet> {
  try {
    const bytes = await readRegularFile(path, MAXIMUM_QUERY_LENGTH);
    const isJson = /^\s*[[{]/.test(bytes.subarray(0, 1024).toString('latin1').replace('\u00ef\u00bb\u00bf', ''));
    if (isJson) return fromJson(bytes.toString('utf8').replace('\ufeff', ''));
    await using file = await openDicomFile(path);
    return await file.decode({ maximumLength: MAXIMUM_QUERY_LENGTH });
  } catch (error) {
    const line = error instanceof UnsuitableFileError ? error.message : explainError(error).line;
    throw new UsageError(line.startsWith(path) ? line : `${path}: ${line}`);
  }
}

/** The maximum length in bytes of a file with an identifier. */
const MAXIMUM_QUERY_LENGTH = 4 * 1024 * 1024;

function fromJson(text: string): DataSet {
  const model: DicomJsonModel | DicomJsonModel[] = JSON.parse(text);
  if (!Array.isArray(model)) return fromDicomJson(model);
  const [only, ...others] = model;
  if (only === undefined || others.length > 0) throw new UsageError(`it has ${model.length} data sets, not one`);
  return fromDicomJson(only);
}

/** A key for each attribute of an identifier, those in the first item of sequences included: the columns of a table. */
export function keysOf(identifier: DataSet, above: readonly string[] = []): readonly Key[] {
  return Object.entries(identifier).flatMap(([name, value]) => {
    if (NOT_COLUMNS.has(name)) return [];
    const path = [...above, name];
    const item = valueRepresentationOf(name) === 'SQ' || items(value).length > 0 ? firstItem(value) : undefined;
    return item === undefined ? [{ path, value: '' }] : keysOf(item, path);
  });
}

/** Attributes of an identifier that are not keys (PS3.4 §C.4.1.1.3). */
const NOT_COLUMNS = new Set(['QueryRetrieveLevel', 'SpecificCharacterSet', 'TimezoneOffsetFromUTC']);
