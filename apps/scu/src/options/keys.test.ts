import { describe, expect, test } from 'vitest';
import { identifierOf, parseKey } from './keys.ts';

const LO = (value: string) => ({ vr: 'LO', value });

describe('keys', () => {
  test.each<[string[], object]>([
    [['PatientID=42'], { PatientID: '42' }],
    [['PatientID'], { PatientID: '' }],
    [['PatientName=D=*'], { PatientName: 'D=*' }],
    [['StudyInstanceUID=1.2\\1.3'], { StudyInstanceUID: ['1.2', '1.3'] }],
    [['00100020=42'], { PatientID: '42' }],
    [['(0010,0010)=A*'], { PatientName: 'A*' }],
    [['0010,0020'], { PatientID: '' }],
    [['(0040,a730)[0].(0040,A160)=x'], { ContentSequence: [{ TextValue: 'x' }] }],
    [['(0009,100f)=a'], { '0009100F': LO('a') }],
    [['00400100.00080060=CT'], { ScheduledProcedureStepSequence: [{ Modality: 'CT' }] }],
    [['00091001=a', '00090010=A', '0009100f'], { '00091001': LO('a'), '00090010': LO('A'), '0009100F': '' }],
    [['PatientComments=a\\b'], { PatientComments: 'a\\b' }],
    [['Rows=512', 'Columns'], { Rows: 512, Columns: '' }],
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
    ['PatientIDs=1', "did you mean 'PatientID'?"],
    ['patientname', "did you mean 'PatientName'?"],
    ['StudyInstanceUid=1', "did you mean 'StudyInstanceUID'?"],
    ['Rows=many', 'Rows must be a number'],
    ['PatientID.Modality=1', 'is not a sequence'],
    ['RequestAttributesSequence=1', 'is a sequence'],
    ['constructor', 'neither the keyword'],
    ['(0010,001)', 'such as 00100010 or (0010,0010)'],
  ])("rejects '%s'", (text, words) => {
    expect(() => parseKey(text)).toThrow(words);
  });
});
