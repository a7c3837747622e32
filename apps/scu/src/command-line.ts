// The command line of dimse-scu: its verbs and their options.

import { readFileSync } from 'node:fs';
import { applyConfiguration, type ConfigurationSection } from '@x/cli/configuration-file';
import { aeTitle, integer, listOf, oneOf, seconds, uid } from '@x/cli/option-values';
import { type PeerAddress, parsePeer, securePeer } from '@x/cli/peer';
import { command } from '@x/cli/program';
import { Command, Option } from 'commander';
import { parseKey } from './options/keys.ts';
import { namedPeers, unlessMistyped } from './options/named-peers.ts';
import {
  withCommonOptions,
  withConfigurationOption,
  withOutputOptions,
  withQueryRetrieveOptions,
  withRetrieveOptions,
} from './options/option-groups.ts';
import {
  type CommitOptions,
  type CommonOptions,
  type DoctorOptions,
  type DumpOptions,
  type EchoOptions,
  type FindOptions,
  type GetOptions,
  type MoveOptions,
  type MppsOptions,
  type PeersOptions,
  type PrintOptions,
  SHELLS,
  type Shell,
  type StoreOptions,
  UPS_ACTIONS,
  type UpsOptions,
  type Verbs,
  type WorklistOptions,
} from './options/options.ts';

/**
 * @param configuration What `--config` names: values of options, and under `peers` what peers are called: an address
 * each, or an `address` with values of options for this peer.
 * @throws UsageError for what is none of these.
 */
