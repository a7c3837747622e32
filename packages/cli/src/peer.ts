// Peers as people write them: AET@host:port.

import { isValidAeTitle } from '@x/net';
import { InvalidArgumentError } from 'commander';

export interface PeerAddress {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
  /** Whether the port was left out: it is the usual one then. */
  readonly isUsualPort?: boolean;
  /** Whether it is named as one that takes secure connections. */
  readonly isSecure?: boolean;
}

/** Reads `AET@host:port`: without an AE title it is ANY-SCP, without a port 104; IPv6 addresses stand in brackets. */
export function parsePeer(text: string): PeerAddress {
  const at = text.lastIndexOf('@');
  const aeTitle = at < 0 ? 'ANY-SCP' : text.slice(0, at);
  const address = text.slice(at + 1);
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(address);
  if (!match)
    throw new InvalidArgumentError(`'${text}' is not a peer: it is written AET@host:port, IPv6 as AET@[::1]:port`);
  if (!isValidAeTitle(aeTitle))
    throw new InvalidArgumentError(`'${aeTitle}' is not an AE title: 1 to 16 characters of ASCII, without backslash`);
  const port = match[3] === undefined ? 104 : Number(match[3]);
  if (port < 1 || port > 65535) throw new InvalidArgumentError(`${match[3]} is not a port: 1 to 65535`);
  return {
    aeTitle,
    host: (match[1] ?? match[2]) as string,
    port,
    ...(match[3] === undefined && { isUsualPort: true }),
  };
}

/** Reads `AET=host:port`, or `AET=tls://host:port` where connections are secure: a peer that is known by its AE title. */
export function parseNamedPeer(text: string): PeerAddress {
  const match = /^([^=]+)=(tls:\/\/)?(.*)$/.exec(text);
  if (!match)
    throw new InvalidArgumentError(`'${text}' is not a peer: it is written AET=host:port, or AET=tls://host:port`);
  const [, aeTitle, secure, address] = match;
  const peer = parsePeer(`${aeTitle}@${address}`);
  return secure ? { ...securePeer(peer), isSecure: true } : peer;
}

/** The same peer where connections are secure: the usual port is another one. */
export function securePeer(peer: PeerAddress): PeerAddress {
  return peer.isUsualPort ? { ...peer, port: 2762 } : peer;
}

/** The way it is written. */
export function peerText({ aeTitle, host, port }: PeerAddress): string {
  return `${aeTitle}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}
