// dimse-scu worklist: the scheduled procedure steps that match.

import { modalityWorklist } from '@x/dimse';
import { encodeWorklistOptions } from '@x/net';
import { keysOf, readQueryFile } from '../files/query-file.ts';
import { identifierOf, parseKey } from '../options/keys.ts';
import { option } from '../options/parameters.ts';
import { KEY_OPTION, QUERY_FILE_OPTION, QUERY_OPTIONS } from '../options/shared-options.ts';
import { connect } from '../peer/connect.ts';
import { MatchFiles } from '../results/match-files.ts';
import { printMatches } from '../results/matches.ts';
import { peerVerb } from '../verb.ts';

export const worklist = peerVerb({
  name: 'worklist',
  description: 'queries for scheduled procedure steps',
  examples: ['RIS@10.0.0.6:104', 'RIS@10.0.0.6:104 --key PatientName --key ScheduledProcedureStepSequence.Modality=CT'],
  parameters: [
    KEY_OPTION,
    QUERY_FILE_OPTION,
    ...QUERY_OPTIONS,
    option('--out <folder>', 'write the matches to this folder as worklist files (*.wl)'),
  ],
  async run(connecting) {
    const { options, signal } = connecting;
    const { limit, fuzzy, out, sort } = options;
    const query = options.query === undefined ? undefined : await readQueryFile(options.query);
    const given = options.key ?? (query ? [] : USUAL_KEYS.map(parseKey));
    const keys = [...keysOf(query ?? {}), ...given];
    const sopClassUid = modalityWorklist.sopClasses.Find.uid;
    const files = out === undefined ? undefined : await MatchFiles.open(out, sopClassUid, '.wl');
    await using session = await connect(connecting, [modalityWorklist], undefined, 1, [
      ...(fuzzy ? [{ sopClassUid, applicationInformation: encodeWorklistOptions({ fuzzy }) }] : []),
    ]);
    const responses = session.use(modalityWorklist).find({ identifier: identifierOf(given, query) }, { signal });
    return await printMatches(connecting, responses, keys, { limit, files, sort });
  },
});

/** The keys of a query without `--key`. They are parsed when they are used, because that loads the dictionary. */
const USUAL_KEYS = [
  'PatientName',
  'PatientID',
  'AccessionNumber',
  'ScheduledProcedureStepSequence.Modality',
  'ScheduledProcedureStepSequence.ScheduledStationAETitle',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepStartDate',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepStartTime',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepID',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepDescription',
  'StudyInstanceUID',
];
