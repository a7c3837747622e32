// The error for files that are not DICOM files.

import { CodedError } from '@x/pdu/internal';

/** The file is not a DICOM file; the message has the reason. */
export class NotDicomError extends CodedError {
  static override readonly name: string = 'NotDicomError';
  readonly code = 'NOT_DICOM';
  /** Path of the file. */
  readonly path: string;

  constructor(path: string, why: string) {
    super(`${path} is not a DICOM file: ${why}`);
    this.path = path;
  }
}
