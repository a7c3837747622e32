import type { DataSet } from '@x/dimse';
import { describe, expect, test } from 'vitest';
import { findQuery, foundEntities, type QueryOptions, type Root, retrieveQuery } from './archive-query.ts';

const STUDY_UID = 0x0020000d;

describe('a C-FIND identifier', () => {
  test.each<[Root, DataSet, DataSet, QueryOptions?]>([
    ['PATIENT', { QueryRetrieveLevel: 'PATIENT', PatientID: '4*' }, { PatientID: '4*' }],
    ['STUDY', { QueryRetrieveLevel: 'STUDY', PatientName: 'D*' }, { PatientName: 'D*' }],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY', PatientID: '42' }, { PatientID: '42' }],
    ['STUDY', { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '1' }, { StudyInstanceUID: '1' }],
    ['STUDY', { QueryRetrieveLevel: 'SERIES', Modality: 'CT' }, { Modality: 'CT' }, { relational: true }],
    // Keys of lower levels and unknown keys are not matched.
    ['STUDY', { QueryRetrieveLevel: 'STUDY', Modality: 'CT', DoseComment: 'x', '00111001': 'y' }, {}],
    ['STUDY', { QueryRetrieveLevel: 'STUDY', RetrieveAETitle: 'OTHER', InstanceAvailability: 'NEARLINE' }, {}],
  ])('of the %s root: %j', (root, identifier, expected, options) => {
    expect(findQuery(root, identifier, options)).toEqual({
      level: identifier.QueryRetrieveLevel,
      identifier: expected,
    });
  });

  test.each<[Root, DataSet, RegExp]>([
    ['STUDY', {}, /'' is not a level/],
    ['STUDY', { QueryRetrieveLevel: 'IMAGES' }, /'IMAGES' is not a level of the study root/],
    ['STUDY', { QueryRetrieveLevel: 'PATIENT' }, /not a level of the study root/],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY' }, /level STUDY needs one PatientID/],
    ['PATIENT', { QueryRetrieveLevel: 'STUDY', PatientID: '4*' }, /needs one PatientID/],
    ['STUDY', { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: ['1', '2'] }, /needs one StudyInstanceUID/],
    ['STUDY', { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID: '1' }, /needs one SeriesInstanceUID/],
  ])('of the %s root is rejected: %j', (root, identifier, words) => {
    expect(() => findQuery(root, identifier)).toThrow(
      expect.objectContaining({ status: 0xa900, errorComment: expect.stringMatching(words) }),
    );
    try {
      findQuery(root, identifier);
    } catch (error) {
      expect((error as { errorComment: string }).errorComment.length).toBeLessThanOrEqual(64);
    }
  });

  test('can omit the keys of higher levels if relational queries were negotiated', () => {
    expect(() => findQuery('PATIENT', { QueryRetrieveLevel: 'IMAGE' }, { relational: true })).not.toThrow();
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

  test.each<[Root, DataSet]>([
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
  };
  const respond = (asked: DataSet) => foundEntities({ level: 'STUDY' }, asked, 'ARCHIVE')(entity);

  test('has only the requested keys and the unique ones', async () => {
    expect(
      await respond({ QueryRetrieveLevel: 'STUDY', StudyDate: '', StudyID: '', SpecificCharacterSet: 'ISO_IR 100' }),
    ).toEqual({
      identifier: {
        QueryRetrieveLevel: 'STUDY',
        RetrieveAETitle: 'ARCHIVE',
        PatientID: '42',
        StudyInstanceUID: '1',
        StudyDate: '20200101',
        StudyID: '',
      },
      isComplete: true,
    });
  });

  test('says when a key is not supported', async () => {
    expect((await respond({ Modality: '' })).isComplete).toBe(false);
    expect(await respond({ InstanceAvailability: '' })).toMatchObject({
      identifier: { InstanceAvailability: 'ONLINE' },
      isComplete: true,
    });
  });

  test('has the requested attributes of sequences', async () => {
    const sequence = async (key: unknown) =>
      (await respond({ ProcedureCodeSequence: key })).identifier.ProcedureCodeSequence;
    expect(await sequence([{ CodeValue: '' }])).toEqual([{ CodeValue: 'a' }]);
    expect(await sequence([{}])).toEqual(entity.ProcedureCodeSequence);
    expect(await sequence([])).toEqual(entity.ProcedureCodeSequence);
    expect(await sequence([{ CodeValue: '', CodingSchemeVersion: '' }])).toEqual([
      { CodeValue: 'a', CodingSchemeVersion: '' },
    ]);
  });
});
