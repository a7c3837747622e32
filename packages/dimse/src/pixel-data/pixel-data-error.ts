// The errors of pixel data that cannot be decoded or encoded.

import { CodedError } from '@x/pdu/internal';

/** Pixel data cannot be transcoded: a frame is malformed, attributes contradict it, or a limit is exceeded. */
export class PixelDataError extends CodedError {
  static override readonly name: string = 'PixelDataError';
  /** The index of the frame at fault, from 0, if known. */
  readonly frame: number | undefined;
  /** The name of the limit that is exceeded; undefined if the pixel data are malformed or not supported. */
  readonly limit: string | undefined;
  /** The message without the number of the frame. */
  readonly reason: string;

  constructor(
    reason: string,
    facts: { readonly frame?: number | undefined; readonly limit?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(facts.frame === undefined ? reason : `frame ${facts.frame + 1}: ${reason}`, { cause: facts.cause });
    this.reason = reason;
    this.frame = facts.frame;
    this.limit = facts.limit;
  }

  /** `PIXEL_DATA_LIMIT` if a limit is exceeded, else `PIXEL_DATA_INVALID`. */
  get code(): 'PIXEL_DATA_INVALID' | 'PIXEL_DATA_LIMIT' {
    return this.limit === undefined ? 'PIXEL_DATA_INVALID' : 'PIXEL_DATA_LIMIT';
  }
}

/** The npm package that decodes a transfer syntax is not installed. */
export class CodecNotInstalledError extends CodedError {
  static override readonly name: string = 'CodecNotInstalledError';
  readonly code = 'CODEC_NOT_INSTALLED';
  /** The name of the package to install. */
  readonly packageName: string;
  /** UID of the transfer syntax that needs the codec. */
  readonly transferSyntax: string;

  constructor(packageName: string, transferSyntax: string, options?: ErrorOptions) {
    super(`the codec for transfer syntax ${transferSyntax} is not installed; try npm install ${packageName}`, options);
    this.packageName = packageName;
    this.transferSyntax = transferSyntax;
  }
}
