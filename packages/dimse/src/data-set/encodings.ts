// How each transfer syntax encodes data sets (PS3.5 §10, Annex A), and which of them can be read.

import { TransferSyntax } from '../registry/uids.generated.ts';

/** How a data set is encoded. */
export interface Encoding {
  readonly isExplicit: boolean;
  readonly littleEndian: boolean;
}

/** How a transfer syntax encodes data sets. */
export interface SyntaxEncoding extends Encoding {
  /** Whether the encoded data set is compressed with the deflate algorithm (PS3.5 §A.5). */
  readonly isDeflated: boolean;
  /** Whether the words of Pixel Data are big endian in a data set that is little endian. */
  readonly hasBigEndianPixelData: boolean;
}

/** A private transfer syntax of older GE devices: Implicit VR Little Endian with big-endian Pixel Data. */
export const GE_PRIVATE_IMPLICIT = '1.2.840.113619.5.2';

/** The encoding inside of UN, whatever that of the data set is (PS3.5 §6.2.2). */
export const IMPLICIT_VR_LITTLE_ENDIAN: Encoding = { isExplicit: false, littleEndian: true };

const EXPLICIT: SyntaxEncoding = {
  isExplicit: true,
  littleEndian: true,
  isDeflated: false,
  hasBigEndianPixelData: false,
};
const IMPLICIT: SyntaxEncoding = { ...EXPLICIT, isExplicit: false };
const DEFLATED: SyntaxEncoding = { ...EXPLICIT, isDeflated: true };

// Transfer syntaxes that are not in the table are Explicit VR Little Endian, as all encapsulated ones are (PS3.5 §A.4).
const ENCODINGS: ReadonlyMap<string, SyntaxEncoding> = new Map([
  [TransferSyntax.ImplicitVRLittleEndian, IMPLICIT],
  [TransferSyntax.Papyrus3ImplicitVRLittleEndian, IMPLICIT],
  [GE_PRIVATE_IMPLICIT, { ...IMPLICIT, hasBigEndianPixelData: true }],
  [TransferSyntax.ExplicitVRLittleEndian, EXPLICIT],
  [TransferSyntax.ExplicitVRBigEndian, { ...EXPLICIT, littleEndian: false }],
  [TransferSyntax.DeflatedExplicitVRLittleEndian, DEFLATED],
  [TransferSyntax.JPIPReferencedDeflate, DEFLATED],
  [TransferSyntax.JPIPHTJ2KReferencedDeflate, DEFLATED],
]);

/** How a transfer syntax encodes data sets. */
export function encodingOf(transferSyntax: string): SyntaxEncoding {
  return ENCODINGS.get(transferSyntax) ?? EXPLICIT;
}

/** Whether data sets in this transfer syntax are compressed with the deflate algorithm as a whole (PS3.5 §A.5). */
export function isDeflated(transferSyntax: string): boolean {
  return encodingOf(transferSyntax).isDeflated;
}

/** Whether data sets in this transfer syntax have no encapsulated Pixel Data, so that they can be decoded completely. */
export function isUncompressed(transferSyntax: string): boolean {
  return ENCODINGS.has(transferSyntax);
}

/** The transfer syntax of the same data set before it is deflated, for data that have been inflated. */
export function inflatedSyntax(transferSyntax: string): string {
  return isDeflated(transferSyntax) ? TransferSyntax.ExplicitVRLittleEndian : transferSyntax;
}