export function createProgram(verbs: Verbs, configuration: ConfigurationSection = new Map()): Command {
  const program = command('dimse-scu', 'A DICOM service class user: verifies, stores, finds, retrieves, reports.')
    .version(version())
    .addHelpText('after', WHERE_TO_BEGIN);
  const peers = namedPeers(configuration);
  const verb = (name: string, description: string, ...examples: readonly string[]) => {
    const sub = new Command(name).description(description).copyInheritedSettings(program);
    sub.argument('<peer>', 'AET@host:port, or a name of the configuration file', (text: string) => {
      const named = peers.get(text);
      if (!named) return parsePeer(unlessMistyped(text, peers));
      const { address, settings } = named;
      // Which the command line has not given: they are known by now.
      applyConfiguration([sub], settings);
      return address;
    });
    sub.addHelpText(
      'after',
      ['\nExamples:', ...examples.map((example) => `  dimse-scu ${name} ${example}`)].join('\n'),
    );
    program.addCommand(sub);
    return sub;
  };
  verb('echo', 'verifies that the peer answers', 'ARCHIVE@10.0.0.5:104 --repeat 3', '10.0.0.5 --tls --tls-ca ca.pem')
    .option('--repeat <number>', 'how often', integer(1), 1)
    .action((peer: PeerAddress, options: EchoOptions) => verbs.echo(peerFor(peer, options), options));
  verb(
    'store',
    'sends files, and all DICOM files in folders',
    'ARCHIVE@10.0.0.5:104 study/ image.dcm',
    'ARCHIVE@10.0.0.5:104 study/ --parallel 4 --report sent.jsonl',
    'ARCHIVE@10.0.0.5:104 study/ --report sent.jsonl --resume',
  )
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
  withQueryRetrieveOptions(
    verb(
      'find',
      'asks for what matches',
      "ARCHIVE@10.0.0.5:104 --key 'PatientName=Doe*' --key StudyDate=20260101- --key StudyInstanceUID",
      'ARCHIVE@10.0.0.5:104 --level SERIES --key StudyInstanceUID=1.2.3 --key SeriesInstanceUID --json',
    ),
  )
    .option('--limit <number>', 'cancel after so many matches', integer(1))
    .option('--relational', 'leave out the keys of the levels above, if the peer agrees', false)
    .option('--fuzzy', 'match names by likeness, if the peer agrees', false)
    .option('--out <folder>', 'keep matches as DICOM files')
    .action((peer: PeerAddress, options: FindOptions) => verbs.find(peerFor(peer, options), options));
  withRetrieveOptions(
    verb(
      'get',
      'retrieves instances on the same association, to a folder',
      'ARCHIVE@10.0.0.5:104 --key StudyInstanceUID=1.2.3 --out study/',
    ),
  )
    .requiredOption('--out <folder>', 'where to keep them')
    .action((peer: PeerAddress, options: GetOptions) => verbs.get(peerFor(peer, options), options));
  withRetrieveOptions(
    verb(
      'move',
      'has instances sent to another application entity, or to itself',
      'ARCHIVE@10.0.0.5:104 --key StudyInstanceUID=1.2.3 --dest WORKSTATION',
      'ARCHIVE@10.0.0.5:104 --key StudyInstanceUID=1.2.3 --receive 11113 --out study/',
    ),
  )
    .option('--dest <title>', 'the AE title to send them to, which the peer knows (with --receive: ours)', aeTitle)
    .option('--receive <port>', 'receive them ourselves, at this port', integer(0, 65535))
    .option('--out <folder>', 'where to keep what is received')
    .action((peer: PeerAddress, options: MoveOptions) => verbs.move(peerFor(peer, options), options));
  verb(
    'worklist',
    'asks for scheduled procedure steps',
    'RIS@10.0.0.6:104',
    'RIS@10.0.0.6:104 --key PatientName --key ScheduledProcedureStepSequence.Modality=CT',
  )
    .option(
      '--key <key>',
      'Keyword=value, or Keyword to ask for it; may be given several times (default: what is usual)',
      listOf(parseKey),
    )
    .option('--limit <number>', 'cancel after so many matches', integer(1))
    .option('--fuzzy', 'match names by likeness, if the peer agrees', false)
    .option('--out <folder>', 'keep matches as DICOM files (*.wl), of which a worklist can be made again')
    .action((peer: PeerAddress, options: WorklistOptions) => verbs.worklist(peerFor(peer, options), options));
  verb(
    'mpps',
    'reports a performed procedure step: that it has begun, and what has become of it',
    'RIS@10.0.0.6:104 create --uid 2.25.1 --key Modality=CT --key PatientID=42',
    'RIS@10.0.0.6:104 set --uid 2.25.1 --key PerformedProcedureStepStatus=COMPLETED --instances study/',
  )
    .argument('<action>', 'create or set', oneOf('create', 'set'))
    .option('--uid <uid>', 'SOP Instance UID of the step (create: default a new one)', uid)
    .option('--key <key>', 'Keyword=value; may be given several times', listOf(parseKey))
    .option('--instances <path>', 'files or folders with what was made; may be given several times', listOf(String))
    .action((peer: PeerAddress, action: MppsOptions['action'], options: MppsOptions) =>
      verbs.mpps(peerFor(peer, options), { ...options, action }),
    );
  verb(
    'ups',
    'creates, finds, performs and watches work items (Unified Procedure Step)',
    'RIS@10.0.0.6:104 query --key ProcedureStepState=SCHEDULED --key ProcedureStepLabel',
    "RIS@10.0.0.6:104 change-state --uid 2.25.1 --transaction 2.25.2 --state 'IN PROGRESS'",
  )
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
  verb('print', 'prints images of files on films', "PRINTER@10.0.0.8:104 one.dcm two.dcm --layout 'STANDARD\\2,1'")
    .argument('<file...>', 'files with uncompressed images')
    .option('--layout <format>', 'STANDARD\\columns,rows, or ROW\\… or COL\\…', 'STANDARD\\1,1')
    .option('--film-size <size>', '14INX17IN and the like', '14INX17IN')
    .option('--orientation <orientation>', 'PORTRAIT or LANDSCAPE', oneOf('PORTRAIT', 'LANDSCAPE'), 'PORTRAIT' as const)
    .option('--copies <number>', 'of each film', integer(1, 99), 1)
    .option('--color', 'in color, to a printer that can', false)
    .option('--all-frames', 'of files with many: each is an image', false)
    .option('--annotation <text>', 'write a text on each film')
    .option('--annotation-format <id>', 'where the printer writes it', 'LABEL')
    .action((peer: PeerAddress, paths: string[], options: PrintOptions) =>
      verbs.print(peerFor(peer, options), paths, options),
    );
  verb(
    'commit',
    'asks whether the peer keeps instances for good',
    'ARCHIVE@10.0.0.5:104 study/ --listen 11113 --wait 120',
  )
    .argument('<path...>', 'files and folders')
    .option('--listen <port>', 'take the report at this port, too', integer(0, 65535))
    .addOption(new Option('--wait <seconds>', 'wait so long for the report').argParser(seconds).default(60_000, '60'))
    .action((peer: PeerAddress, paths: string[], options: CommitOptions) =>
      verbs.commit(peerFor(peer, options), paths, options),
    );
  verb(
    'doctor',
    'goes to a peer step by step, and says what is wrong and what to try',
    'ARCHIVE@10.0.0.5:104 --calling CT01',
  ).action((peer: PeerAddress, options: DoctorOptions) => verbs.doctor(peerFor(peer, options), options));
  verb(
    'replay',
    'says the requests of a recorded conversation again, and compares the answers',
    'ARCHIVE@10.0.0.5:104 conversation.pcapng',
  )
    .argument('<file>', 'a capture file: pcapng, pcap, or the bytes of a connection')
    .action((peer: PeerAddress, path: string, options: CommonOptions) =>
      verbs.replay(peerFor(peer, options), path, options),
    );
  for (const sub of program.commands) withCommonOptions(sub);
  program.addCommand(
    withOutputOptions(
      new Command('dump')
        .description('shows recorded conversations: pcapng, pcap, or the bytes of a connection')
        .copyInheritedSettings(program),
    )
      .argument('<file>', 'a capture file')
      .addHelpText('after', '\nExample:\n  dimse-scu dump conversation.pcapng -v')
      .action((path: string, options: DumpOptions) => verbs.dump(path, options)),
  );
  program.addCommand(
    withConfigurationOption(
      withOutputOptions(
        new Command('peers')
          .description('lists the peers that the configuration file names')
          .copyInheritedSettings(program),
      ),
    )
      .addHelpText('after', '\nExample:\n  dimse-scu peers --config scu.yaml')
      .action((options: PeersOptions) =>
        verbs.peers(new Map([...peers].map(([name, { address }]) => [name, address])), options),
      ),
  );
  program.addCommand(
    new Command('completion')
      .description(`prints what a shell needs to complete this command line: ${SHELLS.join(', ')}`)
      .copyInheritedSettings(program)
      .argument('<shell>', SHELLS.join(', '), oneOf(...SHELLS))
      .addHelpText('after', '\nExample:\n  source <(dimse-scu completion bash)')
      .action((shell: Shell) => verbs.completion(shell, program)),
  );
  // Those of the peers are given when one is chosen.
  applyConfiguration(program.commands, configuration, ['peers']);
  return program;
}

function peerFor(peer: PeerAddress, { tls }: CommonOptions): PeerAddress {
  return tls ? securePeer(peer) : peer;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

const WHERE_TO_BEGIN = `
A peer is AET@host:port. To begin: dimse-scu doctor ARCHIVE@10.0.0.5:104
What a verb takes: dimse-scu <verb> --help`;
