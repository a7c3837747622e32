import { expect, test } from 'vitest';
import { AttributesAskedFor, ELEMENTS_AT_ONCE, MAXIMUM_EMPTY_ELEMENTS } from './attributes-asked-for.ts';

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
])('%s', async (_, identifier, expected) =>
  expect(await new AttributesAskedFor(identifier).of(entity)).toEqual(expected),
);

test('lets other work run between answers of many elements', async () => {
  const keys = Array.from({ length: ELEMENTS_AT_ONCE / 4 }, (_, number) => [`0009${1000 + number}`, '']);
  const asked = new AttributesAskedFor(Object.fromEntries(keys));
  let turns = 0;
  let isRunning = true;
  const turn = () => {
    turns++;
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  for (let answer = 0; answer < 40; answer++) await asked.of(entity);
  isRunning = false;
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('leaves out keys that items lack, if they are very many', async () => {
  const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, number) => [`0009${1000 + number}`, '']));
  const items = Array.from({ length: 1000 }, () => ({ CodeValue: 'a' }));
  const { ProcedureCodeSequence } = await new AttributesAskedFor({
    ProcedureCodeSequence: [{ ...keys, CodeValue: '' }],
  }).of({ ProcedureCodeSequence: items });
  const answered = ProcedureCodeSequence as readonly object[];
  expect(answered.map((item) => 'CodeValue' in item)).toEqual(items.map(() => true));
  const elements = answered.reduce((sum, item) => sum + Object.keys(item).length, 0);
  expect(elements).toBeLessThanOrEqual(MAXIMUM_EMPTY_ELEMENTS + 1000 + items.length);
});
