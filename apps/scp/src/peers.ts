// The peers that --peer names, as associations of our own need them.

import type { TlsClientOptions } from '@x/net';
import type { Options } from './options.ts';

export interface NamedPeer {
  readonly host: string;
  readonly port: number;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  /** Where the peer is named as a secure one. */
  readonly tls?: TlsClientOptions;
}

/** How to reach the peer of an AE title; undefined for one that nobody named. */
export function namedPeer({ aet, peer: peers = [], peerTls = {} }: Options, aeTitle: string): NamedPeer | undefined {
  const peer = peers.find((each) => each.aeTitle === aeTitle);
  if (!peer) return undefined;
  const { host, port, isSecure } = peer;
  return { host, port, callingAeTitle: aet, calledAeTitle: aeTitle, ...(isSecure && { tls: peerTls }) };
}
