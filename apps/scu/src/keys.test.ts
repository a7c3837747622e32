import { describe, expect, test } from 'vitest';
import { identifierOf, parseKey } from './keys.ts';

describe('keys', () => {
  test.each<[string[], object]>([
    [['PatientID=42'], { PatientID: '42' }],
    [['PatientID'], { PatientID: '' }],
    [['PatientName=D=*'], { PatientName: 'D=*' }],
    [['StudyInstanceUID=1.2\\1.3'], { StudyInstanceUID: ['1.2', '1.3'] }],
    [['00100020=42'], { '00100020': '42' }],
    [
      ['ScheduledProcedureStepSequence.Modality=CT', 'ScheduledProcedureStepSequence.ScheduledStationAETitle'],
      { ScheduledProcedureStepSequence: [{ Modality: 'CT', ScheduledStationAETitle: '' }] },
    ],
    [['RequestAttributesSequence'], { RequestAttributesSequence: [{}] }],
  ])('%j', (texts, identifier) => {
    expect(identifierOf(texts.map(parseKey))).toEqual(identifier);
  });

  test.each([
    ['', 'neither the keyword'],
    ['PatientIDs=1', 'neither the keyword'],
    ['PatientID.Modality=1', 'no sequence'],
    ['RequestAttributesSequence=1', 'is a sequence'],
    ['constructor', 'neither the keyword'],
  ])("'%s' is refused", (text, words) => {
    expect(() => parseKey(text)).toThrow(words);
  });
});
