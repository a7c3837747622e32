// The command line of dimse-scu, made from the list of its verbs.

import { readFileSync } from 'node:fs';
import { applyConfiguration, type ConfigurationSection } from '@x/cli/configuration-file';
import { withChoices } from '@x/cli/option-values';
import { type PeerAddress, parsePeer, peerText, securePeer } from '@x/cli/peer';
import { command, type ProgramContext, UsageError } from '@x/cli/program';
import { withTlsClientOptions } from '@x/cli/tls-options';
import type { Command } from 'commander';
import { fromDcmtkForm, isLikePeer } from './options/dcmtk-form.ts';
import { type NamedPeer, namedPeers, unlessMistyped } from './options/named-peers.ts';
import { CONNECTION_OPTIONS, type CommonOptions, type OutputOptions } from './options/shared-options.ts';
import type { LocalVerb, PeerVerb, Verb } from './verb.ts';
import { VerbCommand } from './verb-command.ts';

/** The verb that a command line asks for, and its values. */
export type Chosen =
  | { readonly verb: PeerVerb; readonly peer: PeerAddress; readonly options: CommonOptions }
  | {
      readonly verb: LocalVerb;
      readonly peer?: undefined;
      readonly options: OutputOptions;
      /** The peers that the configuration file names. */
      readonly peers: ReadonlyMap<string, PeerAddress>;
      readonly program: Command;
    };

/**
 * Makes the command line of these verbs. Parsing it only calls `onChosen`.
 * @param configuration The file that `--config` names: defaults of options, and named peers under `peers`. A peer is an
 * address, or a section with an `address` and with defaults of options for this peer.
 * @throws UsageError for settings that no verb has, and values that cannot be read.
 */
export function createCommandLine(
  verbs: readonly Verb[],
  onChosen: (chosen: Chosen) => void,
  configuration: ConfigurationSection = new Map(),
  streams: Pick<ProgramContext, 'stdout' | 'stderr'> = process,
): Command {
  const program = command(
    'dimse-scu',
    'A DICOM service class user: verifies, stores, queries, retrieves, reports.',
    streams,
  )
    .version(version())
    .addHelpText('after', FIRST_STEPS);
  const peers = namedPeers(configuration);
  for (const verb of verbs) {
    const sub = new VerbCommand(verb).description(verb.description).copyInheritedSettings(program);
    program.addCommand(sub);
    if (verb.takesPeer) addPeer(sub, peers);
    for (const parameter of verb.parameters) parameter.add(sub);
    if (verb.takesPeer) {
      for (const parameter of CONNECTION_OPTIONS) parameter.add(sub);
      withTlsClientOptions(sub);
    }
    sub.addHelpText('after', examplesText(verb));
    sub.action(() => {
      const options = valuesOf(sub);
      sub.expectAll(options);
      if (verb.takesPeer) {
        const { peer, ...others } = options as unknown as CommonOptions & { readonly peer: PeerAddress };
        onChosen({ verb, peer: others.tls ? securePeer(peer) : peer, options: others });
      } else {
        const addresses = new Map([...peers].map(([name, { address }]) => [name, address]));
        onChosen({ verb, options: options as unknown as OutputOptions, peers: addresses, program });
      }
    });
  }
  // Settings of a single peer are applied when the command line names it.
  applyConfiguration(program.commands, configuration, ['peers']);
  return program;
}

/**
 * @throws UsageError with the right form if the arguments are as the tools of DCMTK take them, with or without a verb, or if
 * the first one is a peer.
 */
export function rejectOtherForms(
  argv: readonly string[],
  program: Command,
  configuration: ConfigurationSection = new Map(),
): void {
  const isVerb = (word: string) => program.commands.some((each) => each.name() === word);
  const [first = ''] = argv;
  const beginsWithPeer = !isVerb(first) && (namedPeers(configuration).has(first) || isLikePeer(argv));
  const isVerbMissing = beginsWithPeer || first.startsWith('-');
  const later = beginsWithPeer ? argv.findIndex(isVerb) : -1;
  const [name = '', ...args] = isVerbMissing ? [argv[later] ?? 'echo', ...argv.filter((_, at) => at !== later)] : argv;
  const verb = program.commands.find((each) => each.name() === name);
  if (verb?.registeredArguments[0]?.name() !== 'peer') return;
  const takesValue = (flag: string) =>
    verb.options.some((option) => [option.short, option.long].includes(flag) && option.required);
  const words = fromDcmtkForm(args, takesValue) ?? (beginsWithPeer ? args : undefined);
  if (!words) return;
  const quoted = words.map((word) => (/[^\w@:.,=/[\]-]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word));
  throw new UsageError(
    `${isVerbMissing ? 'the first word is a verb, such as echo; ' : ''}a peer is one word, AET@host:port, and our own AE title is --calling AET; write: dimse-scu ${[name, ...quoted].join(' ')}`,
  );
}

function addPeer(sub: Command, peers: ReadonlyMap<string, NamedPeer>): void {
  const parse = (text: string) => {
    const named = peers.get(text);
    if (!named) return parsePeer(unlessMistyped(text, peers));
    // Options have been parsed by now, so those of the command line take precedence.
    applyConfiguration([sub], named.settings);
    return named.address;
  };
  const names = [...peers].map(([name, { address }]) => [name, peerText(address)] as const);
  const completed = withChoices(parse, () => names);
  sub.argument('<peer>', 'AET@host:port, or a name from the configuration file', completed);
}

/** The values of options and arguments, by their names. */
function valuesOf(sub: Command): Record<string, unknown> {
  const named = sub.registeredArguments.map((each, index) => [each.name(), sub.processedArgs[index]] as const);
  return { ...sub.opts(), ...Object.fromEntries(named) };
}

function examplesText({ name, examples, takesPeer }: Verb): string {
  const heading = examples.length > 1 || takesPeer ? 'Examples' : 'Example';
  return [`\n${heading}:`, ...examples.map((example) => `  dimse-scu ${name} ${example}`)].join('\n');
}

export function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

const FIRST_STEPS = `
A peer is AET@host:port. To start: dimse-scu doctor ARCHIVE@10.0.0.5:104
Options of a verb: dimse-scu <verb> --help`;
