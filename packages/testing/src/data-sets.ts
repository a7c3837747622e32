// Small synthetic data sets, of any SOP class and length, in Explicit or Implicit VR Little Endian (PS3.5 §7.1).

export interface DataSetOptions {
  /** (0008,0016). Like the other UIDs, it is left out of the data set if undefined. */
  readonly sopClass?: string | undefined;
  /** (0008,0018) */
  readonly sopInstance?: string | undefined;
  /** (0020,000D) */
  readonly study?: string | undefined;
  /** (0020,000E) */
  readonly series?: string | undefined;
  /** Bytes of Pixel Data, an even number. Default none. */
  readonly pixelLength?: number;
  /** Default Explicit VR. */
  readonly isImplicit?: boolean;
}

export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';

/** Encodes a data set with the given UIDs and, if requested, Pixel Data of ascending bytes. */
export function syntheticDataSet(options: DataSetOptions): Uint8Array {
  const { sopClass, sopInstance, study, series, pixelLength = 0, isImplicit = false } = options;
  const elements = [
    [0x0008, 0x0016, sopClass],
    [0x0008, 0x0018, sopInstance],
    [0x0020, 0x000d, study],
    [0x0020, 0x000e, series],
  ] as const;
  const parts = elements.flatMap(([group, number, uid]) =>
    uid === undefined ? [] : element(group, number, 'UI', uidBytes(uid), isImplicit),
  );
  if (pixelLength > 0) parts.push(...element(0x7fe0, 0x0010, 'OB', countingBytes(pixelLength), isImplicit));
  return Buffer.concat(parts);
}

function element(group: number, number: number, vr: string, value: Uint8Array, isImplicit: boolean): Uint8Array[] {
  const isLong = vr === 'OB';
  const header = Buffer.alloc(isLong && !isImplicit ? 12 : 8);
  header.writeUInt16LE(group, 0);
  header.writeUInt16LE(number, 2);
  if (isImplicit) header.writeUInt32LE(value.length, 4);
  else {
    header.write(vr, 4, 'latin1');
    if (isLong) header.writeUInt32LE(value.length, 8);
    else header.writeUInt16LE(value.length, 6);
  }
  return [header, value];
}

function uidBytes(uid: string): Uint8Array {
  return Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1');
}

function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index);
}
