// Peers as the command line and the configuration file write them: AET@host:port.

import { isValidAeTitle } from '@x/net';
import { InvalidArgumentError } from 'commander';

export interface PeerAddress {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
  /** Whether the text has no port, so that the port is the default. */
  readonly isUsualPort?: boolean;
  /** Whether connections to the peer use TLS. */
  readonly isSecure?: boolean;
}

/**
 * Parses `AET@host:port`. The default AE title is ANY-SCP, the default port 104. IPv6 addresses are in brackets.
 * @throws InvalidArgumentError
 */
export function parsePeer(text: string): PeerAddress {
  const at = text.lastIndexOf('@');
  const aeTitle = at < 0 ? 'ANY-SCP' : text.slice(0, at);
  const address = text.slice(at + 1);
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(address);
  if (!match) throw new InvalidArgumentError(`'${text}' is not a peer: use AET@host:port, or AET@[::1]:port for IPv6`);
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

/**
 * Parses `AET=host:port`, or `AET=tls://host:port` for connections with TLS.
 * @throws InvalidArgumentError
 */
export function parseNamedPeer(text: string): PeerAddress {
  const match = /^([^=]+)=(tls:\/\/)?(.*)$/.exec(text);
  if (!match) throw new InvalidArgumentError(`'${text}' is not a peer: use AET=host:port or AET=tls://host:port`);
  const [, aeTitle, secure, address] = match;
  const peer = parsePeer(`${aeTitle}@${address}`);
  return secure ? { ...securePeer(peer), isSecure: true } : peer;
}

/** The peer with the default port of TLS, 2762, if its port is the default. */
export function securePeer(peer: PeerAddress): PeerAddress {
  return peer.isUsualPort ? { ...peer, port: 2762 } : peer;
}

/** The peer as `AET@host:port`. */
export function peerText({ aeTitle, host, port }: PeerAddress): string {
  return `${aeTitle}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}
