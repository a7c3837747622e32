// The equivalent of each option of DCMTK's tools. A key is an option, or a tool and an option if that tool differs.
// `offered` has what to write instead; the other two have the reason.

const offered = (text) => ({ kind: 'offered', text });
const notNeeded = (text) => ({ kind: 'not needed', text });
const notOffered = (text) => ({ kind: 'not offered', text });

const SENDS_AS_IT_IS = offered(
  '`--propose UID` adds a transfer syntax to those of the files, which are always proposed',
);
const RETRIEVES = offered('`--transfer-syntax UID` proposes it too, `--only-transfer-syntax UID` alone');
const RECEIVES = offered('`--prefer-syntax NAME` prefers it; `--accept-syntax NAME` takes only the listed ones');
const ARE_FILES_KEPT = notNeeded('the data set is kept bit for bit, after file meta information');
const MADE_FOR_TESTS = notOffered('a test of your own uses `@x/net/testing`');
const CHARACTER_SETS = notNeeded(
  'responses are in the character set of the request if it has all characters, else in UTF-8',
);
const QUERY_SYNTAX = notNeeded('identifiers are proposed in Explicit and Implicit VR Little Endian');
const SEED = notNeeded('OpenSSL of Node.js takes random numbers from the system');
const KEY_PASSWORD = notOffered('keep the key unencrypted in a file that only the user of the program can read');
const INVENT = notOffered('`editDataSet` in a program of your own replaces UIDs while a file is sent');
const NAMES_OF_FILES = offered('`--file-name TEMPLATE`; the default is `instances/<study>/<series>/<instance>.dcm`');
const MOVE_TARGETS = notOffered('`--peer` names all destinations; `move` of an area says who may send to them');

