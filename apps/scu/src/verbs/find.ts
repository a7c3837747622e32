// dimse-scu find: the patients, studies, series or instances of the peer that match.

import { type DataSet, patientRoot, studyRoot } from '@x/dimse';
import { text } from '@x/dimse/data-set';
import { encodeQueryOptions } from '@x/net';
import { keysOf, readQueryFile } from '../files/query-file.ts';
import { identifierOf, type Key, parseKey } from '../options/keys.ts';
import { flag, option } from '../options/parameters.ts';
import {
  KEY_OPTION,
  MODEL_OPTION,
  QUERY_FILE_OPTION,
  QUERY_LEVEL_OPTION,
  QUERY_OPTIONS,
} from '../options/shared-options.ts';
import { connect } from '../peer/connect.ts';
import { MatchFiles } from '../results/match-files.ts';
import { printMatches } from '../results/matches.ts';
import { peerVerb } from '../verb.ts';

export const find = peerVerb({
  name: 'find',
  description: 'queries for patients, studies, series or instances',
  examples: [
    'ARCHIVE@10.0.0.5:104',
    'ARCHIVE@10.0.0.5:104 --query query.dcm --key PatientID=42',
    "ARCHIVE@10.0.0.5:104 --key 'PatientName=Doe*' --key StudyDate=20260101- --key StudyInstanceUID",
    'ARCHIVE@10.0.0.5:104 --level SERIES --key StudyInstanceUID=1.2.3 --key SeriesInstanceUID --json',
  ],
  parameters: [
    MODEL_OPTION,
    QUERY_LEVEL_OPTION,
    KEY_OPTION,
    QUERY_FILE_OPTION,
    ...QUERY_OPTIONS,
    flag('--relational', 'allow queries without the keys of the levels above, if the peer agrees'),
    option('--out <folder>', 'write the matches to this folder as DICOM files'),
  ],
  async run(connecting) {
    const { options, signal } = connecting;
    const { model, limit, relational, fuzzy, out, sort } = options;
    const query = options.query === undefined ? undefined : await readQueryFile(options.query);
    const level = options.level ?? levelOf(query);
    const given = options.key ?? (query ? [] : usualKeys(level));
    const keys = [...keysOf(query ?? {}), ...given];
    const service = model === 'patient' ? patientRoot : studyRoot;
    const sopClassUid = service.sopClasses.Find.uid;
    const files = out === undefined ? undefined : await MatchFiles.open(out, sopClassUid, '.dcm');
    await using session = await connect(connecting, [service], undefined, 1, [
      ...(relational || fuzzy
        ? [{ sopClassUid, applicationInformation: encodeQueryOptions({ relational, fuzzy }) }]
        : []),
    ]);
    const identifier = identifierOf(given, { ...query, QueryRetrieveLevel: level });
    const responses = session.use(service as typeof studyRoot).find({ identifier }, { signal });
    return await printMatches(connecting, responses, keys, { limit, files, sort });
  },
});

function levelOf(query: DataSet | undefined): Level {
  const level = text(query?.QueryRetrieveLevel);
  return Object.hasOwn(USUAL_KEYS, level) ? (level as Level) : 'STUDY';
}

/** The keys of a query without `--key`. */
function usualKeys(level: Level): readonly Key[] {
  return USUAL_KEYS[level].map(parseKey);
}

type Level = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

const PATIENT = ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex'];
// The unique key of each level is last, because it is wide.
const USUAL_KEYS: Readonly<Record<Level, readonly string[]>> = {
  PATIENT,
  STUDY: [
    ...['PatientName', 'PatientID', 'StudyDate', 'ModalitiesInStudy', 'AccessionNumber', 'StudyDescription'],
    ...['NumberOfStudyRelatedInstances', 'StudyInstanceUID'],
  ],
  SERIES: ['Modality', 'SeriesNumber', 'SeriesDescription', 'NumberOfSeriesRelatedInstances', 'SeriesInstanceUID'],
  IMAGE: ['InstanceNumber', 'SOPClassUID', 'SOPInstanceUID'],
};
