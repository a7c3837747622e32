// Searches in the archive, kind of matching by kind of matching, as they go over the wire (PS3.4 §C.2.2.2 and §C.4.1).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DataSetInput,
  encodeDataSet,
  openSession,
  patientRoot,
  type Session,
  storage,
  studyRoot,
  type UntypedDataSet,
} from '@x/dimse';
import { encodeQueryOptions } from '@x/net';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keptIn } from '../../test/world.ts';

const SR = '1.2.840.10008.5.1.4.1.1.88.11';
const folder = mkdtempSync(join(tmpdir(), 'matching-'));
let archive: RunningScp;
const ALL_OPTIONS = {
  ...{ relational: true, combinedDateTime: true, fuzzy: true },
  ...{ timezone: true, emptyValue: true, multipleValue: true },
};
/** As they are, and with all that can be negotiated. */
let plain: Session;
let extended: Session;

function connect(extra: object = {}): Promise<Session> {
  return openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    services: [studyRoot, patientRoot, storage],
    contexts: [CT_IMAGE_STORAGE, SR, studyRoot.sopClasses.Find.uid, patientRoot.sopClasses.Find.uid].map(
      (abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }),
    ),
    ...extra,
  });
}

beforeAll(async () => {
  archive = await startScp([...keptIn(join(folder, 'data'))]);
  plain = await connect();
  extended = await connect({
    extendedNegotiations: [studyRoot, patientRoot].map(({ sopClasses }) => ({
      sopClassUid: sopClasses.Find.uid,
      applicationInformation: encodeQueryOptions(ALL_OPTIONS),
    })),
  });
  for (const attributes of INSTANCES) await store(attributes);
}, 60_000);
afterAll(async () => {
  await plain?.release();
  await extended?.release();
  await archive?.stop('SIGTERM');
  rmSync(folder, { recursive: true });
});

/** Of the study `1`, the series `1.1` and the instance `1.1.1`, when that is `1`. */
function uids(study: string, series = `${study}.1`, sopInstance = `${series}.1`): UntypedDataSet {
  return { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: sopInstance };
}

const JANE = { PatientID: '42', IssuerOfPatientID: 'A', PatientName: 'Doe^Jane', PatientBirthDate: '19700131' };
const HEAD = { ...JANE, StudyDate: '20200131', StudyTime: '235959.5', AccessionNumber: 'A_1', StudyID: "O'Neil" };
const CODE = { CodeValue: 'T-A0100', CodingSchemeDesignator: 'SRT', CodeMeaning: 'Brain' };
const INSTANCES: readonly UntypedDataSet[] = [
  {
    ...HEAD,
    ...uids('1'),
    Modality: 'CT',
    InstanceNumber: 1,
    StudyDescription: 'Head\\Neck',
    BodyPartExamined: 'HEAD',
  },
  { ...HEAD, ...uids('1', '1.1', '1.1.2'), Modality: 'CT', InstanceNumber: 2 },
  { ...HEAD, ...uids('1', '1.2'), Modality: 'SR', SOPClassUID: SR, InstanceNumber: 1 },
  {
    ...{ ...JANE, IssuerOfPatientID: 'B', PatientName: 'DOE^Jane Ann' },
    ...uids('2'),
    StudyDate: '20200201',
    StudyTime: '000000',
    AccessionNumber: 'AX1',
    Modality: 'MR',
    ProcedureCodeSequence: [CODE],
  },
  {
    ...uids('3'),
    PatientName: 'Nobody',
    StudyDate: '2020.03.01',
    AccessionNumber: 'A%1',
    Modality: 'US',
    ProcedureCodeSequence: [
      { ...CODE, CodeValue: 'T-D3000' },
      { CodeValue: 'T-A0100', CodingSchemeDesignator: 'L' },
    ],
  },
  {
    ...uids('4'),
    PatientID: '50%',
    StudyTime: '1230',
    AccessionNumber: 'a_1',
    Modality: 'CT',
    BodyPartExamined: 'SCHxDEL',
  },
];

