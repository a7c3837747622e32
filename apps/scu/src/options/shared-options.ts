// Options that several verbs share.

import {
  aeTitle,
  choicesOf,
  integer,
  listOf,
  maximumPdu,
  name,
  oneOf,
  seconds,
  withChoices,
} from '@x/cli/option-values';
import type { TlsClientCommandOptions } from '@x/cli/tls-options';
import { parseKey } from './keys.ts';
import { counter, flag, option, requiredOption, underHeading, type ValuesOf } from './parameters.ts';
import { DEFAULT_PATH_TEMPLATE, defaultPathTemplate, parsePathTemplate } from './path-template.ts';

const EVERY_VERB = 'Options of every verb:';

/** Options of verbs that print results. */
export const OUTPUT_OPTIONS = underHeading(EVERY_VERB, [
  flag('--json', 'print results as JSON, one object per line'),
  flag('--quiet', 'print only errors: no results, no progress'),
  counter('-v, --verbose', 'show the negotiation; given twice: also every PDU and message'),
]);

export const CONFIGURATION_OPTION = option('--config <file>', 'named peers and defaults of options (YAML or JSON)');

/** Options of verbs that connect to a peer, besides those of TLS. */
export const CONNECTION_OPTIONS = underHeading(EVERY_VERB, [
  ...OUTPUT_OPTIONS,
  option('--log-format <format>', 'pretty or json', oneOf('pretty', 'json'), 'pretty'),
  option('--calling <title>', 'our AE title', aeTitle, 'DIMSE-SCU'),
  option('--timeout <seconds>', 'how long to wait for each answer; 0: no limit', seconds),
  option('--connect-timeout <seconds>', 'how long to wait for the connection; 0: no limit', seconds),
  option('--max-pdu <bytes>', 'longest PDU that we announce to accept; 0: unlimited', maximumPdu, 262144),
  option('--capture <file>', 'record the traffic for dump and Wireshark (pcapng)'),
  flag('--mask', 'leave data sets out of the recorded traffic'),
  flag('--capture-passcodes', 'record passcodes, tickets and tokens too'),
  option('--user <name>', 'user identity: a user name', name),
  option('--password-file <file>', 'file with the passcode of the user'),
  option('--kerberos-ticket <file>', 'user identity: a Kerberos service ticket'),
  option('--saml <file>', 'user identity: a SAML assertion'),
  option('--jwt <file>', 'user identity: a JSON Web Token'),
  CONFIGURATION_OPTION,
]);

export type OutputOptions = Pick<ValuesOf<typeof OUTPUT_OPTIONS>, 'json' | 'quiet'> & { readonly verbose?: number };
/** Times are in milliseconds. */
export type CommonOptions = ValuesOf<typeof CONNECTION_OPTIONS> & TlsClientCommandOptions;

const KEY = 'Keyword=value, or Keyword alone to request the attribute; may be given several times';

/** The keys of a query that has a default for them. */
export const KEY_OPTION = option('-k, --key <key>', `${KEY} (default: common attributes)`, listOf(parseKey));

/** The keys of a query, from a file. */
export const QUERY_FILE_OPTION = option(
  '--query <file>',
  'keys from a DICOM file or a DICOM JSON file; --key replaces or adds some',
);

/** The attributes that a message carries. */
export const ATTRIBUTE_OPTION = option(
  '-k, --key <key>',
  'Keyword=value; may be given several times',
  listOf(parseKey),
);

/** The information model of Query/Retrieve. */
export const MODEL_OPTION = option('--model <model>', 'study or patient root', oneOf('study', 'patient'), 'study');

const LEVELS = 'PATIENT, STUDY, SERIES or IMAGE';
const level = oneOf('PATIENT', 'STUDY', 'SERIES', 'IMAGE');

/** The level of a query that a file may give. */
export const QUERY_LEVEL_OPTION = option('--level <level>', `${LEVELS} (default: that of --query, or STUDY)`, level);

/** Options of get and move. */
export const RETRIEVE_OPTIONS = [
  MODEL_OPTION,
  option('--level <level>', LEVELS, level, 'STUDY'),
  requiredOption('-k, --key <key>', KEY, listOf(parseKey)),
  option(
    '--template <path>',
    'path of each file, in which {Keyword} stands for an attribute',
    parsePathTemplate,
    defaultPathTemplate,
    DEFAULT_PATH_TEMPLATE,
  ),
  option('--window <number>', 'concurrent instances, if the peer agrees', integer(1, 1024), 1),
] as const;

/** Options of queries. */
export const QUERY_OPTIONS = [
  option('--limit <number>', 'cancel the query after this number of matches', integer(1)),
  option(
    '--sort <keyword>',
    'sort the table by this column; all matches are held in memory',
    withChoices((text: string) => text, choicesOf(parseKey)),
  ),
  flag('--fuzzy', 'match names by similarity, if the peer agrees'),
] as const;
