import { encodeDataSet, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExtractReader } from './extract-reader.ts';

const { ExplicitVRLittleEndian: EXPLICIT, ImplicitVRLittleEndian: IMPLICIT } = TransferSyntax;

/** Attributes with a few values each, so that data sets that follow each other share most of them. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  SpecificCharacterSet: ['ISO_IR 192', 'ISO_IR 100', 'UNKNOWN 7'],
  ImageType: [['ORIGINAL', 'PRIMARY'], ['DERIVED']],
  SOPInstanceUID: ['1.2.1', '1.2.22', '1.2.333'],
  StudyDate: ['20200102', '', { vr: 'DA', value: 'umlaut' }],
  AccessionNumber: [
    'A1',
    'A2',
    { vr: 'LO', value: 'another value representation' },
    { vr: 'UN', value: Buffer.from('AB') },
  ],
  Modality: ['CT', 'Ü'],
  ReferringPhysicianName: ['Doe^Jane', { Alphabetic: 'Müller^Ute' }],
  ProcedureCodeSequence: [[], [{ CodeValue: '1', CodeMeaning: 'one' }], [{ CodeValue: '2' }, { CodeMeaning: 'Ä' }]],
  PatientName: [{ Alphabetic: 'Doe^Jo' }, { Alphabetic: 'Dör^Jo' }],
  PatientID: ['P1', 'P2', ''],
  PatientComments: ['a'.repeat(300), 'b'.repeat(40_000), ''],
  InstanceNumber: [1, 2, 12],
  Rows: [60, 512],
  PixelSpacing: [
    [4, 4],
    [0.5, 0.5],
  ],
};

const extracts = fc.record(
  Object.fromEntries(Object.entries(VALUES).map(([keyword, values]) => [keyword, fc.constantFrom(...values)])),
  { requiredKeys: ['SOPInstanceUID'] },
);

function encoded(dataSet: UntypedDataSet, syntax: string): Buffer | undefined {
  try {
    return Buffer.from(encodeDataSet(dataSet, syntax));
  } catch {
    // Some of the texts are not in some of the character sets.
    return undefined;
  }
}

test('reads each extract as if it were the first', () => {
  fc.assert(
    fc.property(
      extracts,
      fc.array(fc.tuple(extracts, fc.subarray(Object.keys(VALUES), { maxLength: 3 }), fc.boolean()), { maxLength: 8 }),
      fc.constantFrom(EXPLICIT, IMPLICIT),
      (first, changes, syntax) => {
        const reader = new ExtractReader();
        let dataSet: Record<string, unknown> = first;
        for (const [values, changed, isOther] of [[first, [], false] as const, ...changes]) {
          dataSet = isOther ? values : { ...dataSet };
          for (const keyword of changed)
            if (keyword in values) dataSet[keyword] = (values as Record<string, unknown>)[keyword];
            else if (keyword !== 'SOPInstanceUID') delete dataSet[keyword];
          const bytes = encoded(dataSet, syntax);
          if (bytes) expect(reader.read(bytes, syntax)).toEqual(new ExtractReader().read(bytes, syntax));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test.each([
  ['an element that is cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['an unknown value representation', (bytes: Buffer) => bytes.fill('??', 4, 6)],
  ['a value that is longer than the extract', (bytes: Buffer) => bytes.fill(0xff, 6, 8)],
  ['other bytes', (bytes: Buffer) => Buffer.alloc(bytes.length, 7)],
])('reads %s as if it were the first', (_, damage) => {
  const whole = () => encoded({ SOPInstanceUID: '1.2.1', PatientID: 'P1' }, EXPLICIT) as Buffer;
  const reader = new ExtractReader();
  reader.read(whole(), EXPLICIT);
  expect(outcome(() => reader.read(damage(whole()), EXPLICIT))).toEqual(
    outcome(() => new ExtractReader().read(damage(whole()), EXPLICIT)),
  );
  expect(reader.read(whole(), EXPLICIT)).toEqual(new ExtractReader().read(whole(), EXPLICIT));
});

test('reads the same bytes in another character set as if they were the first', () => {
  const reader = new ExtractReader();
  for (const [SpecificCharacterSet, name] of [
    ['ISO_IR 100', 'Dvorè'],
    ['ISO_IR 101', 'Dvorč'],
  ]) {
    const extract = encoded({ SpecificCharacterSet, PatientName: { Alphabetic: name } }, EXPLICIT) as Buffer;
    expect(reader.read(extract, EXPLICIT).attributes.PatientName).toEqual({ Alphabetic: name });
  }
});

test('reads an attribute that is in the data set twice as if it were the first', () => {
  const twice = (value: string) =>
    Buffer.concat(['P1', value].map((PatientID) => encoded({ PatientID }, EXPLICIT) as Buffer));
  const reader = new ExtractReader();
  for (const value of ['P2', 'P3', 'P1'])
    expect(reader.read(twice(value), EXPLICIT)).toEqual(new ExtractReader().read(twice(value), EXPLICIT));
});

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).message;
  }
}
