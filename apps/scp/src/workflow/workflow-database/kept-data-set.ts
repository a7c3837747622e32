// Data sets as the workflow database keeps them.

import { createDataSetCodec, type DataSet, type DataSetInput, DimseError, Status, TransferSyntax } from '@x/dimse';
import { type DicomJsonModel, fromDicomJsonInTurns } from '@x/dimse/data-set';
import type { KeptDataSet } from './schema.ts';

/** The maximum length of the attributes of a performed procedure step or work item, in encoded bytes. */
export const MAXIMUM_ATTRIBUTES_LENGTH = 8 * 1024 * 1024;

/** The attributes as a database keeps them. @throws DimseError (0213H) if they are too long */
export async function keptAttributes(attributes: DataSetInput): Promise<Uint8Array> {
  const kept = await keptDataSet(attributes);
  if (kept.length > MAXIMUM_ATTRIBUTES_LENGTH)
    throw new DimseError(Status.ResourceLimitation, {
      errorComment: `${kept.length} bytes, at most ${MAXIMUM_ATTRIBUTES_LENGTH} are kept`,
    });
  return kept;
}

/** A data set as a database keeps it, of any length: encoded, because that takes turns, and in UTF-8. */
export async function keptDataSet(dataSet: DataSetInput): Promise<Uint8Array> {
  const isNamed = dataSet.SpecificCharacterSet !== undefined;
  const text = isNamed ? { ...dataSet, SpecificCharacterSet: 'ISO_IR 192' } : dataSet;
  return CODEC.encodeInTurns?.(text, SYNTAX) ?? CODEC.encode(text, SYNTAX);
}

/** The data set that a database keeps. */
export async function dataSetOf(kept: KeptDataSet): Promise<DataSet> {
  if (typeof kept === 'string') return fromDicomJsonInTurns(JSON.parse(kept) as DicomJsonModel);
  // The library gives an ArrayBuffer.
  const bytes = new Uint8Array(kept);
  return CODEC.decodeInTurns?.(bytes, SYNTAX) ?? CODEC.decode(bytes, SYNTAX);
}

const SYNTAX = TransferSyntax.ExplicitVRLittleEndian;
// An item may name a character set that does not have all its characters.
const CODEC = createDataSetCodec({ replacement: '?' });
