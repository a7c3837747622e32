// Files of dcmjs: a data set with its file meta information (PS3.10 §7.1).

import { text, uid } from '../data-set/access.ts';
import type { DataSet } from '../data-set/data-set-values.ts';
import type { FileMetaInformation } from '../part10/file-meta-information.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../part10/implementation.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import type { Dcmjs, DenaturalizedDataSet, DicomDict } from './dcmjs-data.ts';
import { fromDenaturalized } from './from-dcmjs.ts';
import { toDenaturalized } from './to-dcmjs.ts';

/** A data set with the file meta information that says how it is encoded. */
export interface FileDataSet {
  /** The file meta information (PS3.10 §7.1). */
  readonly meta: FileMetaInformation & Required<Pick<FileMetaInformation, 'transferSyntax'>>;
  /** The decoded data set. */
  readonly dataSet: DataSet;
}

/**
 * The data set and the file meta information of a file that dcmjs has read. Bytes are not copied.
 * @throws DataSetError if a value does not fit its value representation.
 */
export function fromDicomDict({ meta, dict }: Pick<DicomDict, 'meta' | 'dict'>): FileDataSet {
  const textOf = (tag: string) => {
    const value = meta[tag]?.Value;
    return text(Array.isArray(value) ? value[0] : value) || undefined;
  };
  const sopClass = textOf('00020002');
  const sopInstance = textOf('00020003');
  const transferSyntax = textOf('00020010') ?? TransferSyntax.ExplicitVRLittleEndian;
  const sourceAeTitle = textOf('00020016');
  return {
    meta: {
      ...(sopClass !== undefined && { sopClass }),
      ...(sopInstance !== undefined && { sopInstance }),
      transferSyntax,
      ...(sourceAeTitle !== undefined && { sourceAeTitle }),
    },
    dataSet: fromDenaturalized(dict, { transferSyntax }),
  };
}

/**
 * A file for dcmjs, which `write()` turns into bytes. SOP class and instance are taken from the data set if `meta` does not
 * have them.
 * @param dcmjs The default export of dcmjs.
 * @throws DataSetError if a value does not fit its value representation.
 */
export function toDicomDict({ meta, dataSet }: FileDataSet, dcmjs: Dcmjs): DicomDict {
  const group: DenaturalizedDataSet = { '00020001': { vr: 'OB', Value: [Uint8Array.of(0, 1).buffer] } };
  const put = (tag: string, vr: string, value: string | undefined) => {
    if (value !== undefined) group[tag] = { vr, Value: [value] };
  };
  put('00020002', 'UI', meta.sopClass ?? uid(dataSet.SOPClassUID));
  put('00020003', 'UI', meta.sopInstance ?? uid(dataSet.SOPInstanceUID));
  put('00020010', 'UI', meta.transferSyntax);
  put('00020012', 'UI', IMPLEMENTATION_CLASS_UID);
  put('00020013', 'SH', IMPLEMENTATION_VERSION_NAME);
  put('00020016', 'AE', meta.sourceAeTitle);
  const file = new dcmjs.data.DicomDict(group);
  file.dict = toDenaturalized(dataSet);
  return file;
}
