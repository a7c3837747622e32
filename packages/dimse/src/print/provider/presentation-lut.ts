// Presentation LUTs: from stored values to P-Values or to optical density, PS3.3 §C.11.4, PS3.4 §H.4.9. No I/O.

import { type DataSet, valuesOf } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkPresence } from '../../services/attribute-requirements.ts';
import { numberValue, textValue } from '../film/print-values.ts';

/** What a Presentation LUT makes of pixels: 0 to 1 on both sides. */
export interface PresentationLut {
  /** IDENTITY and tables give P-Values; LIN OD is in linear optical density from the largest to the smallest. */
  readonly output: 'P-Values' | 'optical density';
  /** Undefined: what goes in comes out. By stored value, from 0 to 1. */
  readonly table?: Float32Array;
}

/**
 * The Presentation LUT that attributes describe: by its shape, or by a table.
 * @throws DimseError 0120H or 0121H where neither or not all is there, 0106H for what is none.
 */
export function parsePresentationLut(attributes: DataSet): PresentationLut {
  const { PresentationLUTSequence: sequence, PresentationLUTShape: shape } = attributes;
  if (sequence === undefined && shape === undefined)
    throw attributeFault(Status.MissingAttribute, ['PresentationLUTSequence', 'PresentationLUTShape'], 'one is needed');
  if (sequence !== undefined && shape !== undefined)
    throw attributeFault(Status.InvalidAttributeValue, ['PresentationLUTShape'], 'there is a table as well');
  if (sequence === undefined) {
    checkPresence(attributes, [{ keyword: 'PresentationLUTShape', type: 1 }]);
    const term = textValue(shape);
    // INVERSE is for soft copies alone (§C.11.6).
    if (term !== 'IDENTITY' && term !== 'LIN OD')
      throw attributeFault(Status.InvalidAttributeValue, ['PresentationLUTShape'], 'neither IDENTITY nor LIN OD');
    return { output: term === 'LIN OD' ? 'optical density' : 'P-Values' };
  }
  const [item, ...others] = valuesOf(sequence) as readonly DataSet[];
  if (!item) throw attributeFault(Status.MissingAttributeValue, ['PresentationLUTSequence'], 'it has no item');
  if (others.length > 0) throw attributeFault(Status.InvalidAttributeValue, ['PresentationLUTSequence'], 'many items');
  return { output: 'P-Values', table: tableOf(item) };
}

// §C.11.4.1: as many entries as there are values of 8 to 16 bits, the first for 0, of 10 to 16 bits.
function tableOf(item: DataSet): Float32Array {
  checkPresence(item, [
    { keyword: 'LUTDescriptor', type: 1 },
    { keyword: 'LUTData', type: 1 },
  ]);
  const descriptor = valuesOf(item.LUTDescriptor).map((value) => numberValue(value) ?? -1);
  const [count = -1, first = -1, bits = -1] = descriptor;
  const entries = count === 0 ? 2 ** 16 : count;
  const isRight = descriptor.length === 3 && Number.isInteger(Math.log2(entries)) && entries >= 256 && first === 0;
  if (!isRight || bits < 10 || bits > 16)
    throw attributeFault(Status.InvalidAttributeValue, ['LUTDescriptor'], 'no table for printing');
  const words = wordsOf(item.LUTData);
  if (words.length < entries)
    throw attributeFault(Status.InvalidAttributeValue, ['LUTData'], `${words.length} entries instead of ${entries}`);
  const most = 2 ** bits - 1;
  return Float32Array.from({ length: entries }, (_, index) => Math.min(1, (words[index] ?? 0) / most));
}

/** Of US, numbers; of OW, bytes in little endian. */
function wordsOf(value: unknown): ArrayLike<number> {
  const values = valuesOf(value);
  const [bytes] = values;
  if (!(bytes instanceof Uint8Array)) return values.map((each) => numberValue(each) ?? 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, index) => view.getUint16(index * 2, true));
}