async function store({ SOPClassUID = CT_IMAGE_STORAGE, ...attributes }: DataSetInput): Promise<void> {
  const encoded = encodeDataSet({ SOPClassUID, ...attributes }, EXPLICIT_VR_LITTLE_ENDIAN);
  // A code string has no umlauts, but for those who write them.
  const data = Buffer.from(Buffer.from(encoded).toString('latin1').replace('SCHxDEL', 'SCH\xc4DEL'), 'latin1');
  const sopInstance = String(attributes.SOPInstanceUID);
  await plain
    .use(storage)
    .store({ sopClass: String(SOPClassUID), sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
}

async function find(session: Session, model: typeof studyRoot | typeof patientRoot, identifier: UntypedDataSet) {
  const found: UntypedDataSet[] = [];
  const statuses = new Set<number>();
  for await (const response of session.use(model as typeof studyRoot).find({ identifier })) {
    found.push(response.identifier as UntypedDataSet);
    statuses.add(response.status);
  }
  return { found, statuses: [...statuses] };
}

interface How {
  readonly isExtended?: boolean;
  readonly model?: typeof studyRoot | typeof patientRoot;
}

const KEY = { PATIENT: 'PatientID', STUDY: 'StudyInstanceUID', SERIES: 'SeriesInstanceUID', IMAGE: 'SOPInstanceUID' };

// biome-ignore format: a table reads as a table
test.each<[string, keyof typeof KEY, UntypedDataSet, readonly string[], How?]>([
  ['single value',                      'STUDY', { AccessionNumber: 'A_1' }, ['1']],
  ['single value, with spaces',         'STUDY', { AccessionNumber: ' A_1 ' }, ['1']],
  ['case counts but in names',          'STUDY', { AccessionNumber: 'a_1' }, ['4']],
  ['an underscore is no wild card',     'STUDY', { AccessionNumber: 'A_*' }, ['1']],
  ['nor is a per cent sign',            'STUDY', { AccessionNumber: 'A%*' }, ['3']],
  ['one character',                     'STUDY', { AccessionNumber: 'A?1' }, ['1', '2', '3']],
  ['one character each',                'STUDY', { AccessionNumber: '???' }, ['1', '2', '3', '4']],
  ['wild card in the middle',           'STUDY', { AccessionNumber: 'A*1' }, ['1', '2', '3']],
  ['a quote',                           'STUDY', { StudyID: "O'Neil" }, ['1']],
  ['a name, whatever its case',         'STUDY', { PatientName: 'doe^jane' }, ['1']],
  ['a name by wild card',               'STUDY', { PatientName: 'Doe*' }, ['1', '2']],
  ['a name with empty components',      'STUDY', { PatientName: 'DOE^JANE^^^' }, ['1']],
  ['a name of one character more',      'STUDY', { PatientName: 'Doe^Jan?' }, ['1']],
  ['a patient with a per cent sign',    'STUDY', { PatientID: '50%' }, ['4']],
  ['universal by nothing',              'STUDY', { AccessionNumber: '', StudyDate: '' , StudyInstanceUID: ['1', '2', '3', '4'] }, ['1', '2', '3', '4']],
  ['universal by a star',               'STUDY', { AccessionNumber: '*', PatientName: '*', StudyInstanceUID: ['3', '4'] }, ['3', '4']],
  ['list of UIDs',                      'STUDY', { StudyInstanceUID: ['2', '9', '4'] }, ['2', '4']],
  ['no wildcards in UIDs',              'STUDY', { StudyInstanceUID: '*' }, []],
  ['nor this one',                      'STUDY', { StudyInstanceUID: '?' }, []],
  ['a date',                            'STUDY', { StudyDate: '20200131' }, ['1']],
  ['a date of old',                     'STUDY', { StudyDate: '20200301' }, ['3']],
  ['dates from',                        'STUDY', { StudyDate: '20200201-' }, ['2', '3']],
  ['dates to',                          'STUDY', { StudyDate: '-20200131' }, ['1']],
  ['dates from and to, both included',  'STUDY', { StudyDate: '20200131-20200201' }, ['1', '2']],
  ['a month no day of which fits',      'STUDY', { StudyDate: '20210101-20210131' }, []],
  ['a time range',                      'STUDY', { StudyTime: '1200-1300' }, ['4']],
  ['a time to the fraction',            'STUDY', { StudyTime: '235959.4-235959.6' }, ['1']],
  ['date and time each by itself',      'STUDY', { StudyDate: '20200131-20200201', StudyTime: '120000-130000' }, []],
  ['date and time as one range',        'STUDY', { StudyDate: '20200131-20200201', StudyTime: '235900-000100' }, ['1', '2'], { isExtended: true }],
  ['a date of birth',                   'STUDY', { PatientBirthDate: '19700131' }, ['1', '2']],
  ['an issuer',                         'STUDY', { PatientID: '42', IssuerOfPatientID: 'B' }, ['2']],
  ['patients of one identifier',        'PATIENT', { PatientID: '42' }, ['42', '42'], { model: patientRoot }],
  ['one item has all keys',             'STUDY', { ProcedureCodeSequence: [{ CodeValue: 'T-A0100', CodingSchemeDesignator: 'SRT' }] }, ['2']],
  ['no item has both',                  'STUDY', { ProcedureCodeSequence: [{ CodeValue: 'T-D3000', CodingSchemeDesignator: 'L' }] }, []],
  ['in items, too, by wild card',       'STUDY', { ProcedureCodeSequence: [{ CodeValue: 'T-*' }] }, ['2', '3']],
  ['what is worked out',                'STUDY', { ModalitiesInStudy: 'SR' }, ['1']],
  ['any of the modalities',             'STUDY', { ModalitiesInStudy: ['SR', 'MR'] }, ['1', '2']],
  ['an SOP class in the study',         'STUDY', { SOPClassesInStudy: SR }, ['1']],
  ['a number of instances',             'STUDY', { NumberOfStudyRelatedInstances: 3 }, ['1']],
  ['a series below its study',          'SERIES', { StudyInstanceUID: '1', Modality: 'SR' }, ['1.2']],
  ['an integer',                        'IMAGE', { StudyInstanceUID: '1', SeriesInstanceUID: '1.1', InstanceNumber: '02' }, ['1.1.2']],
  ['relational',                        'IMAGE', { PatientName: 'doe*', Modality: 'MR' }, ['2.1.1'], { isExtended: true }],
  ['all of the modalities',             'STUDY', { ModalitiesInStudy: ['CT', 'SR'] }, ['1'], { isExtended: true }],
  ['not one of the modalities',         'STUDY', { ModalitiesInStudy: ['SR', 'MR'] }, [], { isExtended: true }],
  ['fuzzy',                             'STUDY', { PatientName: 'ann doe' }, ['2'], { isExtended: true }],
])('%s', async (_, level, keys, expected, { isExtended = false, model = studyRoot }: How = {}) => {
  const identifier = { QueryRetrieveLevel: level, [KEY[level]]: '', ...keys };
  const { found } = await find(isExtended ? extended : plain, model, identifier);
  expect(found.map((entity) => entity[KEY[level]]).sort()).toEqual(expected);
});

describe('of a study without an Accession Number, in another time zone', () => {
  beforeAll(async () => {
    const started = { StudyDate: '20200502', StudyTime: '0430', TimezoneOffsetFromUTC: '+0900' };
    await store({ ...uids('5'), ...started, PatientID: 'Z', Modality: 'XA' });
    await store({ ...uids('6'), StudyDate: '20200502', AccessionNumber: 'Y', PatientID: 'Y', Modality: 'XA' });
  });
  const utc = (StudyDate: string) => ({ StudyDate, TimezoneOffsetFromUTC: '+0000' });

  test.each<[string, UntypedDataSet, readonly string[], How?]>([
    ['an empty value', { AccessionNumber: '""' }, ['5'], { isExtended: true }],
    ['an empty value, without negotiation', { AccessionNumber: '""' }, []],
    ['an empty time', { StudyTime: '""', StudyDate: '20200202-' }, ['3', '6'], { isExtended: true }],
    ['the day in the time zone of the request', utc('20200501'), ['5'], { isExtended: true }],
    ['the day as it is, without a time or an offset', utc('20200502'), ['6'], { isExtended: true }],
    ['the day as it is, without negotiation', utc('20200502'), ['5', '6']],
  ])('%s', async (_, keys, expected, { isExtended = false }: How = {}) => {
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '', ...keys };
    const { found } = await find(isExtended ? extended : plain, studyRoot, identifier);
    expect(found.map(({ StudyInstanceUID }) => StudyInstanceUID).sort()).toEqual(expected);
  });

  test('is answered with the date and the time of that time zone', async () => {
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '', StudyTime: '', ...utc('20200501') };
    expect((await find(extended, studyRoot, identifier)).found).toMatchObject([
      { StudyDate: '20200501', StudyTime: '1930', TimezoneOffsetFromUTC: '+0000' },
    ]);
  });
});

