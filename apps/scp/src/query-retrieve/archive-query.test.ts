import { answerQuery, patientRoot, type QueryContext, studyRoot, type UntypedDataSet } from '@x/dimse';
import { encodeQueryOptions, type QueryOptions } from '@x/net';
import { describe, expect, test } from 'vitest';
import type { ArchiveQuery } from '../instances/archive-index/archive-index.ts';
import { findQuery, type Root, retrieveQuery, supportsKey } from './archive-query.ts';

const MODELS = { PATIENT: patientRoot, STUDY: studyRoot };
const NO_OPTIONS = { combinedDateTime: false, fuzzy: false, timezone: false, emptyValue: false, multipleValue: false };

/** The query of the index for an identifier, and the responses if it finds these entities. */
async function ask(
  root: Root,
  identifier: UntypedDataSet,
  options: QueryOptions = {},
  entities: readonly UntypedDataSet[] = [],
) {
  const sopClass = MODELS[root].sopClasses.Find.uid;
  const accepted = encodeQueryOptions(options);
  const extendedNegotiations = new Map([[sopClass, { proposed: accepted, accepted }]]);
  const context: QueryContext = {
    signal: new AbortController().signal,
    calledAeTitle: 'ARCHIVE',
    session: { association: { extendedNegotiations } },
  };
  let query: ArchiveQuery | undefined;
  const find = (asked: Parameters<typeof findQuery>[0]) => {
    query = findQuery(asked);
    return entities;
  };
  const answering = { supports: supportsKey, isMatched: true };
  const answers = [];
  for await (const answer of answerQuery(MODELS[root], find, { identifier, sopClass }, context, answering))
    answers.push(answer);
  return { query, answers };
}

const STUDY_UID = 0x0020000d;

describe('a C-FIND identifier', () => {
  test.each<[Root, UntypedDataSet, UntypedDataSet, QueryOptions?]>([
    ['PATIENT', { QueryRetrieveLevel: 'PATIENT', PatientID: '4*' }, { PatientID: '4*' }],
    ['STUDY', { QueryRetrieveLevel: 'STUDY', PatientName: 'D*' }, { PatientName: 'D*' }],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY', PatientID: '42' }, { PatientID: '42' }],
    ['STUDY', { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '1' }, { StudyInstanceUID: '1' }],
    ['STUDY', { QueryRetrieveLevel: 'SERIES', Modality: 'CT' }, { Modality: 'CT' }, { relational: true }],
    // Keys of lower levels and unknown keys are not matched.
    ['STUDY', { QueryRetrieveLevel: 'STUDY', Modality: 'CT', DoseComment: 'x', '00111001': 'y' }, {}],
    ['STUDY', { QueryRetrieveLevel: 'STUDY', RetrieveAETitle: 'OTHER', InstanceAvailability: 'NEARLINE' }, {}],
  ])('of the %s root: %j', async (root, identifier, expected, options) => {
    expect((await ask(root, identifier, options)).query).toEqual({
      level: identifier.QueryRetrieveLevel,
      identifier: expected,
      ...NO_OPTIONS,
    });
  });

  test.each<[Root, UntypedDataSet, RegExp]>([
    ['STUDY', {}, /'' is not a level/],
    ['STUDY', { QueryRetrieveLevel: 'IMAGES' }, /'IMAGES' is not a level of the study root/],
    ['STUDY', { QueryRetrieveLevel: 'PATIENT' }, /not a level of the study root/],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY' }, /level STUDY needs one PatientID/],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY', PatientID: '4*' }, /needs one PatientID/],
    ['STUDY', { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: ['1', '2'] }, /needs one StudyInstanceUID/],
    ['STUDY', { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID: '1' }, /needs one SeriesInstanceUID/],
  ])('of the %s root is rejected: %j', async (root, identifier, words) => {
    const error = await ask(root, identifier).catch((reason) => reason);
    expect(error).toMatchObject({ status: 0xa900, errorComment: expect.stringMatching(words) });
    expect(error.errorComment.length).toBeLessThanOrEqual(64);
  });

  test('can omit the keys of higher levels if relational queries were negotiated', async () => {
    expect((await ask('PATIENT', { QueryRetrieveLevel: 'IMAGE' }, { relational: true })).query).toBeDefined();
  });
});

