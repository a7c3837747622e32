import { expect, test } from 'vitest';
import { attributesAskedFor } from './attributes-asked-for.ts';

const entity = {
  PatientName: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' }],
  PatientID: '42',
  ScheduledProcedureStepSequence: [
    { Modality: 'CT', ScheduledProtocolCodeSequence: [{ CodeValue: 'a', CodeMeaning: 'b' }, { CodeValue: 'c' }] },
  ],
};

test.each([
  ['nothing', {}, {}],
  ['what is there and what is not', { PatientID: '', PatientSex: '' }, { PatientID: '42', PatientSex: '' }],
  ['a name, with all its groups', { PatientName: [{ Alphabetic: 'Y*' }] }, { PatientName: entity.PatientName }],
  ['how to read', { SpecificCharacterSet: 'ISO_IR 100', QueryRetrieveLevel: 'STUDY' }, {}],
  [
    'all of a sequence',
    { ScheduledProcedureStepSequence: [{}] },
    { ...entity, PatientName: undefined, PatientID: undefined },
  ],
  [
    'of items in items',
    { ScheduledProcedureStepSequence: [{ ScheduledProtocolCodeSequence: [{ CodeMeaning: '' }] }] },
    {
      ScheduledProcedureStepSequence: [{ ScheduledProtocolCodeSequence: [{ CodeMeaning: 'b' }, { CodeMeaning: '' }] }],
    },
  ],
])('%s', (_, identifier, expected) => expect(attributesAskedFor(entity, identifier)).toEqual(expected));