export const EQUIVALENTS = {
  // Every tool
  help: offered('`--help`'),
  version: offered('`--version`'),
  arguments: notNeeded('the shell shows them'),
  quiet: offered('`--quiet`'),
  verbose: offered('`-v`'),
  debug: offered('`-vv`'),
  'log-level': offered('`-v`, `-vv`'),
  'log-config': offered('`--log-format json` on stderr, for any program that reads JSON lines'),
  'verbose-pc': offered('`-v` shows the negotiation'),
  aetitle: offered('`--calling AET`'),
  call: offered('in the peer: `AET@host:port`'),
  timeout: offered('`--connect-timeout S`'),
  'socket-timeout': offered('`--timeout S`'),
  'acse-timeout': offered('`--timeout S`'),
  'dimse-timeout': offered('`--timeout S`'),
  'max-pdu': offered('`--max-pdu BYTES`; 0 is unlimited'),
  'max-send-pdu': notOffered('the limit of the peer is kept'),
  repeat: offered('`--repeat N` of `echo` and `store`; a loop of the shell for others'),
  'echoscu repeat': offered('`--repeat N`'),
  'storescu repeat': offered('`--repeat N`'),
  abort: MADE_FOR_TESTS,
  'disable-host-lookup': notNeeded('addresses of peers are not looked up'),
  'compression-level': notOffered('zlib’s default is used'),
  'enable-new-vr': notNeeded('always on'),
  'disable-new-vr': notOffered('data sets are sent and kept as they are'),
  'uid-padding': notNeeded('padded UIDs are read, and written without padding'),

  // TLS
  'disable-tls': notNeeded('the default'),
  'enable-tls': offered('`--tls --tls-key FILE --tls-cert FILE`'),
  'anonymous-tls': offered('`--tls` without `--tls-cert`'),
  'std-passwd': KEY_PASSWORD,
  'use-passwd': KEY_PASSWORD,
  'null-passwd': KEY_PASSWORD,
  'pem-keys': notNeeded('PEM is the only format'),
  'der-keys': notOffered('convert the file: `openssl x509 -inform der`, `openssl pkey -inform der`'),
  'add-cert-file': offered('`--tls-ca FILE`; a file may have several authorities'),
  'add-cert-dir': offered('`cat folder/*.pem > ca.pem`, then `--tls-ca ca.pem`'),
  'add-crl-file': notOffered('the library has it: `tls.crl`'),
  'enable-crl-vfy': notOffered('the library has it: `tls.crl`'),
  'enable-crl-all': notOffered('the library has it: `tls.crl`'),
  'profile-bcp195-nd': offered('`--tls-profile bcp195-nd`'),
  'profile-bcp195': offered('`--tls-profile bcp195-rfc8996`, the default: its successor in PS3.15'),
  'profile-bcp195-ex': offered('`--tls-profile bcp195-extended`'),
  'profile-aes': notOffered('retired in PS3.15'),
  'profile-null': notOffered('retired in PS3.15, and without encryption'),
  'list-ciphers': notOffered('the library has the suites of each profile'),
  cipher: notOffered('profiles decide; the library takes a `TlsProfile` of your own'),
  dhparam: notNeeded('OpenSSL chooses'),
  seed: SEED,
  'write-seed': SEED,
  'write-seed-file': SEED,
  'require-peer-cert': notNeeded('the default of a user'),
  'verify-peer-cert': notOffered('client certificates are required or not asked for'),
  'ignore-peer-cert': offered('`--tls-insecure`'),
  'verify-cert': notOffered('use `openssl verify`'),
  'is-root-cert': notOffered('use `openssl verify`'),
  'storescp enable-tls': offered('`--tls-key FILE --tls-cert FILE`'),
  'storescp add-cert-file': offered('`--tls-ca FILE`: clients must then present a certificate'),
  'storescp require-peer-cert': offered('`--tls-ca FILE`'),
  'storescp ignore-peer-cert': notNeeded('the default, without `--tls-ca`'),

  // echoscu
  'propose-ts': offered('`doctor` tries contexts of all storage SOP classes; `replay` sends a recorded negotiation'),
  'propose-pc': offered('`doctor` tries contexts of all storage SOP classes; `replay` sends a recorded negotiation'),

  // Sending
  'read-file': notNeeded('DICOM files are recognized'),
  'read-file-only': notOffered('a data set without file meta information is recognized, too'),
  'read-dataset': notNeeded('an uncompressed data set without file meta information is recognized'),
  'read-from-dicomdir': offered('name the DICOMDIR as a path'),
  'scan-directories': notNeeded('folders are always entered'),
  'scan-pattern': offered('the shell: `store PEER study/**/*.dcm`; files that are not DICOM are skipped anyway'),
  'no-recurse': offered('the shell: `store PEER folder/*`'),
  recurse: notNeeded('folders are always entered'),
  'no-rename': notNeeded('files are never renamed'),
  rename: offered('`--report FILE`, and `--resume` skips the files that were sent'),
  'config-file': notNeeded('contexts are planned from the files'),
  'propose-uncompr': notNeeded(
    'Explicit and Implicit VR Little Endian are proposed beside that of each uncompressed file',
  ),
  'propose-little': notNeeded(
    'Explicit and Implicit VR Little Endian are proposed beside that of each uncompressed file',
  ),
  'propose-big': SENDS_AS_IT_IS,
  'propose-implicit': notNeeded('Implicit VR Little Endian is always proposed beside other uncompressed ones'),
  'propose-deflated': SENDS_AS_IT_IS,
  required: offered('`--required`'),
  combine: notNeeded('each transfer syntax has a context of its own, so that the peer can accept all of them'),
  'no-halt': notNeeded('the others are always sent'),
  user: offered('`--user NAME`'),
  password: offered('`--password-file FILE`: a passcode in an argument is visible to other users'),
  'empty-password': offered('`--password-file` with an empty file'),
  kerberos: offered('`--kerberos-ticket FILE`'),
  saml: offered('`--saml FILE`'),
  jwt: offered('`--jwt FILE`'),
  'pos-response': notOffered('the library has it: `usernameIdentity(name, { requestResponse: true })`'),
  'invent-instance': INVENT,
  'invent-series': INVENT,
  'invent-study': INVENT,
  'invent-patient': INVENT,
  'list-decoders': offered('the table in [Compressed pixel data](../guide/compressed-pixel-data#codecs)'),
  'decompress-never': notNeeded('the default'),
  'decompress-lossless': offered('`--decompress`'),
  'decompress-lossy': offered('`--decompress`'),
  'no-illegal-proposal': offered('`--required`'),
  'no-uid-checks': notOffered('a file whose SOP class or transfer syntax is not a UID fails; the others are sent'),
  'multi-associations': notNeeded('the default'),
  'single-association': notOffered('more than 128 contexts need a further association'),
  'create-report-file': offered('`--report FILE`, as JSON lines'),

  // Queries and retrieval
  key: offered('`--key Keyword=value` or `-k gggg,eeee=value`; `Sequence.Keyword=value` for a path'),
  worklist: offered('the verb `worklist`'),
  patient: offered('`--model patient`'),
  study: offered('`--model study`, the default'),
  psonly: notOffered('the model is retired; the library has `patientStudyOnly`'),
  cancel: offered('`--limit N`'),
  'movescu cancel': notOffered('press Ctrl-C: it sends C-CANCEL'),
  'output-directory': offered('`--out FOLDER`'),
  'enable-correction': notNeeded('values that do not fit are shown as they came'),
  'disable-correction': notNeeded('the default'),
  'show-responses': offered('matches are printed as a table; `--json` has whole responses'),
  'hide-responses': offered('`--quiet`'),
  extract: offered('`--out FOLDER`'),
  'extract-xml': notOffered('`--json` prints the DICOM JSON model, a line for each match'),
  'extract-xml-single': notOffered('`--json` prints the DICOM JSON model, a line for each match'),
  'limit-output': offered('`--limit N`'),
  move: offered('`--dest AET`'),
  port: offered('`--receive PORT`'),
  'no-port': notNeeded('the default, with `--dest`'),
  'pending-ignore': notNeeded('such data sets are read and ignored'),
  'pending-read': notNeeded('such data sets are read and ignored'),
  ignore: notOffered('`--out` takes a temporary folder'),
  normal: ARE_FILES_KEPT,
  'bit-preserving': ARE_FILES_KEPT,

  // Receiving
  'prefer-uncompr': RECEIVES,
  'prefer-little': RECEIVES,
  'prefer-big': RECEIVES,
  'prefer-deflated': RECEIVES,
  implicit: offered('`--accept-syntax ImplicitVRLittleEndian`'),
  'accept-all': notNeeded('the default of the archive: every transfer syntax, private ones too'),
  'movescu implicit': notOffered('the receiver takes what the peer proposes'),
  'getscu implicit': offered('`--only-transfer-syntax ImplicitVRLittleEndian`'),
  'wlmscpfs implicit': notOffered('the identifier arrives in the transfer syntax that the peer prefers'),
  'access-full': notNeeded('the default'),
  'movescu access-control': notOffered('a firewall limits which addresses reach the port of `--receive`'),
  'access-control': offered(
    'a firewall, or limits by address: `--max-associations-per-host`, `--max-connections-per-second`',
  ),
  'write-file': ARE_FILES_KEPT,
  'write-dataset': notOffered('a file without meta information does not say its transfer syntax'),
  'write-xfer-same': ARE_FILES_KEPT,
  'write-xfer-little': notOffered('`reencode` in a program converts files'),
  'write-xfer-big': notOffered('`reencode` in a program converts files'),
  'write-xfer-implicit': notOffered('`reencode` in a program converts files'),
  'write-xfer-deflated': notOffered('`reencode` in a program converts files'),
  'group-length-recalc': ARE_FILES_KEPT,
  'group-length-create': ARE_FILES_KEPT,
  'group-length-remove': ARE_FILES_KEPT,
  'length-explicit': ARE_FILES_KEPT,
  'length-undefined': ARE_FILES_KEPT,
  'padding-off': ARE_FILES_KEPT,
  'padding-create': ARE_FILES_KEPT,
  'retain-un': ARE_FILES_KEPT,
  'convert-un': ARE_FILES_KEPT,
  'storescp aetitle': offered('`--aet AET`, which must be called; `--promiscuous-called` takes any'),
  'storescp output-directory': offered('`--data FOLDER`'),
  'storescp ignore': notOffered('the library: a `store` handler that does not read its data'),
  'dcmqrscp ignore': notOffered('the library: a `store` handler that does not read its data'),
  'storescp socket-timeout': offered('`--data-timeout S`'),
  'storescp acse-timeout': offered('`--artim-timeout S`'),
  'storescp dimse-timeout': offered('`--idle-timeout S`, `--data-timeout S`'),
  'dcmqrscp timeout': notNeeded('10 s for connections to destinations'),
  'dcmqrscp acse-timeout': offered('`--artim-timeout S`'),
  'dcmqrscp dimse-timeout': offered('`--idle-timeout S`, `--data-timeout S`'),
  'wlmscpfs acse-timeout': offered('`--artim-timeout S`'),
  'wlmscpfs dimse-timeout': offered('`--idle-timeout S`, `--data-timeout S`'),
  'storescp quiet': notNeeded('errors and warnings are on stderr, `listening …` on stdout'),
  'dcmqrscp quiet': notNeeded('errors and warnings are on stderr, `listening …` on stdout'),
  'wlmscpfs quiet': notNeeded('errors and warnings are on stderr, `listening …` on stdout'),
  'single-process': notNeeded('one process serves all associations at the same time'),
  fork: notNeeded('one process serves all associations at the same time'),
  inetd: notOffered('run it as a service: see [Install and run](../operate/#systemd)'),
  refuse: MADE_FOR_TESTS,
  reject: notNeeded('`--strict` refuses every request with a fault of form'),
  'sleep-before': MADE_FOR_TESTS,
  'sleep-after': MADE_FOR_TESTS,
  'sleep-during': MADE_FOR_TESTS,
  'abort-after': MADE_FOR_TESTS,
  'abort-during': MADE_FOR_TESTS,
  promiscuous: notNeeded('every storage SOP class is accepted, private ones too'),
  'sort-conc-studies': NAMES_OF_FILES,
  'sort-on-study-uid': notNeeded('files are always in the folder of their study'),
  'sort-on-patientname': offered("`--file-name '{PatientName}/{StudyDate}/{SOPInstanceUID}.dcm'`"),
  'default-filenames': NAMES_OF_FILES,
  'unique-filenames': notNeeded('a name has the SOP Instance UID'),
  timenames: notOffered('a time of arrival is not part of a name'),
  'filename-extension': notNeeded('names end in `.dcm`'),
  'exec-on-reception': offered('`--on-instance COMMAND`'),
  'exec-on-eostudy': offered('`--on-study COMMAND`'),
  'rename-on-eostudy': notOffered('files are never renamed; `--file-name` names them when they arrive'),
  'eostudy-timeout': offered('`--study-timeout S`'),
  'exec-sync': notNeeded('calls of one hook are made one after another, and are repeated if they fail'),

  // dcmqrscp
  config: offered('`--config FILE` (YAML): see [Areas](../operate/areas-and-quotas)'),
  'require-find': notOffered('models are offered independently'),
  'no-parallel-store': notOffered('contexts are accepted as proposed'),
  'disable-get': notOffered('`read` of an area limits who may retrieve'),
  'allow-shutdown': notOffered('stop the process: `SIGTERM`'),
  'check-find': notNeeded('identifiers are always checked'),
  'no-check-find': notNeeded('identifiers are always checked'),
  'check-move': notNeeded('identifiers are always checked'),
  'no-check-move': notNeeded('identifiers are always checked'),
  'move-unrestricted': MOVE_TARGETS,
  'move-aetitle': MOVE_TARGETS,
  'move-host': MOVE_TARGETS,
  'move-vendor': MOVE_TARGETS,
  'no-patient-root': notOffered('both models are offered'),
  'no-study-root': notOffered('both models are offered'),
  'no-patient-study': notNeeded('the archive does not have this retired model'),
  'assoc-config-file': offered('`--accept-syntax`, `--prefer-syntax`'),
  'use-request-charset': CHARACTER_SETS,
  'override-charset': CHARACTER_SETS,
  'convert-to-ascii': CHARACTER_SETS,
  'convert-to-utf8': CHARACTER_SETS,
  'convert-to-latin1': CHARACTER_SETS,
  'convert-to-charset': CHARACTER_SETS,
  transliterate: CHARACTER_SETS,
  'discard-illegal': CHARACTER_SETS,
  'dcmqrscp propose-uncompr': notNeeded(
    'instances are sent as they were received; uncompressed ones are re-encoded if the destination needs it',
  ),
  'dcmqrscp propose-little': notNeeded(
    'instances are sent as they were received; uncompressed ones are re-encoded if the destination needs it',
  ),
  'dcmqrscp propose-big': notNeeded('instances are sent as they were received'),
  'dcmqrscp propose-deflated': notNeeded('instances are sent as they were received'),

  // wlmscpfs
  'data-files-path': offered('`--worklist FOLDER`; subfolders are called AE titles there, too'),
  'enable-file-reject': notNeeded('a file without an item is logged once and left out; incomplete items are used'),
  'disable-file-reject': notNeeded('incomplete items are used'),
  'return-no-char-set': CHARACTER_SETS,
  'return-iso-ir-100': CHARACTER_SETS,
  'keep-char-set': CHARACTER_SETS,
  'no-sq-expansion': notNeeded('an empty sequence in a query returns its items'),
  'max-associations': offered('`--max-associations N`'),
  'no-fail': notOffered('an invalid query is answered with A900H'),
  'request-file-path': offered('`--capture FOLDER` records whole associations'),
  'request-file-format': offered('`dimse-scu dump` of a capture'),
};

