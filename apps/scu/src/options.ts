// The command line of dimse-scu: its verbs and their options.

import { readFileSync } from 'node:fs';
import { applyConfiguration, type ConfigurationSection } from '@x/cli/configuration-file';
import { aeTitle, integer, listOf, maximumPdu, oneOf, seconds, uid } from '@x/cli/option-values';
import { type PeerAddress, parsePeer, securePeer } from '@x/cli/peer';
import { command, UsageError } from '@x/cli/program';
import { type TlsClientCommandOptions, withTlsClientOptions } from '@x/cli/tls-options';
import type { UserIdentity } from '@x/net';
import { Command, Option } from 'commander';
import { SHELLS, type Shell } from './completion.ts';
import { type Key, parseKey } from './keys.ts';
import { DEFAULT_PATH_TEMPLATE, type PathTemplate, parsePathTemplate } from './path-template.ts';

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
}

/**
 * @param configuration What `--config` names: values of options, and under `peers` what peers are called: an address
 * each, or an `address` with values of options for this peer.
 * @throws UsageError for what is none of these.
 */
export function createProgram(verbs: Verbs, configuration: ConfigurationSection = new Map()): Command {
  const program = command('dimse-scu', 'A DICOM service class user: verifies, stores, finds, retrieves, reports.');
  const peers = namedPeers(configuration);
  const verb = (name: string, description: string) => {
    const sub = withCommonOptions(new Command(name).description(description).copyInheritedSettings(program));
    sub.argument('<peer>', 'AET@host:port, or a name of the configuration file', (text: string) => {
      const named = peers.get(text);
      if (!named) return parsePeer(text);
      const { address, settings } = named;
      // Which the command line has not given: they are known by now.
      applyConfiguration([sub], settings);
      return address;
    });
    program.addCommand(sub);
    return sub;
  };
  verb('echo', 'verifies that the peer answers')
    .option('--repeat <number>', 'how often', integer(1), 1)
    .action((peer: PeerAddress, options: EchoOptions) => verbs.echo(peerFor(peer, options), options));
  verb('store', 'sends files, and all DICOM files in folders')
    .argument('<path...>', 'files and folders')
    .option('--parallel <number>', 'associations at once', integer(1, 64), 1)
    .option(
      '--window <number>',
      'operations under way at once on an association, if the peer agrees',
      integer(1, 1024),
      1,
    )
    .option('--transfer-syntax <keep>', 'instances are sent as they are', oneOf('keep'), 'keep' as const)
    .option('--report <file>', 'write what became of each file, a JSON object a line')
    .option('--resume', 'leave out what the report says was sent, and go on with it', false)
    .action((peer: PeerAddress, paths: string[], options: StoreOptions) =>
      verbs.store(peerFor(peer, options), paths, options),
    );
  withQueryRetrieveOptions(verb('find', 'asks for what matches'))
    .option('--limit <number>', 'cancel after so many matches', integer(1))
    .option('--relational', 'leave out the keys of the levels above, if the peer agrees', false)
    .option('--fuzzy', 'match names by likeness, if the peer agrees', false)
    .option('--out <folder>', 'keep matches as DICOM files')
    .action((peer: PeerAddress, options: FindOptions) => verbs.find(peerFor(peer, options), options));
  withRetrieveOptions(verb('get', 'retrieves instances on the same association, to a folder'))
    .requiredOption('--out <folder>', 'where to keep them')
    .action((peer: PeerAddress, options: GetOptions) => verbs.get(peerFor(peer, options), options));
  withRetrieveOptions(verb('move', 'has instances sent to another application entity, or to itself'))
    .option('--dest <title>', 'the AE title to send them to, which the peer knows (with --receive: ours)', aeTitle)
    .option('--receive <port>', 'receive them ourselves, at this port', integer(0, 65535))
    .option('--out <folder>', 'where to keep what is received')
    .action((peer: PeerAddress, options: MoveOptions) => verbs.move(peerFor(peer, options), options));
  verb('worklist', 'asks for scheduled procedure steps')
    .option(
      '--key <key>',
      'Keyword=value, or Keyword to ask for it; may be given several times (default: what is usual)',
      listOf(parseKey),
    )
    .option('--limit <number>', 'cancel after so many matches', integer(1))
    .option('--fuzzy', 'match names by likeness, if the peer agrees', false)
    .option('--out <folder>', 'keep matches as DICOM files (*.wl), of which a worklist can be made again')
    .action((peer: PeerAddress, options: WorklistOptions) => verbs.worklist(peerFor(peer, options), options));
  verb('mpps', 'reports a performed procedure step: that it has begun, and what has become of it')
    .argument('<action>', 'create or set', oneOf('create', 'set'))
    .option('--uid <uid>', 'SOP Instance UID of the step (create: default a new one)', uid)
    .option('--key <key>', 'Keyword=value; may be given several times', listOf(parseKey))
    .option('--instances <path>', 'files or folders with what was made; may be given several times', listOf(String))
    .action((peer: PeerAddress, action: MppsOptions['action'], options: MppsOptions) =>
      verbs.mpps(peerFor(peer, options), { ...options, action }),
    );
  verb('ups', 'creates, finds, performs and watches work items (Unified Procedure Step)')
    .argument('<action>', UPS_ACTIONS.join(', '), oneOf(...UPS_ACTIONS))
    .option('--uid <uid>', 'SOP Instance UID of the work item (create: default a new one)', uid)
    .option('--state <state>', 'IN PROGRESS, COMPLETED or CANCELED', oneOf('IN PROGRESS', 'COMPLETED', 'CANCELED'))
    .option('--transaction <uid>', 'the transaction UID of its performer', uid)
    .option('--key <key>', 'Keyword=value; may be given several times', listOf(parseKey))
    .option('--lock', 'subscribe: what is finished is kept until the subscription ends', false)
    .option('--limit <number>', 'query and watch: end after so many', integer(1))
    .action((peer: PeerAddress, action: UpsOptions['action'], options: UpsOptions) =>
      verbs.ups(peerFor(peer, options), { ...options, action }),
    );
  verb('print', 'prints images of files on films')
    .argument('<file...>', 'files with uncompressed images')
    .option('--layout <format>', 'STANDARD\\columns,rows, or ROW\\… or COL\\…', 'STANDARD\\1,1')
    .option('--film-size <size>', '14INX17IN and the like', '14INX17IN')
    .option('--orientation <orientation>', 'PORTRAIT or LANDSCAPE', oneOf('PORTRAIT', 'LANDSCAPE'), 'PORTRAIT' as const)
    .option('--copies <number>', 'of each film', integer(1, 99), 1)
    .option('--color', 'in color, to a printer that can', false)
    .action((peer: PeerAddress, paths: string[], options: PrintOptions) =>
      verbs.print(peerFor(peer, options), paths, options),
    );
  verb('commit', 'asks whether the peer keeps instances for good')
    .argument('<path...>', 'files and folders')
    .option('--listen <port>', 'take the report at this port, too', integer(0, 65535))
    .addOption(new Option('--wait <seconds>', 'wait so long for the report').argParser(seconds).default(60_000, '60'))
    .action((peer: PeerAddress, paths: string[], options: CommitOptions) =>
      verbs.commit(peerFor(peer, options), paths, options),
    );
  program.addCommand(
    withOutputOptions(
      new Command('dump')
        .description('shows recorded conversations: pcapng, pcap, or the bytes of a connection')
        .copyInheritedSettings(program),
    )
      .argument('<file>', 'a capture file')
      .action((path: string, options: DumpOptions) => verbs.dump(path, options)),
  );
  verb('doctor', 'goes to a peer step by step, and says what is wrong and what to try').action(
    (peer: PeerAddress, options: DoctorOptions) => verbs.doctor(peerFor(peer, options), options),
  );
  program.addCommand(
    new Command('completion')
      .description(`prints what a shell needs to complete this command line: ${SHELLS.join(', ')}`)
      .copyInheritedSettings(program)
      .argument('<shell>', SHELLS.join(', '), oneOf(...SHELLS))
      .action((shell: Shell) => verbs.completion(shell, program)),
  );
  // Those of the peers are given when one is chosen.
  applyConfiguration(program.commands, configuration, ['peers']);
  return program;
}

