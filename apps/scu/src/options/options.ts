// What each verb of dimse-scu takes.

import type { PeerAddress } from '@x/cli/peer';
import type { TlsClientCommandOptions } from '@x/cli/tls-options';
import type { Command } from 'commander';
import type { Key } from './keys.ts';
import type { PathTemplate } from './path-template.ts';

/** What every verb takes. */
export interface CommonOptions extends TlsClientCommandOptions {
  readonly calling: string;
  /** Milliseconds; absent for the library's defaults. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly connectTimeout?: number;
  /** Bytes; 0 = unlimited. */
  readonly maxPdu: number;
  /** The file to record the conversation in. */
  readonly capture?: string;
  /** Whether data sets are left out of it. */
  readonly mask: boolean;
  readonly user?: string;
  readonly passwordFile?: string;
  /** Files that hold what says who the user is, in place of a name. */
  readonly kerberosTicket?: string;
  readonly saml?: string;
  readonly jwt?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: number;
  readonly logFormat: 'pretty' | 'json';
}

export interface DumpOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Once: negotiation in full; twice: every PDU. */
  readonly verbose: number;
}

export interface PeersOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What doctor takes. */
export type DoctorOptions = CommonOptions;

export interface EchoOptions extends CommonOptions {
  readonly repeat: number;
}

/** What is asked for, by an information model of Query/Retrieve. */
export interface QueryRetrieveOptions extends CommonOptions {
  readonly model: 'study' | 'patient';
  readonly level: 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';
  readonly key: readonly Key[];
}

export interface FindOptions extends QueryRetrieveOptions {
  /** Matches after which the query is cancelled. */
  readonly limit?: number;
  readonly relational: boolean;
  readonly fuzzy: boolean;
  /** The folder that matches are kept in. */
  readonly out?: string;
}

export interface WorklistOptions extends CommonOptions {
  readonly key?: readonly Key[];
  /** Matches after which the query is cancelled. */
  readonly limit?: number;
  readonly fuzzy: boolean;
  /** The folder that matches are kept in. */
  readonly out?: string;
}

export interface MppsOptions extends CommonOptions {
  readonly action: 'create' | 'set';
  /** SOP Instance UID of the step. */
  readonly uid?: string;
  readonly key?: readonly Key[];
  /** Files and folders with the instances that were made. */
  readonly instances?: readonly string[];
}

export const UPS_ACTIONS = [
  'create',
  'query',
  'get',
  'set',
  'change-state',
  'request-cancel',
  'subscribe',
  'unsubscribe',
  'watch',
] as const;

export interface UpsOptions extends CommonOptions {
  readonly action: (typeof UPS_ACTIONS)[number];
  readonly uid?: string;
  readonly state?: 'IN PROGRESS' | 'COMPLETED' | 'CANCELED';
  readonly transaction?: string;
  readonly key?: readonly Key[];
  /** Whether what is finished is to be kept for us. */
  readonly lock: boolean;
  /** Matches or events after which it ends. */
  readonly limit?: number;
}

export interface PrintOptions extends CommonOptions {
  /** Image Display Format: STANDARD\\C,R and its kin. */
  readonly layout: string;
  readonly filmSize: string;
  readonly orientation: 'PORTRAIT' | 'LANDSCAPE';
  readonly copies: number;
  readonly color: boolean;
  /** All frames of a file, each an image, instead of the first. */
  readonly allFrames: boolean;
  /** A text on each film. */
  readonly annotation?: string;
  /** Annotation Display Format ID: the printer's. */
  readonly annotationFormat: string;
}

export interface CommitOptions extends CommonOptions {
  /** The port at which the report may come. */
  readonly listen?: number;
  /** Milliseconds to wait for the report. */
  readonly wait: number;
}

export interface StoreOptions extends CommonOptions {
  readonly parallel: number;
  readonly window: number;
  readonly report?: string;
  /** Whether what the report says was sent is left out. */
  readonly resume: boolean;
}

/** What get and move take. */
export interface RetrieveOptions extends QueryRetrieveOptions {
  readonly template: PathTemplate;
  readonly window: number;
}

export interface GetOptions extends RetrieveOptions {
  /** The folder that instances are kept in. */
  readonly out: string;
}

export interface MoveOptions extends RetrieveOptions {
  /** The AE title to move to. */
  readonly dest?: string;
  /** The port to receive at, where it is its own destination. */
  readonly receive?: number;
  readonly out?: string;
}

/** What each verb does. */
export interface Verbs {
  doctor(peer: PeerAddress, options: DoctorOptions): Promise<void>;
  peers(peers: ReadonlyMap<string, PeerAddress>, options: PeersOptions): Promise<void>;
  completion(shell: Shell, program: Command): Promise<void>;
  echo(peer: PeerAddress, options: EchoOptions): Promise<void>;
  find(peer: PeerAddress, options: FindOptions): Promise<void>;
  get(peer: PeerAddress, options: GetOptions): Promise<void>;
  move(peer: PeerAddress, options: MoveOptions): Promise<void>;
  dump(path: string, options: DumpOptions): Promise<void>;
  store(peer: PeerAddress, paths: readonly string[], options: StoreOptions): Promise<void>;
  worklist(peer: PeerAddress, options: WorklistOptions): Promise<void>;
  mpps(peer: PeerAddress, options: MppsOptions): Promise<void>;
  ups(peer: PeerAddress, options: UpsOptions): Promise<void>;
  print(peer: PeerAddress, paths: readonly string[], options: PrintOptions): Promise<void>;
  commit(peer: PeerAddress, paths: readonly string[], options: CommitOptions): Promise<void>;
  replay(peer: PeerAddress, path: string, options: CommonOptions): Promise<void>;
}

/** The shells that `completion` writes a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];
