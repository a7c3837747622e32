import { expect, test } from 'vitest';
import { MAXIMUM_EMPTY_ELEMENTS, ResponseAttributes } from './response-attributes.ts';

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
  ['an attribute that is not a sequence, by items', { PatientID: [{ CodeValue: '' }] }, { PatientID: [] }],
  [
    'a sequence, by text',
    { ScheduledProcedureStepSequence: '' },
    { ...entity, PatientName: undefined, PatientID: undefined },
  ],
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
])('%s', (_, requested, expected) => expect(new ResponseAttributes(requested).of(entity)).toEqual(expected));

test('leaves out keys that items lack, if they are very many', () => {
  const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, number) => [`0009${1000 + number}`, '']));
  const items = Array.from({ length: 1000 }, () => ({ CodeValue: 'a' }));
  const { ProcedureCodeSequence } = new ResponseAttributes({
    ProcedureCodeSequence: [{ ...keys, CodeValue: '' }],
  }).of({ ProcedureCodeSequence: items });
  const answered = ProcedureCodeSequence as readonly object[];
  expect(answered.map((item) => 'CodeValue' in item)).toEqual(items.map(() => true));
  const elements = answered.reduce((sum, item) => sum + Object.keys(item).length, 0);
  expect(elements).toBeLessThanOrEqual(MAXIMUM_EMPTY_ELEMENTS + 1000 + items.length);
});