interface NamedPeer {
  readonly address: PeerAddress;
  readonly settings: ConfigurationSection;
}

function namedPeers(configuration: ConfigurationSection): ReadonlyMap<string, NamedPeer> {
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

/** Who the user is, for the peer: PS3.7 §D.3.3.7. @throws UsageError. */
export function userIdentity(options: CommonOptions): UserIdentity | undefined {
  const { user, passwordFile, kerberosTicket, saml, jwt } = options;
  if ([user, kerberosTicket, saml, jwt].filter((each) => each !== undefined).length > 1)
    throw new UsageError('--user, --kerberos-ticket, --saml and --jwt exclude each other');
  if (passwordFile !== undefined && user === undefined) throw new UsageError('--password-file needs --user');
  const identity = (identityType: number, primaryField: Uint8Array, secondaryField = new Uint8Array(0)) => ({
    identityType,
    positiveResponseRequested: false,
    primaryField,
    secondaryField,
  });
  if (user !== undefined) {
    const name = new TextEncoder().encode(user);
    return passwordFile === undefined ? identity(1, name) : identity(2, name, readPasscode(passwordFile));
  }
  if (kerberosTicket !== undefined) return identity(3, readIdentity(kerberosTicket));
  if (saml !== undefined) return identity(4, readIdentity(saml));
  if (jwt !== undefined) return identity(5, readPasscode(jwt));
  return undefined;
}

function withQueryRetrieveOptions(verb: Command): Command {
  return verb
    .option('--model <model>', 'study or patient root', oneOf('study', 'patient'), 'study' as const)
    .option(
      '--level <level>',
      'PATIENT, STUDY, SERIES or IMAGE',
      oneOf('PATIENT', 'STUDY', 'SERIES', 'IMAGE'),
      'STUDY' as const,
    )
    .requiredOption(
      '--key <key>',
      'Keyword=value, or Keyword to ask for it; may be given several times',
      listOf(parseKey),
    );
}

function withRetrieveOptions(verb: Command): Command {
  return withQueryRetrieveOptions(verb)
    .addOption(
      new Option('--template <path>', 'the path of each file, in which {Keyword} stands for an attribute')
        .argParser(parsePathTemplate)
        .default(parsePathTemplate(DEFAULT_PATH_TEMPLATE), DEFAULT_PATH_TEMPLATE),
    )
    .option('--window <number>', 'instances under way at once, if the peer agrees', integer(1, 1024), 1);
}

function withCommonOptions(verb: Command): Command {
  return withOutputOptions(withTlsClientOptions(verb))
    .option('--calling <title>', 'our AE title', aeTitle, 'DIMSE-SCU')
    .option('--timeout <seconds>', 'wait for answers', seconds)
    .option('--connect-timeout <seconds>', 'wait for the connection', seconds)
    .option('--max-pdu <bytes>', 'longest PDU we announce; 0 = unlimited', maximumPdu, 262144)
    .option('--capture <file>', 'record the conversation for dump and Wireshark (pcapng)')
    .option('--mask', 'leave data sets out of the record', false)
    .option('--user <name>', 'who we are, for the peer')
    .option('--password-file <file>', "the user's passcode")
    .option('--kerberos-ticket <file>', 'who we are: a Kerberos service ticket')
    .option('--saml <file>', 'who we are: a SAML assertion')
    .option('--jwt <file>', 'who we are: a JSON Web Token')
    .option('--config <file>', 'named peers, and values of options (YAML or JSON)')
    .option('--log-format <format>', 'pretty or json', oneOf('pretty', 'json'), 'pretty' as const);
}

function withOutputOptions(verb: Command): Command {
  return verb
    .option('--json', 'results as JSON, an object a line', false)
    .option('--quiet', 'no results, no progress: only errors', false)
    .option(
      '-v, --verbose',
      'show negotiation; twice: every PDU and message',
      (_: string, before: number) => before + 1,
      0,
    );
}

function peerFor(peer: PeerAddress, { tls }: CommonOptions): PeerAddress {
  return tls ? securePeer(peer) : peer;
}

/** Text, without the end of its last line. */
function readPasscode(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(new TextDecoder().decode(readIdentity(path)).replace(/\r?\n$/, ''));
}

function readIdentity(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`the file that says who the user is cannot be read: ${(error as Error).message}`);
  }
}
