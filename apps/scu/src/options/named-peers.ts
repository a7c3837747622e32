// The peers that the configuration file names.

import type { ConfigurationSection } from '@x/cli/configuration-file';
import { nearestWord } from '@x/cli/nearest-word';
import { type PeerAddress, parsePeer } from '@x/cli/peer';
import { UsageError } from '@x/cli/program';
import { InvalidArgumentError } from 'commander';

/** A peer and the options for it. */
export interface NamedPeer {
  readonly address: PeerAddress;
  readonly settings: ConfigurationSection;
}

/** The peers in the section `peers`, by name. @throws UsageError with the line of the mistake */
export function namedPeers(configuration: ConfigurationSection): ReadonlyMap<string, NamedPeer> {
  const peers = new Map<string, NamedPeer>();
  for (const [name, { value, place, section }] of configuration.get('peers')?.section ?? []) {
    const address = section ? section.get('address') : { value, place };
    if (typeof address?.value !== 'string')
      throw new UsageError(`${place}: ${name}: an address is needed: AET@host:port`);
    const settings = new Map([...(section ?? [])].filter(([key]) => key !== 'address'));
    try {
      peers.set(name, { address: parsePeer(address.value), settings });
    } catch (error) {
      throw new UsageError(`${address.place}: ${(error as Error).message}`);
    }
  }
  return peers;
}

/**
 * Returns the text, unless it is probably a misspelled name: it has no `@`, colon or dot, and resembles the name of a peer.
 * @throws InvalidArgumentError
 */
export function unlessMistyped(text: string, peers: ReadonlyMap<string, NamedPeer>): string {
  const near = /[@:.]/.test(text) ? undefined : nearestWord(text, peers.keys());
  if (near !== undefined)
    throw new InvalidArgumentError(
      `unknown peer '${text}'; did you mean '${near}'? To connect to a host of this name, use ANY-SCP@${text}`,
    );
  return text;
}