/** Transfer syntaxes that the tools propose or prefer by options of their own. */
const SYNTAXES =
  'lossless jpeg8 jpeg12 j2k-lossless j2k-lossy jls-lossless jls-lossy mpeg2 mpeg2-high mpeg4 mpeg4-bd mpeg4-2-2d mpeg4-2-3d mpeg4-2-st hevc hevc10 rle'.split(
    ' ',
  );
for (const name of SYNTAXES) {
  EQUIVALENTS[`propose-${name}`] = SENDS_AS_IT_IS;
  EQUIVALENTS[`dcmqrscp propose-${name}`] = notNeeded('instances are sent as they were received');
  EQUIVALENTS[`prefer-${name}`] = RECEIVES;
}
const UNCOMPRESSED = ['uncompr', 'little', 'big', 'deflated'];
for (const name of [...SYNTAXES, ...UNCOMPRESSED]) {
  EQUIVALENTS[`getscu prefer-${name}`] = RETRIEVES;
  EQUIVALENTS[`movescu prefer-${name}`] = notOffered(
    'the receiver takes what the peer proposes; the peer must have the address of the AE title',
  );
}
for (const name of UNCOMPRESSED)
  EQUIVALENTS[`wlmscpfs prefer-${name}`] = notNeeded(
    'the transfer syntax of an identifier is that which the peer prefers',
  );
