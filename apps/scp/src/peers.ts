// The peers that --peer names, as associations of our own need them.

import { UsageError } from '@x/cli/program';
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

/** @throws UsageError where somebody is to be notified whom nobody named. */
export function checkNotified(options: Options): void {
  for (const title of options.notify ?? [])
    if (!namedPeer(options, title)) throw new UsageError(`--notify ${title} needs --peer ${title}=host:port`);
}
