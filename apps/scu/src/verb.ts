// The definition of a verb: everything that the command line, its help, its completion and its configuration file need.

import type { PeerAddress } from '@x/cli/peer';
import type { OutputStream } from '@x/cli/program';
import type { Command } from 'commander';
import type { Parameter, ValuesOf } from './options/parameters.ts';
import type { Output } from './output/output.ts';
import type { Connecting } from './peer/connect.ts';

interface Described<Parameters extends readonly Parameter[]> {
  readonly name: string;
  /** Follows the name of the verb in the help. */
  readonly description: string;
  /** Command lines for the help, without the program and the verb. */
  readonly examples: readonly string[];
  /** Arguments, in their order, and options. */
  readonly parameters: Parameters;
  /** Says which options are missing that only some values of others need, one sentence each. */
  readonly missing?: (options: ValuesOf<Parameters>) => readonly string[];
}

/** A verb that connects to a peer: its first argument is the peer, and it takes the common options. */
export interface PeerVerb<Options = unknown> extends Omit<Described<readonly Parameter[]>, 'missing'> {
  readonly takesPeer: true;
  missing?(options: Options): readonly string[];
  /** Runs to an exit status. */
  run(connecting: Connecting<Options>): Promise<number>;
}

/** Everything that a verb without a peer is given. */
export interface Local<Options = unknown> {
  readonly options: Options;
  readonly output: Output;
  readonly stdout: OutputStream;
  /** The peers that the configuration file names. */
  readonly peers: ReadonlyMap<string, PeerAddress>;
  /** The whole command line. */
  readonly program: Command;
}

/** A verb that works without a peer. */
export interface LocalVerb<Options = unknown> extends Omit<Described<readonly Parameter[]>, 'missing'> {
  readonly takesPeer: false;
  missing?(options: Options): readonly string[];
  /** Runs to an exit status. */
  run(local: Local<Options>): Promise<number>;
}

export type Verb = PeerVerb | LocalVerb;

/** Defines a verb that connects to a peer. */
export function peerVerb<const Parameters extends readonly Parameter[]>(
  definition: Described<Parameters> & {
    readonly run: (connecting: Connecting<ValuesOf<Parameters>>) => Promise<number>;
  },
): PeerVerb<ValuesOf<Parameters>> {
  return { ...definition, takesPeer: true };
}

/** Defines a verb that works without a peer. */
export function localVerb<const Parameters extends readonly Parameter[]>(
  definition: Described<Parameters> & { readonly run: (local: Local<ValuesOf<Parameters>>) => Promise<number> },
): LocalVerb<ValuesOf<Parameters>> {
  return { ...definition, takesPeer: false };
}
