// The options of dimse-scp.

import { type Shell, shell } from '@x/cli/completion';
import { aeTitle, byteCount, integer, listOf, maximumPdu, network, oneOf, umask } from '@x/cli/option-values';
import { type PeerAddress, parseNamedPeer } from '@x/cli/peer';
import { command, type ProgramContext } from '@x/cli/program';
import { type TlsFileOptions, withTlsServerOptions } from '@x/cli/tls-options';
import type { TlsClientOptions } from '@x/net';
import { type Command, Option } from 'commander';
import type { AccessRights } from './access-rights.ts';
import type { ForwardRules } from './deliveries/forward-rules.ts';
import type { FileNameTemplate } from './instances/file-name-template.ts';
import { DAY, inSeconds } from './option-kinds.ts';
import { type PolicyReaders, withReceptionOptions } from './reception-options.ts';
import type { CoercionRule } from './rules/coercion-rules.ts';
import { readUsers, readUsersWithPasscodes, type Users } from './users.ts';
import { VERSION } from './version.ts';

export interface Options extends TlsFileOptions {
  readonly port: number;
  readonly host?: string;
  readonly aet: string;
  /** The folder that holds everything. Absent only with `index` and `store`. */
  readonly data: string;
  /** The address of the database that several processes share. */
  readonly index?: string;
  /** The address of the object store that they share. */
  readonly store?: string;
  /** Bytes of the instances that are in memory while they are sent there. */
  readonly storeMemory?: number;
  /** The peers that instances can be moved to and that events can be reported to. */
  readonly peer?: readonly PeerAddress[];
  /** For connections to peers named with `tls://`: the certificate to show, and the authorities to trust. */
  readonly peerTls?: TlsClientOptions;
  /** AE titles of peers that are notified of performed procedure steps. */
  readonly notify?: readonly string[];
  /** The file that says which instances are forwarded, and where. */
  readonly forward?: string;
  /** Its content. */
  readonly forwardRules?: ForwardRules;
  /** Commands and URLs to call for each instance. */
  readonly onInstance?: readonly string[];
  /** Commands and URLs to call for each study that is quiet. */
  readonly onStudy?: readonly string[];
  /** Milliseconds without a new instance after which a study is quiet. */
  readonly studyTimeout: number;
  /** Milliseconds after which a hook is ended. */
  readonly hookTimeout: number;
  /** Whether a shell runs the commands of hooks. */
  readonly hookShell: boolean;
  /** Whether the peers of `notify` are told of the instances of studies that are quiet. */
  readonly notifyAvailability: boolean;
  /** The folder of worklist items. */
  readonly worklist?: string;
  /** Milliseconds that work items and performed procedure steps are kept after their end; 0 = for ever. */
  readonly keepFinished: number;
  /** Calling AE titles to accept; all if absent. */
  readonly acceptCalling?: readonly string[];
  /** Whether any called AE title is accepted. */
  readonly promiscuousCalled: boolean;
  readonly maxAssociations: number;
  /** Default: half of `maxAssociations`. */
  readonly maxAssociationsPerAet?: number;
  /** Default: half of `maxAssociations`. */
  readonly maxAssociationsPerHost?: number;
  /** New connections per second from one address; unlimited if absent. */
  readonly maxConnectionsPerSecond?: number;
  /** Milliseconds. */
  readonly dataTimeout: number;
  /** The least rate of a command set or data set, in bytes per second; any rate if absent. */
  readonly minimumRate?: number;
  /** Whether every fault in the form of a request is refused. */
  readonly strict: boolean;
  /** Addresses and networks of load balancers that send the PROXY protocol. */
  readonly proxy?: readonly string[];
  /** Bytes; 0 = unlimited. */
  readonly maxPdu: number;
  /** Milliseconds. */
  readonly artimTimeout: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
  readonly window: number;
  readonly decompress: boolean;
  /** The only transfer syntaxes of instances that are accepted, in order of preference; all if absent. */
  readonly acceptSyntax?: readonly string[];
  /** The transfer syntaxes of instances that are chosen before others. */
  readonly preferSyntax?: readonly string[];
  /** Names the files of instances that are received; their UIDs do if it is absent. */
  readonly fileName?: FileNameTemplate;
  /** The changes of instances that are received; they are kept unchanged if it is absent. */
  readonly coerce?: readonly CoercionRule[];
  /** Bytes of the data sets of all instances; unlimited if absent. */
  readonly quota?: number;
  /** Milliseconds after the arrival of its last instance after which a study is deleted; never if absent. */
  readonly keepStudies?: number;
  /** The studies that are deleted to make room; none if absent. */
  readonly evict?: 'oldest';
  /** Whether an instance is on disk before Success is answered. */
  readonly fsync: boolean;
  /** Whether the index is rebuilt from the files. */
  readonly reindex: boolean;
  /** The user identities to accept; all requestors if absent. */
  readonly users?: Users;
  /** The port of the pages for operators. */
  readonly http?: number;
  readonly httpHost: string;
  /** The users who may see these pages; everyone who reaches them if absent, but patients only at this machine. */
  readonly httpUsers?: Users;
  /** Whether only a conformance statement is printed. */
  readonly conformance: boolean;
  /** The shell whose completion script is printed. */
  readonly completion?: Shell;
  /** The name of a user whose line for the file of users is printed. */
  readonly makeUser?: string;
  /** Milliseconds. */
  readonly drain: number;
  /** Milliseconds from the signal to stop until new associations are not accepted any more. */
  readonly stopDelay: number;
  /** The folder to record conversations in. */
  readonly capture?: string;
  /** Whether data sets are left out of the record. */
  readonly mask: boolean;
  /** Whether passcodes, tickets and tokens are kept in the record. */
  readonly capturePasscodes: boolean;
  /** The file of the audit log. */
  readonly auditLog?: string;
  /** Whether the audit log has names and identifiers of patients. */
  readonly auditPatients: boolean;
  /** The permissions that new files and folders do not have, as the system's umask. */
  readonly umask: number;
  /** The areas of the configuration file. */
  readonly areas?: readonly AreaSettings[];
  /** In the options of an area, the rights of calling AE titles on it. */
  readonly rights?: AccessRights;
  readonly verbose: number;
  readonly logFormat: 'pretty' | 'json';
}

