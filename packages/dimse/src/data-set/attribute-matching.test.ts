import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MatchingOptions, matchesIdentifier } from './attribute-matching.ts';
import type { UntypedDataSet } from './dataset.ts';

type Row = readonly [entity: UntypedDataSet, identifier: UntypedDataSet, expected: boolean, options?: MatchingOptions];

function check(rows: readonly Row[]): void {
  for (const [entity, identifier, expected, options] of rows)
    test(`${JSON.stringify(identifier)} ${expected ? 'finds' : 'does not find'} ${JSON.stringify(entity)}`, () =>
      expect(matchesIdentifier(entity, identifier, options)).toBe(expected));
}

describe('single value matching (PS3.4 §C.2.2.2.1)', () => {
  check([
    [{ PatientID: '42' }, { PatientID: '42' }, true],
    [{ PatientID: '42' }, { PatientID: '421' }, false],
    [{ PatientID: '42' }, { PatientID: '42 ' }, true],
    [{ PatientID: 'a' }, { PatientID: 'A' }, false],
    [{ Modality: 'CT' }, { Modality: 'MR' }, false],
    [{}, { Modality: 'MR' }, false],
    [{ Modality: null }, { Modality: 'MR' }, false],
    [{ PatientName: 'Doe^John' }, { PatientName: 'DOE^JOHN^^' }, true],
    [{ PatientName: 'Doe^John' }, { PatientName: 'DOE' }, false],
    [{ PatientName: [{ Alphabetic: 'Doe^John' }] }, { PatientName: 'doe^john' }, true],
    [{ PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう' }, { PatientName: '山田^太郎' }, true],
    [{ PatientName: 'Yamada^Tarou=山田^太郎' }, { PatientName: '=山田^太郎' }, true],
    [{ PatientName: 'Yamada^Tarou=山田^太郎' }, { PatientName: 'Yamada^Tarou=山*' }, true],
    [{ PatientName: 'Yamada^Tarou=山田^太郎' }, { PatientName: 'Yamada^Tarou=田*' }, false],
    [{ InstanceNumber: '7' }, { InstanceNumber: '007' }, true],
    [{ InstanceNumber: 7 }, { InstanceNumber: '7' }, true],
    [{ ModalitiesInStudy: ['CT', 'MR'] }, { ModalitiesInStudy: 'MR' }, true],
    [{ ModalitiesInStudy: ['CT', 'MR'] }, { ModalitiesInStudy: 'US' }, false],
    [{ ModalitiesInStudy: ['CT'] }, { ModalitiesInStudy: ['US', 'CT'] }, true],
  ]);
});

describe('list of UID matching (§C.2.2.2.2)', () => {
  check([
    [{ StudyInstanceUID: '1.2' }, { StudyInstanceUID: ['1.1', '1.2'] }, true],
    [{ StudyInstanceUID: '1.3' }, { StudyInstanceUID: ['1.1', '1.2'] }, false],
    [{ StudyInstanceUID: '1.3' }, { StudyInstanceUID: '1.*' }, false],
  ]);
});

describe('universal matching (§C.2.2.2.3)', () => {
  check([
    [{ PatientID: '42' }, { PatientID: '' }, true],
    [{}, { PatientID: null }, true],
    [{}, { PatientID: [] }, true],
    [{}, { PatientName: '*' }, true],
    [{}, { RequestAttributesSequence: [] }, true],
    [{}, { RequestAttributesSequence: [{}] }, true],
    [{}, { RequestAttributesSequence: [{ ScheduledProcedureStepID: '' }] }, true],
    [{}, { QueryRetrieveLevel: 'STUDY', SpecificCharacterSet: 'ISO_IR 100' }, true],
    [{}, { '00091001': { vr: 'LO', value: '' } }, true],
    [{}, { '00091001': { vr: 'UN', value: null } }, true],
    // A key of bytes matches everything.
    [{}, { '00091001': { vr: 'UN', value: Uint8Array.of(1, 2) } }, true],
  ]);
});

describe('private attributes', () => {
  check([
    [{ '00091001': { vr: 'LO', value: 'ab' } }, { '00091001': { vr: 'LO', value: 'a*' } }, true],
    [{ '00091001': { vr: 'LO', value: 'b' } }, { '00091001': { vr: 'LO', value: 'a*' } }, false],
    [{}, { '00091001': { vr: 'LO', value: 'a' } }, false],
    [
      { '00091001': { vr: 'SQ', value: [{ StudyID: '1' }] } },
      { '00091001': { vr: 'SQ', value: [{ StudyID: '1' }] } },
      true,
    ],
    [
      { '00091001': { vr: 'SQ', value: [{ StudyID: '2' }] } },
      { '00091001': { vr: 'SQ', value: [{ StudyID: '1' }] } },
      false,
    ],
  ]);
});

describe('wild card matching (§C.2.2.2.4)', () => {
  check([
    [{ PatientID: 'AB42' }, { PatientID: 'A*' }, true],
    [{ PatientID: 'AB42' }, { PatientID: '*42' }, true],
    [{ PatientID: 'AB42' }, { PatientID: 'A*4*2*' }, true],
    [{ PatientID: 'AB42' }, { PatientID: 'A?42' }, true],
    [{ PatientID: 'AB42' }, { PatientID: 'A?2' }, false],
    [{ PatientID: 'AB42' }, { PatientID: 'A*43' }, false],
    [{ PatientID: 'A.42' }, { PatientID: 'A?42' }, true],
    [{ PatientID: 'AB42' }, { PatientID: 'A.42' }, false],
    [{ PatientID: '' }, { PatientID: '?' }, false],
    [{ PatientName: 'Doe^John' }, { PatientName: 'd*' }, true],
    [{ StudyDate: '20200101' }, { StudyDate: '2020*' }, false],
  ]);

  test('agrees with a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 10 });
    const value = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(value, text, (value, key) => {
        const expected =
          /^\*+$/.test(key) ||
          new RegExp(`^${key.replace(/[*?]/g, (mark) => (mark === '*' ? '.*' : '.'))}$`).test(value);
        expect(matchesIdentifier({ PatientID: value }, { PatientID: key })).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('takes bounded time for a key with many stars', () => {
    expect(
      matchesIdentifier({ PatientComments: 'a'.repeat(10_000) }, { PatientComments: `${'*a'.repeat(50)}*b` }),
    ).toBe(false);
  });
});

describe('range matching (§C.2.2.2.5)', () => {
  check([
    [{ StudyDate: '20200115' }, { StudyDate: '20200101-20200131' }, true],
    [{ StudyDate: '20200131' }, { StudyDate: '20200101-20200131' }, true],
    [{ StudyDate: '20200101' }, { StudyDate: '20200101-20200131' }, true],
    [{ StudyDate: '20200201' }, { StudyDate: '20200101-20200131' }, false],
    [{ StudyDate: '20200201' }, { StudyDate: '20200101-' }, true],
    [{ StudyDate: '20191231' }, { StudyDate: '20200101-' }, false],
    [{ StudyDate: '20191231' }, { StudyDate: '-20200101' }, true],
    [{ StudyDate: '20191231' }, { StudyDate: '20191231' }, true],
    [{ StudyDate: '2019.12.31' }, { StudyDate: '20191231' }, true],
    [{ StudyDate: '' }, { StudyDate: '20200101-' }, false],
    [{}, { StudyDate: '-20200101' }, false],
    [{ StudyTime: '101530.5' }, { StudyTime: '1000-1015' }, true],
    [{ StudyTime: '101630' }, { StudyTime: '1000-1015' }, false],
    [{ StudyTime: '101530' }, { StudyTime: '10' }, true],
    [{ StudyTime: '10:15:30' }, { StudyTime: '101530' }, true],
    [{ AcquisitionDateTime: '20200101101530' }, { AcquisitionDateTime: '20200101-20200102' }, true],
    [{ AcquisitionDateTime: '20200101101530' }, { AcquisitionDateTime: '20200102-' }, false],
    [{ AcquisitionDateTime: '20200101101530' }, { AcquisitionDateTime: '20200101101530-0500' }, true],
  ]);
});

describe('combined date and time matching', () => {
  const identifier = { StudyDate: '20200101-20200103', StudyTime: '1200-0900' };
  const combinedDateTime = { combinedDateTime: true };
  check([
    [{ StudyDate: '20200102', StudyTime: '230000' }, identifier, true, combinedDateTime],
    [{ StudyDate: '20200101', StudyTime: '110000' }, identifier, false, combinedDateTime],
    [{ StudyDate: '20200103', StudyTime: '085959' }, identifier, true, combinedDateTime],
    [{ StudyDate: '20200103', StudyTime: '100000' }, identifier, false, combinedDateTime],
    [{ StudyDate: '20200102', StudyTime: '100000' }, identifier, false],
    [{ StudyTime: '100000' }, identifier, false, combinedDateTime],
    [
      { StudyDate: '20250102', StudyTime: '10' },
      { StudyDate: '20200101-', StudyTime: '1200-' },
      true,
      combinedDateTime,
    ],
  ]);
});

describe('sequence matching (§C.2.2.2.6)', () => {
  const entity = {
    RequestAttributesSequence: [
      { ScheduledProcedureStepID: 'A', RequestedProcedureID: '1' },
      { ScheduledProcedureStepID: 'B', RequestedProcedureID: '2' },
    ],
  };
  check([
    [entity, { RequestAttributesSequence: [{ ScheduledProcedureStepID: 'B' }] }, true],
    [entity, { RequestAttributesSequence: [{ ScheduledProcedureStepID: 'B', RequestedProcedureID: '2' }] }, true],
    [entity, { RequestAttributesSequence: [{ ScheduledProcedureStepID: 'A', RequestedProcedureID: '2' }] }, false],
    [entity, { RequestAttributesSequence: [{ ScheduledProcedureStepID: 'C' }] }, false],
    [{}, { RequestAttributesSequence: [{ ScheduledProcedureStepID: 'C' }] }, false],
  ]);
});

describe('fuzzy matching of names', () => {
  const fuzzy = { fuzzy: true };
  check([
    [{ PatientName: 'Jérôme^Buc' }, { PatientName: 'buc jerome' }, true, fuzzy],
    [{ PatientName: 'Buc^Jérôme' }, { PatientName: 'jer' }, true, fuzzy],
    [{ PatientName: 'Buc^Jérôme' }, { PatientName: 'buc^john' }, false, fuzzy],
    [{ PatientName: 'Buc^Jérôme' }, { PatientName: 'jerome' }, false],
  ]);
});

describe('names of delimiters alone', () => {
  check([
    [{}, { PatientName: '^' }, true],
    [{}, { PatientName: '*^*=*' }, true],
    [{ PatientName: 'Doe' }, { PatientName: '*^*' }, true],
    [{ PatientName: 'Doe' }, { PatientName: ['^', 'Roe'] }, false],
    [{ PatientName: [] }, { PatientName: [{ Alphabetic: '^^' }] }, true],
    [{ PatientName: '' }, { PatientName: '^=^' }, true],
    [{ PatientName: 'Doe^Jane' }, { PatientName: '^^^^' }, true],
    [
      {},
      { ScheduledProcedureStepSequence: [{ ScheduledPerformingPhysicianName: '^', ScheduledProcedureStepID: '*' }] },
      true,
    ],
  ]);
});

describe('private creators are not keys', () => {
  check([
    [{}, { '00090010': 'ACME' }, true],
    [{ '00090010': 'OTHER' }, { '00090010': 'ACME' }, true],
    [{}, { '00091001': { vr: 'LO', value: 'x' } }, false],
  ]);
});

describe('empty value matching (§C.2.2.2.7)', () => {
  const emptyValue = { emptyValue: true };
  check([
    [{}, { AccessionNumber: '""' }, true, emptyValue],
    [{ AccessionNumber: '' }, { AccessionNumber: '""' }, true, emptyValue],
    [{ AccessionNumber: 'A1' }, { AccessionNumber: '""' }, false, emptyValue],
    [{ PatientName: [] }, { PatientName: '""' }, true, emptyValue],
    [{ PatientName: [{ Alphabetic: 'Doe' }] }, { PatientName: [{ Alphabetic: '""' }] }, false, emptyValue],
    [{ StudyDate: null }, { StudyDate: '""' }, true, emptyValue],
    [{ StudyDate: '20200101' }, { StudyDate: '""' }, false, emptyValue],
    [{ InstanceNumber: null }, { InstanceNumber: '""' }, true, emptyValue],
    [{ InstanceNumber: 7 }, { InstanceNumber: '""' }, false, emptyValue],
    [{ PatientName: [] }, { PatientName: '""' }, true, { ...emptyValue, fuzzy: true }],
    [
      { ProcedureCodeSequence: [{ CodeValue: '' }] },
      { ProcedureCodeSequence: [{ CodeValue: '""' }] },
      true,
      emptyValue,
    ],
    // Without negotiation, it is a text as any other.
    [{}, { AccessionNumber: '""' }, false],
    [{ AccessionNumber: '""' }, { AccessionNumber: '""' }, true],
  ]);
});

describe('multiple value matching (§C.2.2.2.8)', () => {
  const multipleValue = { multipleValue: true };
  const both = { ModalitiesInStudy: ['CT', 'PT', 'SR'] };
  check([
    [both, { ModalitiesInStudy: ['PT', 'CT'] }, true, multipleValue],
    [both, { ModalitiesInStudy: ['CT', 'MR'] }, false, multipleValue],
    [both, { ModalitiesInStudy: ['CT', 'MR'] }, true],
    [{ OtherPatientNames: ['A^B', 'C^D'] }, { OtherPatientNames: ['c^d', 'a^b'] }, true, multipleValue],
    [{ OtherPatientNames: ['A^B', 'C^D'] }, { OtherPatientNames: ['c^d', 'x^y'] }, false, multipleValue],
    // Of lists of UIDs, and of attributes that have one value, one is enough.
    [{ StudyInstanceUID: '1.2' }, { StudyInstanceUID: ['1.1', '1.2'] }, true, multipleValue],
    [{ Modality: 'CT' }, { Modality: ['CT', 'MR'] }, true, multipleValue],
  ]);
});

describe('timezone query adjustment (§C.5.1.1)', () => {
  const timezone = { timezone: true };
  const tokyo = { StudyDate: '20200102', StudyTime: '0430', TimezoneOffsetFromUTC: '+0900' };
  const at = (offset: string, keys: UntypedDataSet) => ({ TimezoneOffsetFromUTC: offset, ...keys });
  const step = { ScheduledProcedureStepStartDate: '20200102', ScheduledProcedureStepStartTime: '0430' };
  check([
    [tokyo, at('+0000', { StudyDate: '20200101' }), true, timezone],
    [tokyo, at('+0000', { StudyDate: '20200102' }), false, timezone],
    [tokyo, at('+0000', { StudyDate: '20200102' }), true],
    [tokyo, at('-0330', { StudyTime: '1600' }), true, timezone],
    [tokyo, at('+0000', { StudyTime: '1900-2000' }), true, timezone],
    [tokyo, at('+0900', { StudyDate: '20200102' }), true, timezone],
    [
      tokyo,
      at('+0000', { StudyDate: '20200101-20200101', StudyTime: '1900-2000' }),
      true,
      { ...timezone, combinedDateTime: true },
    ],
    // A date without its time, and an entity or an identifier without an offset, are not adjusted.
    [{ ...tokyo, StudyTime: '' }, at('+0000', { StudyDate: '20200102' }), true, timezone],
    [{ ...tokyo, TimezoneOffsetFromUTC: undefined }, at('+0000', { StudyDate: '20200102' }), true, timezone],
    [tokyo, { StudyDate: '20200102' }, true, timezone],
    [
      { ...tokyo, TimezoneOffsetFromUTC: undefined },
      at('+0000', { StudyDate: '20200101' }),
      true,
      { ...timezone, timezoneOffset: '+0900' },
    ],
    // Items of sequences are in the time zone of the entity.
    [
      { ...tokyo, ScheduledProcedureStepSequence: [step] },
      at('+0000', { ScheduledProcedureStepSequence: [{ ScheduledProcedureStepStartDate: '20200101' }] }),
      true,
      timezone,
    ],
    [
      { AcquisitionDateTime: '20200102043000.5+0900' },
      at('+0000', { AcquisitionDateTime: '20200101193000.5' }),
      true,
      timezone,
    ],
    [
      { ...tokyo, AcquisitionDateTime: '2020010204' },
      at('+0000', { AcquisitionDateTime: '2020010119' }),
      true,
      timezone,
    ],
    // The offset that is part of a value counts without negotiation (§C.2.2.2.5).
    [{ AcquisitionDateTime: '202001020430+0900' }, { AcquisitionDateTime: '202001011930+0000' }, true],
    [{ AcquisitionDateTime: '202001020430+0900' }, { AcquisitionDateTime: '202001020430+0000' }, false],
    [
      { AcquisitionDateTime: '202001020430+0900' },
      { AcquisitionDateTime: '202001011900+0000-202001012000+0000' },
      true,
    ],
    [{ AcquisitionDateTime: '202001020430+0900' }, { AcquisitionDateTime: '202001012000+0000-' }, false],
  ]);
});

test('requires all keys to match', () => {
  const entity = { PatientID: '42', Modality: 'CT' };
  expect(matchesIdentifier(entity, { PatientID: '42', Modality: 'CT' })).toBe(true);
  expect(matchesIdentifier(entity, { PatientID: '42', Modality: 'MR' })).toBe(false);
});
