// The peers that the configuration file names.

import type { ConfigurationSection } from '@x/cli/configuration-file';
import { nearestWord } from '@x/cli/nearest-word';
import { type PeerAddress, parsePeer } from '@x/cli/peer';
import { UsageError } from '@x/cli/program';
import { InvalidArgumentError } from 'commander';

/** A peer, and values of options for it. */
export interface NamedPeer {
  readonly address: PeerAddress;
  readonly settings: ConfigurationSection;
}

/** Those under `peers`, by their names. @throws UsageError that names the line. */
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

/** @throws InvalidArgumentError: a name without a host's signs, where the file has one nearly like it, is a mistake rather than a host. */
export function unlessMistyped(text: string, peers: ReadonlyMap<string, NamedPeer>): string {
  const near = /[@:.]/.test(text) ? undefined : nearestWord(text, peers.keys());
  if (near !== undefined)
    throw new InvalidArgumentError(
      `'${text}' is no peer of the configuration file; is '${near}' meant? A host is written ANY-SCP@${text}`,
    );
  return text;
}
