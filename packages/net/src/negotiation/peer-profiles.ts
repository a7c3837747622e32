// What is done differently for peers known to mistake parts of the negotiation: data of the user, by peer.

/** How a peer is recognized: everything that is given must match. */
export interface PeerMatch {
  /** The peer's AE title: the called one when we ask, the calling one when we are asked. */
  readonly aeTitle?: string;
  /** Its Implementation Class UID, or the start of it. When we ask, it is not known before the answer. */
  readonly implementationClassUid?: string;
  /** Its Implementation Version Name, or the start of it. When we ask, it is not known before the answer. */
  readonly implementationVersionName?: string;
}

/** What is done differently. */
export interface PeerQuirks {
  /** Neither proposes nor answers an Asynchronous Operations Window: some lose the connection over sub-item 53H. */
  readonly omitAsynchronousOperations?: boolean;
  /** Neither proposes nor answers SOP class (common) extended negotiation. */
  readonly omitExtendedNegotiation?: boolean;
  /** The longest PDU to announce, in bytes, for peers that fail with the length they are granted. */
  readonly maximumLength?: number;
  /** Reads roles as `lenientRoles` says. */
  readonly lenientRoles?: boolean;
}

/** What is done differently, and for whom. */
export interface PeerProfile extends PeerQuirks {
  readonly match: PeerMatch;
}

/** The quirks of all profiles that match; where they differ, the later one counts. */
export function quirksOf(profiles: readonly PeerProfile[] | undefined, peer: PeerMatch): PeerQuirks {
  const quirks = {};
  for (const { match, ...rest } of profiles ?? []) if (matches(match, peer)) Object.assign(quirks, rest);
  return quirks;
}

/** Our maximum length with the cap of a quirk on it; 0 is unlimited. */
export function cappedLength(maximumLength: number, cap = 0): number {
  if (cap === 0) return maximumLength;
  return maximumLength === 0 ? cap : Math.min(maximumLength, cap);
}

function matches(match: PeerMatch, peer: PeerMatch): boolean {
  const { aeTitle, implementationClassUid: uid, implementationVersionName: name } = match;
  return (
    (aeTitle === undefined || aeTitle === peer.aeTitle) &&
    (uid === undefined || peer.implementationClassUid?.startsWith(uid) === true) &&
    (name === undefined || peer.implementationVersionName?.startsWith(name) === true)
  );
}