/** An area as the configuration file has it. */
export interface AreaSettings {
  readonly aet: string;
  /** The name of its folder in `areas` below the data folder. */
  readonly folder: string;
  /** The options that the area has itself, with its rights; the others are those of the archive. */
  readonly options: Partial<Options>;
  /** Its position in the configuration file: `file:line:column`. */
  readonly place: string;
}

/**
 * The command line. Its help and its errors go to these streams; by default to those of the process.
 * @param readers By default, values are kept as text, for the commands that do not use them.
 */
export function createProgram(
  streams?: Pick<ProgramContext, 'stdout' | 'stderr'>,
  readers: Partial<PolicyReaders> = {},
): Command {
  const program = withTlsServerOptions(
    command('dimse-scp', 'A DICOM archive: storage, query, retrieval, worklist, forwarding.', streams),
  )
    .version(VERSION)
    .addHelpText(
      'after',
      '\nCommands:\n  delete   delete a study or a part of it; see dimse-scp delete --help\n  forward  list, retry or cancel what waits to be delivered; see dimse-scp forward --help',
    )
    .option('--port <port>', 'TCP port; 0 takes a free port', integer(0, 65535), 11112)
    .option('--host <address>', 'address to listen on (default: all)')
    .option('--aet <title>', 'AE title of the archive', aeTitle, 'DIMSE')
    .option('--data <folder>', 'folder for everything that the archive keeps')
    .addOption(
      new Option(
        '--index <url>',
        'PostgreSQL database that several archives share, with --store: postgres://user@host/database?schema=name',
      ).env('DIMSE_SCP_INDEX'),
    )
    .option('--store <url>', 'S3 store that they share: s3://bucket/prefix?endpoint=http://host:port')
    .option(
      '--peer <AET=host:port>',
      'peer to move instances and send reports to; AET=tls://host:port uses TLS; repeatable',
      listOf(parseNamedPeer),
    )
    .option('--notify <title>', 'notify this peer of performed procedure steps; repeatable', listOf(aeTitle))
    .option('--forward <file>', 'file of rules (YAML or JSON): which instances are sent on, and where')
    .option(
      '--on-instance <command>',
      'command or URL to call for each instance that was received; repeatable',
      listOf((text) => text),
    )
    .option(
      '--on-study <command>',
      'command or URL to call for each study when no instance has arrived for --study-timeout; repeatable',
      listOf((text) => text),
    )
    .addOption(inSeconds('--study-timeout <seconds>', 'a study is quiet when no instance arrives for this time', 60))
    .addOption(inSeconds('--hook-timeout <seconds>', 'end a hook that has not ended after this time', 60))
    .option('--hook-shell', 'run the commands of hooks by a shell; values are in its environment', false)
    .option('--notify-availability', 'tell the peers of --notify which instances of a quiet study are available', false)
    .option('--worklist <folder>', 'folder of worklist items: DICOM files (*.wl) or JSON')
    .addOption(
      new Option(
        '--keep-finished <days>',
        'keep work items and procedure steps this long after their end; 0 = for ever',
      )
        .argParser((text: string) => integer(0, 36_500)(text) * DAY)
        .default(365 * DAY, '365'),
    )
    .option('--accept-calling <title>', 'accept this calling AE title; repeatable (default: all)', listOf(aeTitle))
    .option('--promiscuous-called', 'accept any called AE title', false)
    .option('--max-associations <number>', 'maximum number of associations at the same time', integer(1, 65535), 256)
    .option(
      '--max-associations-per-aet <number>',
      'maximum number for one calling AE title (default: half of --max-associations)',
      integer(1, 65535),
    )
    .option(
      '--max-associations-per-host <number>',
      'maximum number from one address (default: half of --max-associations)',
      integer(1, 65535),
    )
    .option(
      '--max-connections-per-second <number>',
      'new connections per second from one address (default: unlimited)',
      integer(1, 65535),
    )
    .option(
      '--proxy <network>',
      'address or network of load balancers that send the PROXY protocol; repeatable',
      listOf(network),
    )
    .option('--max-pdu <bytes>', 'maximum PDU length to announce; 0 = unlimited', maximumPdu, 262144)
    .addOption(inSeconds('--artim-timeout <seconds>', 'wait for an association request', 30))
    .addOption(
      inSeconds('--idle-timeout <seconds>', 'release an association after this time without use; 0 = never', 300),
    )
    .addOption(
      inSeconds('--data-timeout <seconds>', 'abort if no byte arrives for this time inside a message; 0 = never', 60),
    )
    .option(
      '--minimum-rate <bytes>',
      'abort if a command or data set arrives slower than this per second, over at least 10 s, such as 10kB (default: any rate)',
      byteCount,
    )
    .option('--strict', 'refuse association requests with any fault of form', false)
    .option('--window <number>', 'maximum number of operations in progress per association', integer(1, 65535), 16)
    .option('--decompress', 'decompress instances for peers that do not take their transfer syntax', false)
    .option('--no-fsync', 'answer Success before an instance is on disk: a power failure may lose it');
  return withReceptionOptions(program, readers)
    .option('--reindex', 'rebuild the index from the files', false)
    .addOption(inSeconds('--drain <seconds>', 'let associations finish when stopping', 10))
    .addOption(
      inSeconds(
        '--stop-delay <seconds>',
        'when told to stop, accept associations for this time while /healthz answers 503: for load balancers',
        0,
      ),
    )
    .option('--users <file>', 'file of users who may call: see --make-user', readUsers)
    .option(
      '--make-user <name>',
      'read a passcode from the standard input, print the line for the file of users, and exit',
    )
    .option(
      '--http <port>',
      'serve health, metrics and a live page at this port; 0 takes a free port',
      integer(0, 65535),
    )
    .option('--http-host <address>', 'address to serve them at', '127.0.0.1')
    .option(
      '--http-users <file>',
      'file of users who may see them, each with a passcode (see --make-user); needed to show patients beyond this machine',
      readUsersWithPasscodes,
    )
    .option('--conformance', 'print the conformance statement for these options, and exit', false)
    .option(
      '--completion <shell>',
      'print a completion script for bash, zsh, fish or powershell, and exit: source <(dimse-scp --completion bash)',
      shell,
    )
    .option('--capture <folder>', 'record associations for dump and Wireshark (pcapng)')
    .option('--mask', 'leave data sets out of the recording', false)
    .option('--capture-passcodes', 'record passcodes, tickets and tokens too', false)
    .option('--audit-log <file>', 'append who did what to this file, as JSON lines (PS3.15 §A.5)')
    .option('--audit-patients', 'write names and identifiers of patients to the audit log too', false)
    .addOption(
      new Option('--umask <octal>', 'permissions that new files and folders do not have')
        .argParser(umask)
        .default(0o077, '077'),
    )
    .option(
      '--config <file>',
      'file with values for these options by name (YAML or JSON); the command line takes precedence',
    )
    .option('--log-format <format>', 'pretty or json', oneOf('pretty', 'json'), 'pretty' as const)
    .option(
      '-v, --verbose',
      'show negotiation; twice: every PDU and message',
      (_: string, before: number) => before + 1,
      0,
    );
}