describe('a response', () => {
  test('has the computed attributes of its level', async () => {
    const study = await find(plain, studyRoot, {
      QueryRetrieveLevel: 'STUDY',
      StudyInstanceUID: '1',
      ModalitiesInStudy: '',
      SOPClassesInStudy: '',
      NumberOfStudyRelatedSeries: '',
      NumberOfStudyRelatedInstances: '',
      NumberOfPatientRelatedStudies: '',
      NumberOfPatientRelatedSeries: '',
      NumberOfPatientRelatedInstances: '',
      InstanceAvailability: '',
      RetrieveAETitle: '',
    });
    expect(study).toEqual({
      statuses: [0xff00],
      found: [
        {
          QueryRetrieveLevel: 'STUDY',
          StudyInstanceUID: '1',
          RetrieveAETitle: ['DIMSE'],
          InstanceAvailability: 'ONLINE',
          ModalitiesInStudy: ['CT', 'SR'],
          SOPClassesInStudy: [CT_IMAGE_STORAGE, SR],
          NumberOfStudyRelatedSeries: 2,
          NumberOfStudyRelatedInstances: 3,
          NumberOfPatientRelatedStudies: 1,
          NumberOfPatientRelatedSeries: 2,
          NumberOfPatientRelatedInstances: 3,
        },
      ],
    });
    const series = { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '1', SeriesInstanceUID: '1.1' };
    expect(await find(plain, studyRoot, { ...series, NumberOfSeriesRelatedInstances: '' })).toMatchObject({
      found: [{ ...series, NumberOfSeriesRelatedInstances: 2 }],
      statuses: [0xff00],
    });
  });

  test('replaces an umlaut in a code string', async () => {
    const keys = { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '4', SeriesInstanceUID: '', BodyPartExamined: '' };
    expect((await find(plain, studyRoot, keys)).found).toMatchObject([{ BodyPartExamined: 'SCH?DEL' }]);
  });

  test.each<UntypedDataSet>([
    { '00110010': { vr: 'LO', value: 'ACME' } },
    { Modality: 'CT' },
    { PatientMotherBirthName: '' },
  ])('says that it does not support %j at study level', async (other) => {
    const keys = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1' };
    const { found, statuses } = await find(plain, studyRoot, { ...keys, ...other });
    expect([found.length, statuses]).toEqual([1, [0xff01]]);
    for (const key of Object.keys(other)) expect(found[0]).not.toHaveProperty(key);
  });
});

describe('without the unique keys above it', () => {
  test.each<[typeof studyRoot | typeof patientRoot, UntypedDataSet, string]>([
    [studyRoot, { QueryRetrieveLevel: 'SERIES', SeriesInstanceUID: '1.1' }, 'StudyInstanceUID'],
    [studyRoot, { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID: '1' }, 'SeriesInstanceUID'],
    [patientRoot as never, { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1' }, 'PatientID'],
    [patientRoot as never, { QueryRetrieveLevel: 'STUDY', PatientID: '4*' }, 'PatientID'],
    [studyRoot, { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: ['1', '2'] }, 'StudyInstanceUID'],
    [studyRoot, { QueryRetrieveLevel: 'PATIENT', PatientID: '42' }, 'PATIENT'],
    [studyRoot, { StudyInstanceUID: '1' }, 'not a level'],
  ])('refuses a query: %# %j', async (model, identifier, words) => {
    await expect(find(plain, model, identifier)).rejects.toMatchObject({
      status: 0xa900,
      errorComment: expect.stringContaining(words),
    });
  });
});
