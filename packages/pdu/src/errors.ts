// The errors of this package: bytes that are not an acceptable PDU, values that cannot become one.

/** Why a PDU is not acceptable: the reasons an A-ABORT of the service provider can give (PS3.8 Table 9-26). */
export type PduFault =
  | 'reason-not-specified'
  | 'unrecognized-pdu'
  | 'unexpected-pdu'
  | 'unrecognized-parameter'
  | 'unexpected-parameter'
  | 'invalid-parameter-value';

/**
 * Bytes are not an acceptable PDU, or a value cannot be written as one. `fault` is the A-ABORT reason to send for it,
 * `path` names the PDU and the item, `offset` counts bytes from the start of the PDU's body where that is known.
 */
export class PduError extends Error {
  override readonly name = 'PduError';
  readonly fault: PduFault;
  readonly path: readonly string[];
  readonly offset: number | undefined;

  constructor(fault: PduFault, message: string, path: readonly string[] = [], offset?: number) {
    const where = path.length > 0 ? `${path.join(' › ')}: ` : '';
    super(`${where}${message}${offset === undefined ? '' : ` (at byte ${offset})`}`);
    this.fault = fault;
    this.path = path;
    this.offset = offset;
  }
}
