// Options that several verbs share.

import { aeTitle, integer, listOf, maximumPdu, name, oneOf, seconds } from '@x/cli/option-values';
import { withTlsClientOptions } from '@x/cli/tls-options';
import { type Command, Option } from 'commander';
import { parseKey } from './keys.ts';
import { DEFAULT_PATH_TEMPLATE, parsePathTemplate } from './path-template.ts';

export function withQueryRetrieveOptions(verb: Command): Command {
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

export function withRetrieveOptions(verb: Command): Command {
  return withQueryRetrieveOptions(verb)
    .addOption(
      new Option('--template <path>', 'the path of each file, in which {Keyword} stands for an attribute')
        .argParser(parsePathTemplate)
        .default(parsePathTemplate(DEFAULT_PATH_TEMPLATE), DEFAULT_PATH_TEMPLATE),
    )
    .option('--window <number>', 'instances under way at once, if the peer agrees', integer(1, 1024), 1);
}

export function withCommonOptions(verb: Command): Command {
  withOutputOptions(verb)
    .option('--log-format <format>', 'pretty or json', oneOf('pretty', 'json'), 'pretty' as const)
    .option('--calling <title>', 'our AE title', aeTitle, 'DIMSE-SCU')
    .option('--timeout <seconds>', 'wait so long for each answer; 0: for ever', seconds)
    .option('--connect-timeout <seconds>', 'wait so long for the connection; 0: for ever', seconds)
    .option('--max-pdu <bytes>', 'longest PDU we announce; 0 = unlimited', maximumPdu, 262144)
    .option('--capture <file>', 'record the conversation for dump and Wireshark (pcapng)')
    .option('--mask', 'leave data sets out of the record', false)
    .option('--user <name>', 'who we are, for the peer', name)
    .option('--password-file <file>', "the user's passcode")
    .option('--kerberos-ticket <file>', 'who we are: a Kerberos service ticket')
    .option('--saml <file>', 'who we are: a SAML assertion')
    .option('--jwt <file>', 'who we are: a JSON Web Token');
  return withTlsClientOptions(withConfigurationOption(verb));
}

export function withConfigurationOption(verb: Command): Command {
  return verb.option('--config <file>', 'named peers, and values of options (YAML or JSON)');
}

export function withOutputOptions(verb: Command): Command {
  return verb
    .optionsGroup('Options of every verb:')
    .option('--json', 'results as JSON, an object a line', false)
    .option('--quiet', 'no results, no progress: only errors', false)
    .option(
      '-v, --verbose',
      'show negotiation; twice: every PDU and message',
      (_: string, before: number) => before + 1,
      0,
    );
}