describe('a C-MOVE or C-GET identifier', () => {
  test('selects by its unique keys', () => {
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: ['1', '2'], StudyDate: '2020', PatientID: '' };
    expect(retrieveQuery('STUDY', identifier)).toEqual({
      level: 'STUDY',
      identifier: { StudyInstanceUID: ['1', '2'] },
    });
  });

  test('can have the issuer of the patient’s identifier', () => {
    const identifier = { QueryRetrieveLevel: 'PATIENT', PatientID: '42', IssuerOfPatientID: 'A', PatientName: 'D*' };
    expect(retrieveQuery('PATIENT', identifier)).toEqual({
      level: 'PATIENT',
      identifier: { PatientID: '42', IssuerOfPatientID: 'A' },
    });
  });

  test.each<[Root, UntypedDataSet]>([
    ['PATIENT', { QueryRetrieveLevel: 'PATIENT', PatientID: '*' }],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY', PatientID: '4?', StudyInstanceUID: '1' }],
    ['STUDY', { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.*' }],
  ])('cannot have wildcards: of the %s root %j', (root, identifier) => {
    expect(() => retrieveQuery(root, identifier)).toThrow(
      expect.objectContaining({ status: 0xa900, errorComment: expect.stringContaining('wildcards') }),
    );
  });

  test('needs the unique key of its level', () => {
    expect(() => retrieveQuery('STUDY', { QueryRetrieveLevel: 'STUDY', PatientID: '42' })).toThrow(
      expect.objectContaining({ status: 0xa900, offendingElements: [STUDY_UID] }),
    );
  });
});

describe('a response', () => {
  const entity = {
    PatientID: '42',
    PatientName: 'Doe^Jane',
    StudyInstanceUID: '1',
    StudyDate: '20200101',
    ProcedureCodeSequence: [{ CodeValue: 'a', CodeMeaning: 'b' }],
    InstanceAvailability: 'ONLINE',
  };
  const respond = async (asked: UntypedDataSet, root: Root = 'STUDY') => {
    const { answers } = await ask(root, { QueryRetrieveLevel: 'STUDY', ...asked }, { relational: true }, [entity]);
    return answers[0];
  };

  test('has only the requested keys and the unique ones', async () => {
    const keys = { StudyDate: '', StudyID: '', SpecificCharacterSet: 'ISO_IR 100' };
    const identifier = {
      QueryRetrieveLevel: 'STUDY',
      RetrieveAETitle: 'ARCHIVE',
      StudyInstanceUID: '1',
      StudyDate: '20200101',
      StudyID: '',
    };
    expect(await respond(keys, 'PATIENT')).toEqual({ identifier: { ...identifier, PatientID: '42' }, status: 0xff00 });
    // In the study root model, the attributes of the patient are not unique keys.
    expect(await respond(keys)).toEqual({ identifier, status: 0xff00 });
  });

  test('says when a key is not supported', async () => {
    expect(await respond({ Modality: '' })).toMatchObject({ status: 0xff01 });
    expect(await respond({ InstanceAvailability: '' })).toMatchObject({
      identifier: { InstanceAvailability: 'ONLINE' },
      status: 0xff00,
    });
  });

  test('has the requested attributes of sequences', async () => {
    const sequence = async (key: unknown) =>
      (await respond({ ProcedureCodeSequence: key }))?.identifier.ProcedureCodeSequence;
    expect(await sequence([{ CodeValue: '' }])).toEqual([{ CodeValue: 'a' }]);
    expect(await sequence([{}])).toEqual(entity.ProcedureCodeSequence);
    expect(await sequence([])).toEqual(entity.ProcedureCodeSequence);
    expect(await sequence([{ CodeValue: '', CodingSchemeVersion: '' }])).toEqual([
      { CodeValue: 'a', CodingSchemeVersion: '' },
    ]);
  });
});
