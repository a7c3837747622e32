// Presentation LUTs, which map stored values to P-Values or optical density (PS3.3 §C.11.4, PS3.4 §H.4.9). No I/O.

import { number, text } from '../../data-set/access.ts';
import { type DataSet, valuesOf } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkPresence } from '../../services/attribute-requirements.ts';

/** A Presentation LUT, with input and output scaled to the range 0 to 1. */
export interface PresentationLut {
  /** IDENTITY and tables give P-Values; LIN OD is in linear optical density from the largest to the smallest. */
  readonly output: 'P-Values' | 'optical density';
  /** Output values (0 to 1) by stored value; undefined for the identity. */
  readonly table?: Float32Array;
}

/**
 * Reads the Presentation LUT that the attributes describe by a shape or a table.
 * @throws DimseError 0120H or 0121H if attributes are missing or empty, 0106H if their values are invalid.
 */
export function parsePresentationLut(attributes: DataSet): PresentationLut {
  const { PresentationLUTSequence: sequence, PresentationLUTShape: shape } = attributes;
  if (sequence === undefined && shape === undefined)
    throw attributeFault(
      Status.MissingAttribute,
      ['PresentationLUTSequence', 'PresentationLUTShape'],
      'one is required',
    );
  if (sequence !== undefined && shape !== undefined)
    throw attributeFault(Status.InvalidAttributeValue, ['PresentationLUTShape'], 'not together with a table');
  if (sequence === undefined) {
    checkPresence(attributes, [{ keyword: 'PresentationLUTShape', type: 1 }]);
    const term = text(shape);
    // INVERSE applies to soft copies only (§C.11.6).
    if (term !== 'IDENTITY' && term !== 'LIN OD')
      throw attributeFault(Status.InvalidAttributeValue, ['PresentationLUTShape'], 'neither IDENTITY nor LIN OD');
    return { output: term === 'LIN OD' ? 'optical density' : 'P-Values' };
  }
  const [item, ...others] = valuesOf(sequence) as readonly DataSet[];
  if (!item) throw attributeFault(Status.MissingAttributeValue, ['PresentationLUTSequence'], 'it has no item');
  if (others.length > 0)
    throw attributeFault(Status.InvalidAttributeValue, ['PresentationLUTSequence'], 'more than one item');
  return { output: 'P-Values', table: tableOf(item) };
}

// §C.11.4.1: 256 to 65,536 entries (8 to 16 bits), the first for the value 0, each of 10 to 16 bits.
function tableOf(item: DataSet): Float32Array {
  checkPresence(item, [
    { keyword: 'LUTDescriptor', type: 1 },
    { keyword: 'LUTData', type: 1 },
  ]);
  const descriptor = valuesOf(item.LUTDescriptor).map((value) => number(value) ?? -1);
  const [count = -1, first = -1, bits = -1] = descriptor;
  const entries = count === 0 ? 2 ** 16 : count;
  const isRight = descriptor.length === 3 && Number.isInteger(Math.log2(entries)) && entries >= 256 && first === 0;
  if (!isRight || bits < 10 || bits > 16)
    throw attributeFault(Status.InvalidAttributeValue, ['LUTDescriptor'], 'not a table for printing');
  const words = wordsOf(item.LUTData);
  if (words.length < entries)
    throw attributeFault(Status.InvalidAttributeValue, ['LUTData'], `${words.length} entries instead of ${entries}`);
  const most = 2 ** bits - 1;
  return Float32Array.from({ length: entries }, (_, index) => Math.min(1, (words[index] ?? 0) / most));
}

/** The entries of a table: numbers if the VR is US, bytes in little endian if it is OW. */
function wordsOf(value: unknown): ArrayLike<number> {
  const values = valuesOf(value);
  const [bytes] = values;
  if (!(bytes instanceof Uint8Array)) return values.map((each) => number(each) ?? 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, index) => view.getUint16(index * 2, true));
}