for (const tool of ['findscu', 'movescu', 'getscu'])
  for (const name of [...UNCOMPRESSED, 'implicit']) EQUIVALENTS[`${tool} propose-${name}`] = QUERY_SYNTAX;

/** An example of each tool, and our command that does its work. */
export const COMMANDS = {
  echoscu: ['echoscu -aec ARCHIVE host 104', 'dimse-scu echo ARCHIVE@host:104'],
  storescu: ['storescu -aec ARCHIVE +sd +r host 104 study', 'dimse-scu store ARCHIVE@host:104 study'],
  dcmsend: [
    'dcmsend -aec ARCHIVE +sd +r +crf report.txt host 104 study',
    'dimse-scu store ARCHIVE@host:104 study --report report.jsonl',
  ],
  findscu: [
    'findscu -aec ARCHIVE -S -k QueryRetrieveLevel=STUDY -k PatientID=42 -k StudyInstanceUID host 104',
    'dimse-scu find ARCHIVE@host:104 --key PatientID=42 --key StudyInstanceUID',
  ],
  movescu: [
    'movescu -aec ARCHIVE -S -aem WS +P 11113 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3 host 104',
    'dimse-scu move ARCHIVE@host:104 --calling WS --receive 11113 --out study --key StudyInstanceUID=1.2.3',
  ],
  getscu: [
    'getscu -aec ARCHIVE -S -od study -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3 host 104',
    'dimse-scu get ARCHIVE@host:104 --key StudyInstanceUID=1.2.3 --out study',
  ],
  storescp: ['storescp -aet ARCHIVE +xa -od received 11112', 'dimse-scp --aet ARCHIVE --data received --port 11112'],
  dcmqrscp: ['dcmqrscp -c dcmqrscp.cfg 11112', 'dimse-scp --config archive.yaml --port 11112'],
  wlmscpfs: ['wlmscpfs -dfp worklists 11112', 'dimse-scp --data archive --worklist worklists --port 11112'],
};
