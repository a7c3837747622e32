// The peers that --peer names, as an association request needs them.

import { UsageError } from '@x/cli/program';
import type { TlsClientOptions } from '@x/net';
import type { Options } from './options.ts';

export interface NamedPeer {
  readonly host: string;
  readonly port: number;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  /** If the peer is to be called over TLS. */
  readonly tls?: TlsClientOptions;
}

/** How to reach the peer of an AE title; undefined if no --peer names it. */
export function namedPeer({ aet, peer: peers = [], peerTls = {} }: Options, aeTitle: string): NamedPeer | undefined {
  const peer = peers.find((each) => each.aeTitle === aeTitle);
  if (!peer) return undefined;
  const { host, port, isSecure } = peer;
  return { host, port, callingAeTitle: aet, calledAeTitle: aeTitle, ...(isSecure && { tls: peerTls }) };
}

/** @throws UsageError if --notify has an AE title that no --peer names */
export function checkNotified(options: Options): void {
  for (const title of options.notify ?? [])
    if (!namedPeer(options, title)) throw new UsageError(`--notify ${title} needs --peer ${title}=host:port`);
}
