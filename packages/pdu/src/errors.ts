// The error of this package: for bytes that are not an acceptable PDU, and values that cannot be encoded.

import { CodedError } from './coded-error.ts';

/** Why a PDU is not acceptable: the reasons of an A-ABORT by the service provider (PS3.8 Table 9-26). */
export type PduFault =
  | 'reason-not-specified'
  | 'unrecognized-pdu'
  | 'unexpected-pdu'
  | 'unrecognized-parameter'
  | 'unexpected-parameter'
  | 'invalid-parameter-value';

/**
 * Bytes are not an acceptable PDU, or a value cannot be encoded. `fault` is the A-ABORT reason to send, `path` names the
 * PDU and the item, and `offset` is the place in bytes from the start of the PDU's body, if it is known.
 */
export class PduError extends CodedError {
  static override readonly name: string = 'PduError';
  readonly code = 'PDU_INVALID';
  /** The A-ABORT reason to send. */
  readonly fault: PduFault;
  /** The PDU and the items that lead to the fault, outermost first; may be empty. */
  readonly path: readonly string[];
  /** Bytes from the start of the PDU's body; undefined if unknown. */
  readonly offset: number | undefined;

  constructor(fault: PduFault, message: string, path: readonly string[] = [], offset?: number) {
    const where = path.length > 0 ? `${path.join(' › ')}: ` : '';
    super(`${where}${message}${offset === undefined ? '' : ` (at byte ${offset})`}`);
    this.fault = fault;
    this.path = path;
    this.offset = offset;
  }
}
