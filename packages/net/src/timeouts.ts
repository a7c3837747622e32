// How long the upper layer waits, and for what.

/** Milliseconds; 0 or Infinity waits for ever. */
export interface Timeouts {
  /** For the transport connection. Default 10 s. */
  readonly connect: number;
  /** For the TLS handshake, as client and as server. Default 10 s. */
  readonly handshake: number;
  /** ARTIM (PS3.8 §9.1.5): for A-ASSOCIATE-RQ after a connection, and for the close after the end. Default 30 s. */
  readonly artim: number;
  /** For the answer to A-ASSOCIATE-RQ, from the peer or from the local decision. Default 30 s. */
  readonly association: number;
  /** For A-RELEASE-RP. Default 10 s. */
  readonly release: number;
  /** For the peer to take any more of what is being sent. Default 60 s. */
  readonly write: number;
  /** Until an acceptor releases an association on which nothing is sent, received or under way. Default 5 min. */
  readonly idle: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 10_000,
  handshake: 10_000,
  artim: 30_000,
  association: 30_000,
  release: 10_000,
  write: 60_000,
  idle: 300_000,
};

/** Calls back after the time, if there is one. Returns the way to stop it. */
export function startTimer(milliseconds: number, expired: () => void): () => void {
  if (milliseconds === 0 || milliseconds === Number.POSITIVE_INFINITY) return () => {};
  const timer = setTimeout(expired, milliseconds);
  return () => clearTimeout(timer);
}
