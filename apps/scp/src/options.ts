// The options of dimse-scp.

import { aeTitle, integer, listOf, maximumPdu, oneOf, seconds } from '@x/cli/option-values';
import { type PeerAddress, parseNamedPeer } from '@x/cli/peer';
import { command, type ProgramContext } from '@x/cli/program';
import { type TlsFileOptions, withTlsServerOptions } from '@x/cli/tls-options';
import type { TlsClientOptions } from '@x/net';
import { type Command, Option } from 'commander';
import { readUsers, type Users } from './users.ts';

export interface Options extends TlsFileOptions {
  readonly port: number;
  readonly host?: string;
  readonly aet: string;
  /** The folder that holds everything. */
  readonly data: string;
  /** Those to whom instances can be moved, and who can be told of events. */
  readonly peer?: readonly PeerAddress[];
  /** Of connections to peers that are named as secure ones: our certificate, and whom we trust. */
  readonly peerTls?: TlsClientOptions;
  /** AE titles of peers that are told of performed procedure steps. */
  readonly notify?: readonly string[];
  /** The folder of worklist items. */
  readonly worklist?: string;
  /** Milliseconds that work items and performed procedure steps are kept after their end; 0 = for good. */
  readonly keepFinished: number;
  /** AE titles that may call; all when absent. */
  readonly acceptCalling?: readonly string[];
  /** Whether any called AE title is taken. */
  readonly promiscuousCalled: boolean;
  readonly maxAssociations: number;
  /** Bytes; 0 = unlimited. */
  readonly maxPdu: number;
  /** Milliseconds. */
  readonly artimTimeout: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
  readonly window: number;
  readonly fsync: boolean;
  /** Whether the index is made anew from the files. */
  readonly reindex: boolean;
  /** Who may call; everybody when absent. */
  readonly users?: Users;
  /** The port of the pages for operators. */
  readonly http?: number;
  readonly httpHost: string;
  /** Whether only a conformance statement is printed. */
  readonly conformance: boolean;
  /** A user whose line for the file of users is printed. */
  readonly makeUser?: string;
  /** Milliseconds. */
  readonly drain: number;
  /** The folder to record conversations in. */
  readonly capture?: string;
  /** Whether data sets are left out of the record. */
  readonly mask: boolean;
  readonly verbose: number;
  readonly logFormat: 'pretty' | 'json';
}

/** The command line. Its help and its errors go to these streams; by default to those of the process. */
export function createProgram(streams?: Pick<ProgramContext, 'stdout' | 'stderr'>): Command {
  return withTlsServerOptions(command('dimse-scp', 'A small DICOM archive: verifies, stores, queries.', streams))
    .option('--port <port>', 'TCP port; 0 takes a free one', integer(0, 65535), 11112)
    .option('--host <address>', 'address to listen on (default: all)')
    .option('--aet <title>', 'our AE title', aeTitle, 'DIMSE')
    .option('--data <folder>', 'the folder that holds everything')
    .option(
      '--peer <AET=host:port>',
      'where to move instances to; AET=tls://host:port is secure; may be given several times',
      listOf(parseNamedPeer),
    )
    .option(
      '--notify <title>',
      'tell this peer of performed procedure steps; may be given several times',
      listOf(aeTitle),
    )
    .option('--worklist <folder>', 'holds worklist items: DICOM files (*.wl) or JSON')
    .addOption(
      new Option('--keep-finished <days>', 'keep work items and procedure steps after their end; 0 = for good')
        .argParser((text: string) => integer(0, 36_500)(text) * DAY)
        .default(365 * DAY, '365'),
    )
    .option('--accept-calling <title>', 'accept this calling AE title; may be given several times', listOf(aeTitle))
    .option('--promiscuous-called', 'accept any called AE title', false)
    .option('--max-associations <number>', 'associations at once', integer(1, 65535), 256)
    .option('--max-pdu <bytes>', 'longest PDU we announce; 0 = unlimited', maximumPdu, 262144)
    .addOption(inSeconds('--artim-timeout <seconds>', 'wait for an association request', 30))
    .addOption(inSeconds('--idle-timeout <seconds>', 'release an association nobody uses; 0 = never', 300))
    .option('--window <number>', 'operations a peer may have under way at once', integer(1, 65535), 16)
    .option('--fsync', 'answer Success once an instance is on disk, not only written', false)
    .option('--reindex', 'make the index anew from the files', false)
    .addOption(inSeconds('--drain <seconds>', 'let associations finish when stopping', 10))
    .option('--users <file>', 'who may call, by user identity: see --make-user', readUsers)
    .option('--make-user <name>', 'read a passcode from the standard input, print the line of a user, and end')
    .option(
      '--http <port>',
      'show health, metrics and what goes on at this port; 0 takes a free one',
      integer(0, 65535),
    )
    .option('--http-host <address>', 'address for that', '127.0.0.1')
    .option('--conformance', 'print a conformance statement of what these options make, and end', false)
    .option('--capture <folder>', 'record conversations for dump and Wireshark (pcapng)')
    .option('--mask', 'leave data sets out of the record', false)
    .option('--config <file>', 'values of these options by their names (YAML or JSON); the command line wins')
    .option('--log-format <format>', 'pretty or json', oneOf('pretty', 'json'), 'pretty' as const)
    .option(
      '-v, --verbose',
      'show negotiation; twice: every PDU and message',
      (_: string, before: number) => before + 1,
      0,
    );
}

/** In milliseconds. */
const DAY = 86_400_000;

/** Given and shown in seconds, kept in milliseconds. */
function inSeconds(flags: string, description: string, otherwise: number): Option {
  return new Option(flags, description).argParser(seconds).default(otherwise * 1000, `${otherwise}`);
}
