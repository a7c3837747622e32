// Profiles of peers that handle parts of the negotiation wrongly. The user supplies them.

/** Recognizes a peer. Every given field must match. */
export interface PeerMatch {
  /** The peer's AE title: the called one for a requestor, the calling one for an acceptor. */
  readonly aeTitle?: string;
  /** Its Implementation Class UID, or the start of it. A requestor does not know it before the answer. */
  readonly implementationClassUid?: string;
  /** Its Implementation Version Name, or the start of it. A requestor does not know it before the answer. */
  readonly implementationVersionName?: string;
}

/** Changes to the negotiation with a peer. */
export interface PeerQuirks {
  /** Neither proposes nor answers an Asynchronous Operations Window: some peers drop the connection when they receive sub-item 53H. */
  readonly omitAsynchronousOperations?: boolean;
  /** Neither proposes nor answers SOP class (common) extended negotiation. */
  readonly omitExtendedNegotiation?: boolean;
  /** Maximum length to announce in bytes, for peers that cannot send PDUs of the length they are granted. */
  readonly maximumLength?: number;
  /** See `lenientRoles` of the local options. */
  readonly lenientRoles?: boolean;
}

/** Changes to the negotiation, and the peers they apply to. */
export interface PeerProfile extends PeerQuirks {
  /** The peers that the profile is for. */
  readonly match: PeerMatch;
}

/** The quirks of all matching profiles. If they differ, the later profile takes precedence. */
export function quirksOf(profiles: readonly PeerProfile[] | undefined, peer: PeerMatch): PeerQuirks {
  const quirks = {};
  for (const { match, ...rest } of profiles ?? []) if (matches(match, peer)) Object.assign(quirks, rest);
  return quirks;
}

/** The local maximum length, limited by the cap of a quirk; 0 is unlimited. */
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
