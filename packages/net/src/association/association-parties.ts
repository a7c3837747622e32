// The peer of an association, and the layer above it.

/** Facts about the peer: those it announced, and its address. */
export interface Peer {
  /** The longest P-DATA-TF PDU the peer accepts, in bytes; 0 = unlimited. */
  readonly maximumLength: number;
  /** UID of its implementation (PS3.7 §D.3.3.2), if it announced one. */
  readonly implementationClassUid?: string;
  /** Name and version of its implementation, at most 16 characters, if it announced them. */
  readonly implementationVersionName?: string;
  /** Its address and port, if the transport has them. */
  readonly address?: string;
  /** TCP port, if the transport has one. */
  readonly port?: number;
}

/** The layer above an association: see `Association.claim`. */
export interface AssociationUser {
  /**
   * Awaited before the peer's A-RELEASE-RQ is answered, so that responses can still be sent (PS3.8 §7.2). If it throws,
   * the association is aborted with this error as cause.
   */
  readonly beforeRelease?: () => Promise<void>;
  /** Whether the association is in use although nothing is sent or received. If not, it may be released as idle. */
  readonly isBusy?: () => boolean;
}
